import { createRandom } from './random.ts';
import type { Grid } from './terrain.ts';

const LIFETIME = 46;
const INERTIA = 0.25;
const CARRY = 5;
const SETTLE = 0.12;
const DIG = 0.28;
const DRY = 0.985;

/**
 * Lets rain cut gullies: each drop runs downhill, takes ground where it is quick, leaves it where it is slow.
 *
 * @param drops how many for each point of the grid, beyond `fromZ`.
 */
export function erode(grid: Grid, fromZ: number, drops: number): void {
  const { columns, rows, heights, step } = grid;
  const random = createRandom(77);
  const firstRow = Math.max(2, Math.ceil((fromZ - grid.fromZ) / step));
  const total = Math.round((rows - firstRow) * columns * drops);
  for (let drop = 0; drop < total; drop++) {
    let x = 2 + random() * (columns - 5);
    let z = firstRow + random() * (rows - 4 - firstRow);
    let wayX = 0;
    let wayZ = 0;
    let speed = 1;
    let water = 1;
    let load = 0;
    for (let life = 0; life < LIFETIME; life++) {
      const i = Math.floor(x);
      const j = Math.floor(z);
      const a = x - i;
      const b = z - j;
      const at = j * columns + i;
      const h00 = heights[at]!;
      const h10 = heights[at + 1]!;
      const h01 = heights[at + columns]!;
      const h11 = heights[at + columns + 1]!;
      const here = (h00 * (1 - a) + h10 * a) * (1 - b) + (h01 * (1 - a) + h11 * a) * b;
      wayX = wayX * INERTIA - ((h10 - h00) * (1 - b) + (h11 - h01) * b) * ((1 - INERTIA) / step);
      wayZ = wayZ * INERTIA - ((h01 - h00) * (1 - a) + (h11 - h10) * a) * ((1 - INERTIA) / step);
      const length = Math.hypot(wayX, wayZ);
      if (length < 1e-6) break;
      wayX /= length;
      wayZ /= length;
      x += wayX;
      z += wayZ;
      if (x < 2 || z < firstRow || x > columns - 3 || z > rows - 3) break;
      const fall = (here - heightAt(grid, x, z)) / step;
      const room = Math.max(fall, 0.02) * speed * water * CARRY;
      const change = fall < 0 ? -Math.min(load, -fall) : load > room ? -(load - room) * SETTLE : 0;
      const dug = change < 0 || fall < 0 ? change : Math.min((room - load) * DIG, fall * 0.5);
      load += dug;
      const loss = dug * step;
      heights[at] = h00 - loss * (1 - a) * (1 - b);
      heights[at + 1] = h10 - loss * a * (1 - b);
      heights[at + columns] = h01 - loss * (1 - a) * b;
      heights[at + columns + 1] = h11 - loss * a * b;
      speed = Math.sqrt(Math.max(0.01, speed * speed + fall * 4)) * 0.95;
      water *= DRY;
    }
  }
}

function heightAt(grid: Grid, x: number, z: number): number {
  const { columns, heights } = grid;
  const i = Math.floor(x);
  const j = Math.floor(z);
  const a = x - i;
  const b = z - j;
  const at = j * columns + i;
  const low = heights[at]! * (1 - a) + heights[at + 1]! * a;
  const high = heights[at + columns]! * (1 - a) + heights[at + columns + 1]! * a;
  return low * (1 - b) + high * b;
}
