import { clamp } from './noise.ts';

/** Heights of the ground above the lake in metres, for any x (right) and z (away). */
export type HeightFunction = (x: number, z: number) => number;

/** Heights on a square grid. */
export type Grid = {
  fromX: number;
  fromZ: number;
  step: number;
  columns: number;
  rows: number;
  heights: Float32Array;
};

/** A square net of heights with the ground that rays meet. */
export type Terrain = {
  height: HeightFunction;
  /** Writes the upward normal to `out`; `reach` is the width over which slopes are evened out. */
  normal(x: number, z: number, reach: number, out: Float64Array): void;
  /** The distance at which the ray meets the ground before `limit`, or infinity. */
  trace(o: Float64Array, d: Float64Array, limit: number): number;
};

export function emptyGrid(fromX: number, fromZ: number, toX: number, toZ: number, step: number): Grid {
  const columns = Math.ceil((toX - fromX) / step) + 1;
  const rows = Math.ceil((toZ - fromZ) / step) + 1;
  const heights = new Float32Array(new SharedArrayBuffer(columns * rows * 4));
  return { fromX, fromZ, step, columns, rows, heights };
}

export function fillGridRow(grid: Grid, row: number, height: HeightFunction): void {
  for (let column = 0; column < grid.columns; column++) {
    grid.heights[row * grid.columns + column] = height(
      grid.fromX + column * grid.step,
      grid.fromZ + row * grid.step,
    );
  }
}

/** Ground from a fine grid near by and a coarse one that reaches to the last mountain. */
export function createTerrain(near: Grid, far: Grid): Terrain {
  let top = 0;
  for (const height of far.heights) top = Math.max(top, height);
  for (const height of near.heights) top = Math.max(top, height);
  const nearToX = near.fromX + (near.columns - 1) * near.step;
  const nearToZ = near.fromZ + (near.rows - 1) * near.step;
  const farToX = far.fromX + (far.columns - 1) * far.step;
  const farToZ = far.fromZ + (far.rows - 1) * far.step;

  function height(x: number, z: number): number {
    return x > near.fromX && x < nearToX && z > near.fromZ && z < nearToZ
      ? look(near, x, z)
      : look(far, x, z);
  }

  function normal(x: number, z: number, reach: number, out: Float64Array): void {
    const dx = height(x + reach, z) - height(x - reach, z);
    const dz = height(x, z + reach) - height(x, z - reach);
    const length = Math.hypot(dx, 2 * reach, dz);
    out[0] = -dx / length;
    out[1] = (2 * reach) / length;
    out[2] = -dz / length;
  }

  function trace(o: Float64Array, d: Float64Array, limit: number): number {
    const ox = o[0]!;
    const oy = o[1]!;
    const oz = o[2]!;
    const dx = d[0]!;
    const dy = d[1]!;
    const dz = d[2]!;
    let t = 0.05;
    let before = 0;
    for (let i = 0; i < 600 && t < limit; i++) {
      const x = ox + dx * t;
      const y = oy + dy * t;
      const z = oz + dz * t;
      if (y > top && dy >= 0) return Number.POSITIVE_INFINITY;
      if (x < far.fromX || x > farToX || z < far.fromZ || z > farToZ) return Number.POSITIVE_INFINITY;
      const gap = y - height(x, z);
      if (gap < 0.0004 * t) return refine(before, t, ox, oy, oz, dx, dy, dz);
      before = t;
      t += Math.max(0.1 + t * 0.0012, gap * 0.5);
    }
    return Number.POSITIVE_INFINITY;
  }

  function refine(
    from: number,
    to: number,
    ox: number,
    oy: number,
    oz: number,
    dx: number,
    dy: number,
    dz: number,
  ) {
    let low = from;
    let high = to;
    for (let i = 0; i < 6; i++) {
      const t = (low + high) / 2;
      if (oy + dy * t < height(ox + dx * t, oz + dz * t)) high = t;
      else low = t;
    }
    return low;
  }

  return { height, normal, trace };
}

function look(grid: Grid, x: number, z: number): number {
  const u = clamp((x - grid.fromX) / grid.step, 0, grid.columns - 1.001);
  const v = clamp((z - grid.fromZ) / grid.step, 0, grid.rows - 1.001);
  const i = Math.floor(u);
  const j = Math.floor(v);
  const a = u - i;
  const b = v - j;
  const at = j * grid.columns + i;
  const { heights } = grid;
  const low = heights[at]! * (1 - a) + heights[at + 1]! * a;
  const high = heights[at + grid.columns]! * (1 - a) + heights[at + grid.columns + 1]! * a;
  return low * (1 - b) + high * b;
}
