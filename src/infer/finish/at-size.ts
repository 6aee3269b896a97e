import type { PictureSize, PixelRows } from '../../picture.ts';
import { CrispRows } from './crisp-rows.ts';
import { ResampledRows } from './resampled-rows.ts';

/**
 * A painted picture at another size with its strokes crisp: enlarged by two at a time, the strokes' edges drawn again each
 * time (`CrispRows`); shrunk at once.
 */
export function atSize(painted: PixelRows<Float32Array>, size: PictureSize): PixelRows<Float32Array> {
  const times = Math.max(size.width / painted.width, size.height / painted.height);
  if (times <= 1) return new ResampledRows(painted, size);
  if (times <= 2) return new CrispRows(new ResampledRows(painted, size), Math.log2(times));
  const doubled = { width: 2 * painted.width, height: 2 * painted.height };
  return atSize(new CrispRows(new ResampledRows(painted, doubled), 1), size);
}
