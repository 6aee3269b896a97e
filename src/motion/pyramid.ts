import type { Picture, PictureSize } from '../picture.ts';
import { halved, luminancePlane, type Plane } from './plane.ts';

/** Border, px, in which a level continues its outermost values: how far a patch may leave it. */
export const PAD = 12;
/** The coarsest level's short side is not smaller. */
const LEAST_SIDE = 16;
/** From this short side on, the finest level is the frame at half its size. */
const LARGE_SIDE = 160;

/** A frame's luminance at one scale, with what patches are searched by. */
export interface Level extends PictureSize {
  /** With the border, [height + 2·PAD, width + 2·PAD]. */
  readonly padded: Float32Array;
  /** Central differences, [height, width]. */
  readonly across: Float32Array;
  readonly down: Float32Array;
}

export interface Pyramid {
  /** Pixels of the frame per place of the finest level, 1 or 2. */
  readonly factor: 1 | 2;
  /** The finest first, each half as large as the one before. */
  readonly levels: readonly Level[];
  /** The finest level without border. */
  readonly finest: Plane;
}

/** What is needed of a frame to find motion to or from it. */
export function pyramid(frame: Picture): Pyramid {
  const factor = Math.min(frame.width, frame.height) >= LARGE_SIDE ? 2 : 1;
  const finest = luminancePlane(frame, factor);
  const levels = [level(finest)];
  for (let plane = finest; Math.min(plane.width, plane.height) >= 2 * LEAST_SIDE; ) {
    plane = halved(plane);
    levels.push(level(plane));
  }
  return { factor, levels, finest };
}

function level({ values, width, height }: Plane): Level {
  const stride = width + 2 * PAD;
  const padded = new Float32Array(stride * (height + 2 * PAD));
  for (let y = 0; y < height; y++) {
    const to = (y + PAD) * stride + PAD;
    padded.set(values.subarray(y * width, (y + 1) * width), to);
    padded.fill(values[y * width]!, to - PAD, to);
    padded.fill(values[(y + 1) * width - 1]!, to + width, to + width + PAD);
  }
  for (let y = 0; y < PAD; y++) {
    padded.copyWithin(y * stride, PAD * stride, (PAD + 1) * stride);
    const last = (height + PAD - 1) * stride;
    padded.copyWithin((height + PAD + y) * stride, last, last + stride);
  }
  const across = new Float32Array(width * height);
  const down = new Float32Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    let at = (y + PAD) * stride + PAD;
    for (let x = 0; x < width; x++, to++, at++) {
      across[to] = (padded[at + 1]! - padded[at - 1]!) / 2;
      down[to] = (padded[at + stride]! - padded[at - stride]!) / 2;
    }
  }
  return { width, height, padded, across, down };
}
