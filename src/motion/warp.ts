import type { PictureSize } from '../picture.ts';
import type { Flow } from './flow.ts';

/** What can be moved: [height, width, 3]. Of one type alone: reading from several is many times slower. */
export interface Sampled extends PictureSize {
  readonly values: Float32Array;
}

/** A frame as another frame's motion says it would look there. */
export interface Warped {
  /** [height, width, 3], may leave the range of what was moved. */
  readonly values: Float32Array;
  /** [height, width]: 1 where the motion comes from inside the frame, else 0 (and the frame's outermost pixels are shown). */
  readonly inside: Uint8Array;
}

/**
 * Fetches each pixel of a frame from where the flow says it is in another: W(x) = from(x + flow(x)), by Catmull and Rom's cubic
 * (Keys 1981, 'Cubic convolution interpolation', a = −1/2). Not bilinear: what is fetched again frame after frame would lose its
 * finest detail at once.
 *
 * @param flow from the frame shown to the frame fetched from.
 */
export function warped({ values: from, width, height }: Sampled, flow: Flow): Warped {
  const values = new Float32Array(3 * width * height);
  const inside = new Uint8Array(width * height);
  const across = new Float32Array(width);
  const down = new Float32Array(width);
  const stride = 3 * width;
  for (let y = 0, pixel = 0; y < height; y++) {
    flowOfRow(flow, y, across, down);
    for (let x = 0; x < width; x++, pixel++) {
      const atX = x + across[x]!;
      const atY = y + down[x]!;
      inside[pixel] = atX >= 0 && atY >= 0 && atX <= width - 1 && atY <= height - 1 ? 1 : 0;
      const left = Math.floor(atX);
      const top = Math.floor(atY);
      const t = atX - left;
      const s = atY - top;
      const to = 3 * pixel;
      const a0 = t * (-0.5 + t * (1 - 0.5 * t));
      const a1 = 1 + t * t * (1.5 * t - 2.5);
      const a2 = t * (0.5 + t * (2 - 1.5 * t));
      const a3 = t * t * (0.5 * t - 0.5);
      const b0 = s * (-0.5 + s * (1 - 0.5 * s));
      const b1 = 1 + s * s * (1.5 * s - 2.5);
      const b2 = s * (0.5 + s * (2 - 1.5 * s));
      const b3 = s * s * (0.5 * s - 0.5);
      const isFar = left < 1 || top < 1 || left > width - 3 || top > height - 3;
      const x0 = isFar ? 3 * held(left - 1, width) : 3 * left - 3;
      const x1 = isFar ? 3 * held(left, width) : 3 * left;
      const x2 = isFar ? 3 * held(left + 1, width) : 3 * left + 3;
      const x3 = isFar ? 3 * held(left + 2, width) : 3 * left + 6;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let j = 0; j < 4; j++) {
        const line = (isFar ? held(top - 1 + j, height) : top - 1 + j) * stride;
        const weight = j === 0 ? b0 : j === 1 ? b1 : j === 2 ? b2 : b3;
        const p0 = line + x0;
        const p1 = line + x1;
        const p2 = line + x2;
        const p3 = line + x3;
        red += weight * (a0 * from[p0]! + a1 * from[p1]! + a2 * from[p2]! + a3 * from[p3]!);
        green += weight * (a0 * from[p0 + 1]! + a1 * from[p1 + 1]! + a2 * from[p2 + 1]! + a3 * from[p3 + 1]!);
        blue += weight * (a0 * from[p0 + 2]! + a1 * from[p1 + 2]! + a2 * from[p2 + 2]! + a3 * from[p3 + 2]!);
      }
      values[to] = red;
      values[to + 1] = green;
      values[to + 2] = blue;
    }
  }
  return { values, inside };
}

function held(place: number, size: number): number {
  return place < 0 ? 0 : place >= size ? size - 1 : place;
}

/** The flow of a row of pixels, between the grid's places bilinearly. @param across filled. @param down filled. */
export function flowOfRow(flow: Flow, y: number, across: Float32Array, down: Float32Array): void {
  rowOfGrid(flow.across, flow, y, across);
  rowOfGrid(flow.down, flow, y, down);
}

/** A row of pixels of what is known on a grid of places, bilinearly. @param row filled. */
export function rowOfGrid(
  grid: Float32Array,
  { width, height, factor }: Pick<Flow, 'width' | 'height' | 'factor'>,
  y: number,
  row: Float32Array,
): void {
  if (factor === 1) {
    row.set(grid.subarray(y * width, y * width + row.length));
    return;
  }
  // A place is the middle of two pixels: each pixel lies a quarter of a place from the nearest one.
  const near = Math.min(height - 1, y >> 1);
  const far = Math.min(height - 1, Math.max(0, near + ((y & 1) === 0 ? -1 : 1)));
  const own = near * width;
  const other = far * width;
  let before = 0.75 * grid[own]! + 0.25 * grid[other]!;
  let here = before;
  for (let place = 0, x = 0; x < row.length; place++, x += 2) {
    const next = place + 1 < width ? 0.75 * grid[own + place + 1]! + 0.25 * grid[other + place + 1]! : here;
    row[x] = 0.75 * here + 0.25 * before;
    if (x + 1 < row.length) row[x + 1] = 0.75 * here + 0.25 * next;
    before = here;
    here = next;
  }
}
