import { emptyPlane, type Plane } from './plane.ts';
import { type Level, PAD } from './pyramid.ts';

/** Side of a patch and distance of patches, px (Kroeger et al. 2016 have 8 px and an overlap of 0.4 for their second speed). */
export const [SIDE, STEP] = [8, 5];
const COUNT = SIDE * SIDE;
/** Steps of the descent at most, and the squared length, px², below which a step is the last. */
const [MOST_STEPS, SHORTEST] = [8, 0.05 ** 2];
/** Squared grey levels per squared pixel added to the diagonal: what has no texture stays where it was expected. */
const STIFFNESS = 300;

/** Displacement of each patch of a level, px of the level. */
export interface PatchFlow {
  readonly columns: number;
  readonly rows: number;
  readonly across: Float32Array;
  readonly down: Float32Array;
}

/** Left or top edge of a patch: the last one ends with the level. */
export function patchPlace(index: number, side: number): number {
  return Math.max(0, Math.min(STEP * index, side - SIDE));
}

/** Patches along a side. */
export function patchesAlong(side: number): number {
  return Math.max(1, Math.ceil((side - SIDE) / STEP) + 1);
}

/**
 * Where each patch of one level lies in another: inverse search (Kroeger et al. 2016, 'Fast Optical Flow using Dense Inverse Search',
 * §2.1), a descent on the sum of squared differences whose Hessian is the template's and so is computed once:
 *
 *   Δu = H⁻¹ Σ ∇T (I(x + u) − T(x)),  H = Σ ∇T ∇Tᵀ,  u ← u − Δu
 *
 * with means taken away (brightness may change). It begins at the best of what the coarser level says here and of what the
 * neighbours to the left and above have found.
 *
 * @param expected flow of the coarser level at this one's size, px of this level; none is no motion.
 */
export function searchPatches(
  template: Level,
  target: Level,
  expected: readonly [Plane, Plane] | undefined,
): PatchFlow {
  const { width, height } = template;
  const [columns, rows] = [patchesAlong(width), patchesAlong(height)];
  const across = new Float32Array(columns * rows);
  const down = new Float32Array(columns * rows);
  const patch = new Patch(template, target);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [x, y] = [patchPlace(column, width), patchPlace(row, height)];
      const at = row * columns + column;
      patch.place(x, y);
      const middle = Math.min(height - 1, y + SIDE / 2) * width + Math.min(width - 1, x + SIDE / 2);
      patch.begin(expected?.[0].values[middle] ?? 0, expected?.[1].values[middle] ?? 0);
      if (column > 0) patch.propose(across[at - 1]!, down[at - 1]!);
      if (row > 0) patch.propose(across[at - columns]!, down[at - columns]!);
      patch.descend();
      across[at] = patch.u;
      down[at] = patch.v;
    }
  }
  return { columns, rows, across, down };
}

/** One patch, moved over a level. A class, so that its arrays are made once. */
class Patch {
  u = 0;
  v = 0;
  readonly #template: Level;
  readonly #target: Level;
  readonly #values = new Float32Array(COUNT);
  readonly #gx = new Float32Array(COUNT);
  readonly #gy = new Float32Array(COUNT);
  #x = 0;
  #y = 0;
  #sumX = 0;
  #sumY = 0;
  #inverse: readonly [number, number, number] = [0, 0, 0];
  /** Of the last `#differences`: squared differences about their mean, and what the descent goes along. */
  #squares = 0;
  #alongX = 0;
  #alongY = 0;
  #best = 0;

  constructor(template: Level, target: Level) {
    this.#template = template;
    this.#target = target;
  }

  /** Takes the template at a place, and its Hessian. */
  place(x: number, y: number): void {
    const { width, padded, across, down } = this.#template;
    const stride = width + 2 * PAD;
    const [values, gradientX, gradientY] = [this.#values, this.#gx, this.#gy];
    [this.#x, this.#y] = [x, y];
    let [sumX, sumY, xx, xy, yy] = [0, 0, 0, 0, 0];
    for (let j = 0, k = 0; j < SIDE; j++) {
      let from = (y + j) * width + x;
      let source = (y + j + PAD) * stride + x + PAD;
      for (let i = 0; i < SIDE; i++, k++) {
        const gx = across[from]!;
        const gy = down[from]!;
        from++;
        values[k] = padded[source++]!;
        gradientX[k] = gx;
        gradientY[k] = gy;
        sumX += gx;
        sumY += gy;
        xx += gx * gx;
        xy += gx * gy;
        yy += gy * gy;
      }
    }
    [this.#sumX, this.#sumY] = [sumX / COUNT, sumY / COUNT];
    xx += STIFFNESS - (sumX * sumX) / COUNT;
    yy += STIFFNESS - (sumY * sumY) / COUNT;
    xy -= (sumX * sumY) / COUNT;
    const determinant = xx * yy - xy * xy;
    this.#inverse = [yy / determinant, -xy / determinant, xx / determinant];
  }

  begin(u: number, v: number): void {
    [this.u, this.v] = this.#held(u, v);
    this.#best = this.#differences(this.u, this.v);
  }

  /** Takes another displacement if it fits better. */
  propose(u: number, v: number): void {
    if (Math.abs(u - this.u) + Math.abs(v - this.v) < 0.25) return;
    const [a, b] = this.#held(u, v);
    const found = this.#differences(a, b);
    if (found >= this.#best) return;
    this.#best = found;
    [this.u, this.v] = [a, b];
  }

  /** Goes down from where it is, for as long as it fits better; never further than its own side. */
  descend(): void {
    const [u0, v0] = [this.u, this.v];
    let [u, v] = [u0, v0];
    this.#best = this.#differences(u, v);
    const [a, b, c] = this.#inverse;
    for (let step = 0; step < MOST_STEPS; step++) {
      const du = a * this.#alongX + b * this.#alongY;
      const dv = b * this.#alongX + c * this.#alongY;
      [u, v] = this.#held(u - du, v - dv);
      if ((u - u0) ** 2 + (v - v0) ** 2 > SIDE * SIDE) return;
      const found = this.#differences(u, v);
      if (found >= this.#best) return;
      this.#best = found;
      [this.u, this.v] = [u, v];
      if (du * du + dv * dv < SHORTEST) return;
    }
  }

  /** As far as the border goes. */
  #held(u: number, v: number): [number, number] {
    const { width, height } = this.#template;
    const right = width - SIDE + PAD - 1 - this.#x;
    const bottom = height - SIDE + PAD - 1 - this.#y;
    return [Math.max(-PAD - this.#x, Math.min(right, u)), Math.max(-PAD - this.#y, Math.min(bottom, v))];
  }

  /** Differences to the target at a displacement, which is the same for all of the patch: so are bilinear weights. */
  #differences(u: number, v: number): number {
    const { width, padded } = this.#target;
    const stride = width + 2 * PAD;
    const [left, top] = [Math.floor(u), Math.floor(v)];
    const [fx, fy] = [u - left, v - top];
    const [w00, w10, w01, w11] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
    const [values, gx, gy] = [this.#values, this.#gx, this.#gy];
    let at = (this.#y + top + PAD) * stride + this.#x + left + PAD;
    let [sum, squares, alongX, alongY] = [0, 0, 0, 0];
    for (let j = 0, k = 0; j < SIDE; j++, at += stride - SIDE) {
      let above = padded[at]!;
      let below = padded[at + stride]!;
      for (let i = 0; i < SIDE; i++, k++, at++) {
        const nextAbove = padded[at + 1]!;
        const nextBelow = padded[at + stride + 1]!;
        const difference = w00 * above + w10 * nextAbove + w01 * below + w11 * nextBelow - values[k]!;
        above = nextAbove;
        below = nextBelow;
        sum += difference;
        squares += difference * difference;
        alongX += gx[k]! * difference;
        alongY += gy[k]! * difference;
      }
    }
    this.#alongX = alongX - this.#sumX * sum;
    this.#alongY = alongY - this.#sumY * sum;
    this.#squares = squares - (sum * sum) / COUNT;
    return this.#squares;
  }
}

/**
 * A flow for every place: the mean of what the patches over it say, each weighed by how well it fits there (Kroeger et al. 2016,
 * eq. 3), 1 / max(1, |I(x + u) − T(x)|).
 *
 * @returns across and down, px of the level.
 */
export function densified(patches: PatchFlow, template: Level, target: Level): [Plane, Plane] {
  const { width, height } = template;
  const [u, v, weights] = [
    emptyPlane(width, height),
    emptyPlane(width, height),
    new Float32Array(width * height),
  ];
  const [us, vs, here, there] = [u.values, v.values, template.padded, target.padded];
  const stride = width + 2 * PAD;
  for (let row = 0, index = 0; row < patches.rows; row++) {
    const y = patchPlace(row, height);
    for (let column = 0; column < patches.columns; column++, index++) {
      const x = patchPlace(column, width);
      const [across, down] = [patches.across[index]!, patches.down[index]!];
      const [left, top] = [Math.floor(across), Math.floor(down)];
      const [fx, fy] = [across - left, down - top];
      const [w00, w10, w01, w11] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
      for (let j = 0; j < SIDE; j++) {
        let to = (y + j) * width + x;
        let own = (y + j + PAD) * stride + x + PAD;
        let at = own + top * stride + left;
        let above = there[at]!;
        let below = there[at + stride]!;
        for (let i = 0; i < SIDE; i++, to++, own++, at++) {
          const nextAbove = there[at + 1]!;
          const nextBelow = there[at + stride + 1]!;
          const value = w00 * above + w10 * nextAbove + w01 * below + w11 * nextBelow;
          above = nextAbove;
          below = nextBelow;
          const weight = 1 / Math.max(1, Math.abs(value - here[own]!));
          weights[to]! += weight;
          us[to]! += weight * across;
          vs[to]! += weight * down;
        }
      }
    }
  }
  for (let i = 0; i < weights.length; i++) {
    us[i]! /= weights[i]!;
    vs[i]! /= weights[i]!;
  }
  return [u, v];
}
