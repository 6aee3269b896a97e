import { type ColorMap, mapColors } from '../../data/color-transfer.ts';
import { luminanceOf, withLuminance } from '../../data/luminance.ts';
import type { PixelRows } from '../../picture.ts';

/** What is done with a painted pixel; it sees the photo's at the same place. */
export interface Finish {
  /** `luminance` keeps the photo's chroma; a map brings the painting's colours to the photo's distribution. */
  readonly colors?: 'luminance' | ColorMap;
  /** The painting's share everywhere, 0 to 1. */
  readonly share: number;
  /** White is painted, black is the photo. As large as the photo. */
  readonly mask?: PixelRows<Float32Array>;
}

/** A painted picture with its colours, its share and its mask, in this order. May leave [0, 255]. */
export class FinishedRows implements PixelRows<Float32Array> {
  readonly width: number;
  readonly height: number;
  readonly #painted: PixelRows<Float32Array>;
  readonly #photo: PixelRows<Float32Array>;
  readonly #finish: Finish;

  /** @param photo as large as the painting. */
  constructor(painted: PixelRows<Float32Array>, photo: PixelRows<Float32Array>, finish: Finish) {
    this.width = painted.width;
    this.height = painted.height;
    this.#painted = painted;
    this.#photo = photo;
    this.#finish = finish;
  }

  read(from: number, to: number): Float32Array {
    const { colors, share, mask } = this.#finish;
    const painted = this.#painted.read(from, to);
    if (colors === undefined && share === 1 && mask === undefined) return painted;
    const photo = this.#photo.read(from, to);
    const coloured =
      colors === undefined
        ? painted
        : colors === 'luminance'
          ? withLuminance(photo, luminanceOf(painted))
          : mapColors(painted, colors);
    const region = mask?.read(from, to);
    if (share === 1 && region === undefined) return coloured;
    for (let i = 0; i < coloured.length; i++) {
      // A value beyond the range would be seen through a small share.
      const value = Math.min(255, Math.max(0, coloured[i]!));
      const own = region === undefined ? share : (share * Math.min(255, Math.max(0, region[i]!))) / 255;
      // Exactly the photo at 0 and the painting at 1.
      coloured[i] = own === 1 ? value : photo[i]! + own * (value - photo[i]!);
    }
    return coloured;
  }
}
