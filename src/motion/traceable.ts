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
  const { width, height, factor, across, down } = there;
  const seen = new Uint8Array(width * height);
  const boundary = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const [above, below] = [y === 0 ? 0 : -width, y === height - 1 ? 0 : width];
    const rows = (below - above) / width || 1;
    for (let x = 0; x < width; x++, at++) {
      const u = across[at]!;
      const v = down[at]!;
      const square = u * u + v * v;
      const left = x === 0 ? 0 : -1;
      const right = x === width - 1 ? 0 : 1;
      const columns = (right - left || 1) * factor;
      const ux = (across[at + right]! - across[at + left]!) / columns;
      const vx = (down[at + right]! - down[at + left]!) / columns;
      const uy = (across[at + below]! - across[at + above]!) / (rows * factor);
      const vy = (down[at + below]! - down[at + above]!) / (rows * factor);
      boundary[at] = ux * ux + vx * vx + uy * uy + vy * vy > 0.01 * square + 0.002 ? 1 : 0;
      const toX = x + u / factor;
      const toY = y + v / factor;
      // Half a place beyond the middle of the last one is where the frame ends.
      if (toX < -0.5 || toY < -0.5 || toX > width - 0.5 || toY > height - 0.5) continue;
      const column = Math.min(width - 1, Math.max(0, toX));
      const row = Math.min(height - 1, Math.max(0, toY));
      const x0 = Math.floor(column);
      const y0 = Math.floor(row);
      const x1 = Math.min(width - 1, x0 + 1);
      const y1 = Math.min(height - 1, y0 + 1);
      const fx = column - x0;
      const fy = row - y0;
      const [w00, w10, w01, w11] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
      const [p00, p10, p01, p11] = [y0 * width + x0, y0 * width + x1, y1 * width + x0, y1 * width + x1];
      const a = back.across;
      const d = back.down;
      const backU = w00 * a[p00]! + w10 * a[p10]! + w01 * a[p01]! + w11 * a[p11]!;
      const backV = w00 * d[p00]! + w10 * d[p10]! + w01 * d[p01]! + w11 * d[p11]!;
      const apart = (u + backU) ** 2 + (v + backV) ** 2;
      seen[at] = apart > 0.01 * (square + backU * backU + backV * backV) + 0.5 ? 0 : 1;
    }
  }
  return { seen, boundary };
}
