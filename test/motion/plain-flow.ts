/** Optical flow by the equations alone, place by place in doubles: what assembly/motion/ must find. */
import type { Plane } from '../../src/motion/plane.ts';
import type { Pyramid } from '../../src/motion/pyramid.ts';

const [SIDE, STEP, PAD, MOST_STEPS, SHORTEST, STIFFNESS] = [8, 5, 12, 8, 0.05, 300];

type Vector = readonly [number, number];
/** Flow of a level, place by place, rows from the top. */
type Vectors = readonly Vector[];

/** A place's value; beyond the border the outermost ones go on. */
function valueAt({ values, width, height }: Plane, x: number, y: number): number {
  const [column, row] = [Math.min(width - 1, Math.max(0, x)), Math.min(height - 1, Math.max(0, y))];
  return values[row * width + column]!;
}

export function bilinear(plane: Plane, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - left, y - top];
  const row = (at: number) => (1 - fx) * valueAt(plane, left, at) + fx * valueAt(plane, left + 1, at);
  return (1 - fy) * row(top) + fy * row(top + 1);
}

const placesAlong = (side: number) =>
  Array.from({ length: Math.max(1, Math.ceil((side - SIDE) / STEP) + 1) }, (_, i) =>
    Math.max(0, Math.min(STEP * i, side - SIDE)),
  );

const held = (value: number, place: number, side: number) =>
  Math.max(-PAD - place, Math.min(side - SIDE + PAD - 1 - place, value));

const offsets = Array.from({ length: SIDE * SIDE }, (_, i): Vector => [i % SIDE, Math.floor(i / SIDE)]);
const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
/** Σ ab about the means. */
const product = (a: readonly number[], b: readonly number[]) =>
  sum(a.map((value, i) => value * b[i]!)) - (sum(a) * sum(b)) / a.length;

/** Kroeger et al. 2016, §2.1: Δu = H⁻¹ Σ ∇T (I(x + u) − T(x)), from the best of what is proposed. */
function found(template: Plane, target: Plane, [x, y]: Vector, proposed: readonly Vector[]): Vector {
  const places = offsets.map(([dx, dy]): Vector => [x + dx, y + dy]);
  const gx = places.map(([i, j]) => (valueAt(template, i + 1, j) - valueAt(template, i - 1, j)) / 2);
  const gy = places.map(([i, j]) => (valueAt(template, i, j + 1) - valueAt(template, i, j - 1)) / 2);
  const [xx, xy, yy] = [product(gx, gx) + STIFFNESS, product(gx, gy), product(gy, gy) + STIFFNESS];
  const apart = ([u, v]: Vector) =>
    places.map(([i, j]) => bilinear(target, i + u, j + v) - valueAt(template, i, j));
  const off = (one: Vector) => product(apart(one), apart(one));
  const hold = ([u, v]: Vector): Vector => [held(u, x, template.width), held(v, y, template.height)];

  let here = hold(proposed[0]!);
  let best = off(here);
  for (const other of proposed.slice(1)) {
    if (Math.abs(other[0] - here[0]) + Math.abs(other[1] - here[1]) < 0.25) continue;
    const next = off(hold(other));
    if (next < best) [here, best] = [hold(other), next];
  }
  const start = here;
  for (let step = 0; step < MOST_STEPS; step++) {
    const [alongX, alongY] = [product(gx, apart(here)), product(gy, apart(here))];
    const determinant = xx * yy - xy * xy;
    const move: Vector = [
      (yy * alongX - xy * alongY) / determinant,
      (xx * alongY - xy * alongX) / determinant,
    ];
    const next = hold([here[0] - move[0], here[1] - move[1]]);
    const reached = off(next);
    if (Math.hypot(next[0] - start[0], next[1] - start[1]) > SIDE || reached >= best) break;
    [here, best] = [next, reached];
    if (Math.hypot(...move) < SHORTEST) break;
  }
  return here;
}

function levelFlow(template: Plane, target: Plane, expected: Vectors): Vectors {
  const { width, height } = template;
  const [columns, rows] = [placesAlong(width), placesAlong(height)];
  const patches: Vector[] = [];
  for (const [row, y] of rows.entries())
    for (const [column, x] of columns.entries()) {
      const middle = Math.min(height - 1, y + SIDE / 2) * width + Math.min(width - 1, x + SIDE / 2);
      const proposed = [expected[middle]!];
      if (column > 0) proposed.push(patches.at(-1)!);
      if (row > 0) proposed.push(patches.at(-columns.length)!);
      patches.push(found(template, target, [x, y], proposed));
    }
  // Eq. 3: the mean of the patches over a place, weighed by how well each fits there.
  const sums = Array.from({ length: width * height }, () => [0, 0, 0]);
  patches.forEach(([u, v], i) => {
    for (const [dx, dy] of offsets) {
      const [x, y] = [columns[i % columns.length]! + dx, rows[Math.floor(i / columns.length)]! + dy];
      if (x >= width || y >= height) continue;
      const weight = 1 / Math.max(1, Math.abs(bilinear(target, x + u, y + v) - valueAt(template, x, y)));
      const all = sums[y * width + x]!;
      for (const [k, value] of [u, v, 1].entries()) all[k]! += weight * value;
    }
  });
  return sums.map(([u, v, weight]): Vector => [u! / weight!, v! / weight!]);
}

/** What `opticalFlow` finds: across and down of each place, px of the frames. */
export function plainFlow(from: Pyramid, to: Pyramid): Vectors {
  let flow: Vectors = [];
  for (let i = from.levels.length - 1; i >= 0; i--) {
    const { width, height } = from.levels[i]!;
    const coarse = from.levels[i + 1];
    const planes = [0, 1].map(
      (k): Plane => ({ ...coarse!, values: Float32Array.from(flow, (one) => one[k]!) }),
    );
    const expected = Array.from({ length: width * height }, (_, at): Vector => {
      if (coarse === undefined) return [0, 0];
      // The middle of a place of the finer grid lies a quarter of a place from one of the coarser.
      const [x, y] = [((at % width) - 0.5) / 2, (Math.floor(at / width) - 0.5) / 2];
      return [2 * bilinear(planes[0]!, x, y), 2 * bilinear(planes[1]!, x, y)];
    });
    flow = levelFlow(from.levels[i]!, to.levels[i]!, expected);
  }
  return flow.map(([u, v]): Vector => [from.factor * u, from.factor * v]);
}
