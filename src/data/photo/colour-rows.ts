/** Photos with transparency as a network can take them: colours everywhere, alpha apart. */
import { type LayeredPicture, type Samples, separated } from '../../picture.ts';
import type { StreamedPhoto } from './streamed-photo.ts';
import { TransparentFill } from './transparent-fill.ts';

/** Value of an opaque pixel's alpha. */
const opaque = (samples: Samples) => (samples instanceof Uint16Array ? 65535 : 255);

/** Puts the colours of what is visible behind what is not, in place. */
export function fillTransparent(picture: LayeredPicture): void {
  const { pixels, alpha } = picture;
  if (alpha === undefined) return;
  const fill = new TransparentFill(picture, opaque(alpha));
  fill.add(pixels, alpha, 0);
  fill.spread();
  fill.apply(pixels, alpha, 0);
}

/** Colours of a streamed photo, row by row. */
export interface ColourRows {
  readonly width: number;
  readonly height: number;
  /** [to − from, width, 3], with colours behind what is transparent; good until the next call. */
  read(from: number, to: number): Samples;
  /** [to − from, width], where the photo has transparency. */
  alpha(from: number, to: number): Samples | undefined;
}

/** Bytes of a photo that are looked at together. */
const BAND = 2 ** 22;

/** Passes once over a photo that has transparency, to find its colours. */
export function colourRows(photo: StreamedPhoto): ColourRows {
  const { width, height, channels, bits } = photo;
  if (channels === 3) {
    return { width, height, read: (from, to) => photo.read(from, to), alpha: () => undefined };
  }
  const fill = new TransparentFill({ width, height }, bits === 16 ? 65535 : 255);
  const rows = Math.max(1, Math.floor(BAND / (width * channels * (bits / 8))));
  for (let from = 0; from < height; from += rows) {
    const { pixels, alpha } = separated(photo.read(from, Math.min(height, from + rows)), channels);
    fill.add(pixels, alpha!, from);
  }
  fill.spread();
  return {
    width,
    height,
    read(from, to) {
      const { pixels, alpha } = separated(photo.read(from, to), channels);
      fill.apply(pixels, alpha!, from);
      return pixels;
    },
    alpha: (from, to) => separated(photo.read(from, to), channels).alpha,
  };
}
