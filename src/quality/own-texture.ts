import type { Picture } from '../picture.ts';
import { explainedBy } from './least-squares.ts';
import { aboutLocalMeans } from './local-texture.ts';

/**
 * How much of the texture that was painted is not the photos' own: the share of the painted pictures' squares about their local
 * means that no linear function of the photo's three channels about theirs accounts for,
 *
 *   1 − R² = Σ_c min over w of ‖t_c − Σ_k w_ck p_k‖² / Σ_c ‖t_c‖²
 *
 * with t and p from `aboutLocalMeans`; w is one per photo. 0 is a photo in other colours, lighter or darker; 1 strokes that have
 * nothing to do with its detail.
 */
export function ownTexture(photos: readonly Picture[], painted: readonly Picture[]): number {
  let [explained, all] = [0, 0];
  photos.forEach((photo, i) => {
    const found = explainedBy(aboutLocalMeans(photo), aboutLocalMeans(painted[i]!));
    explained += found.explained;
    all += found.all;
  });
  // Blank pictures have nothing of the photo's; that they are blank is another fault.
  return all === 0 ? 1 : 1 - explained / all;
}
