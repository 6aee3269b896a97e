import type { Flow } from './flow.ts';

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
