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
function flowOfRow(flow: Flow, y: number, across: Float32Array, down: Float32Array): void {
  rowOfGrid(flow.across, flow, y, across);
  rowOfGrid(flow.down, flow, y, down);
}

/** A row of pixels of what is known on a grid of places, bilinearly. @param row filled. */
function rowOfGrid(
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

/** Where a frame's pixels can be traced into another one; on the flow's grid. */
export interface Traceable {
  /** [height, width]: 1 where a place is seen in both frames, 0 where it is covered, or comes from beyond the border. */
  readonly seen: Uint8Array;
  /** [height, width]: 1 where motions meet. */
  readonly boundary: Uint8Array;
}

/**
 * Finds what is covered and where motions meet (Sundaram, Brox and Keutzer 2010, 'Dense point trajectories by GPU-accelerated
 * large displacement optical flow', eq. 5 and 6, as Ruder et al. 2016 use them). With w from this frame to the other and ŵ back
 * from where w leads:
 *
 *   covered where |w + ŵ|² > 0.01 (|w|² + |ŵ|²) + 0.5,   boundary where |∇u|² + |∇v|² > 0.01 |w|² + 0.002
 *
 * in pixels of the frame.
 *
 * @param there from this frame to the other. @param back from the other to this one, on the same grid.
 */
export function traceable(there: Flow, back: Flow): Traceable {
  return { seen: seenPlaces(there, back), boundary: boundaries(there) };
}

/** The first half of `traceable`: its `seen`. */
export function seenPlaces(there: Flow, back: Flow): Uint8Array {
  const { width, height, factor, across, down } = there;
  const { across: backAcross, down: backDown } = back;
  const seen = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const u = across[at]!;
      const v = down[at]!;
      const toX = x + u / factor;
      const toY = y + v / factor;
      // Half a place beyond the middle of the last one is where the frame ends.
      if (toX < -0.5 || toY < -0.5 || toX > width - 0.5 || toY > height - 0.5) continue;
      const column = Math.min(width - 1, Math.max(0, toX));
      const row = Math.min(height - 1, Math.max(0, toY));
      const left = Math.floor(column);
      const top = Math.floor(row);
      const fx = column - left;
      const fy = row - top;
      const p00 = top * width + left;
      const p10 = left + 1 < width ? p00 + 1 : p00;
      const p01 = top + 1 < height ? p00 + width : p00;
      const p11 = p01 + p10 - p00;
      const w00 = (1 - fx) * (1 - fy);
      const w10 = fx * (1 - fy);
      const w01 = (1 - fx) * fy;
      const w11 = fx * fy;
      const backU =
        w00 * backAcross[p00]! + w10 * backAcross[p10]! + w01 * backAcross[p01]! + w11 * backAcross[p11]!;
      const backV = w00 * backDown[p00]! + w10 * backDown[p10]! + w01 * backDown[p01]! + w11 * backDown[p11]!;
      const apartU = u + backU;
      const apartV = v + backV;
      const lengths = u * u + v * v + backU * backU + backV * backV;
      seen[at] = apartU * apartU + apartV * apartV > 0.01 * lengths + 0.5 ? 0 : 1;
    }
  }
  return seen;
}

/** The second half. */
function boundaries({ width, height, factor, across, down }: Flow): Uint8Array {
  const boundary = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const above = y === 0 ? 0 : -width;
    const below = y === height - 1 ? 0 : width;
    const rows = ((below - above) / width || 1) * factor;
    for (let x = 0; x < width; x++, at++) {
      const u = across[at]!;
      const v = down[at]!;
      const left = x === 0 ? 0 : -1;
      const right = x === width - 1 ? 0 : 1;
      const columns = (right - left || 1) * factor;
      const ux = (across[at + right]! - across[at + left]!) / columns;
      const vx = (down[at + right]! - down[at + left]!) / columns;
      const uy = (across[at + below]! - across[at + above]!) / rows;
      const vy = (down[at + below]! - down[at + above]!) / rows;
      boundary[at] = ux * ux + vx * vx + uy * uy + vy * vy > 0.01 * (u * u + v * v) + 0.002 ? 1 : 0;
    }
  }
  return boundary;
}
