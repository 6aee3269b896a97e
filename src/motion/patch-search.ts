import { Patch, SIDE } from './patch.ts';
import { emptyPlane, type Plane } from './plane.ts';
import { type Level, PAD } from './pyramid.ts';

/** Distance of patches, px (of 8 px: Kroeger et al. 2016 have an overlap of 0.4 for their second speed). */
export const STEP = 5;

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
      const x = patchPlace(column, width);
      const y = patchPlace(row, height);
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
      const across = patches.across[index]!;
      const down = patches.down[index]!;
      const left = Math.floor(across);
      const top = Math.floor(down);
      const fx = across - left;
      const fy = down - top;
      const w00 = (1 - fx) * (1 - fy);
      const w10 = fx * (1 - fy);
      const w01 = (1 - fx) * fy;
      const w11 = fx * fy;
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
          const off = Math.abs(value - here[own]!);
          // 1 / max(1, off), without a branch that goes either way from pixel to pixel.
          const weight = 2 / (off + 1 + Math.abs(off - 1));
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
