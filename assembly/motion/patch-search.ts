/** Where the patches of one level lie in another. */
import { floats } from '../floats';
import { begin, descend, ofLevels, place, propose, SIDE, u, v } from './patch';

/** Distance of patches, px (of 8 px: Kroeger et al. 2016 have an overlap of 0.4 for their second speed). */
const STEP: i32 = 5;

/** Left or top edge of a patch: the last one ends with the level. */
export function patchPlace(index: i32, side: i32): i32 {
  return max(0, min(STEP * index, side - SIDE));
}

/** Patches along a side. */
export function patchesAlong(side: i32): i32 {
  return max(1, (side - SIDE + STEP - 1) / STEP + 1);
}

/**
 * Inverse search (Kroeger et al. 2016, 'Fast Optical Flow using Dense Inverse Search', §2.1), a descent on the sum of squared
 * differences whose Hessian is the template's and so is computed once:
 *
 *   Δu = H⁻¹ Σ ∇T (I(x + u) − T(x)),  H = Σ ∇T ∇Tᵀ,  u ← u − Δu
 *
 * with means taken away (brightness may change). It begins at the best of what the coarser level says here and of what the
 * neighbours to the left and above have found.
 *
 * @param template padded. @param target padded. @param expectedU [height, width], the coarser level's at this one's size, px of this level.
 * @param across of each patch, filled, px of the level.
 */
export function searchPatches(
  template: usize,
  target: usize,
  width: i32,
  height: i32,
  expectedU: usize,
  expectedV: usize,
  across: usize,
  down: usize,
): void {
  const columns = patchesAlong(width);
  const rows = patchesAlong(height);
  const above = floats(columns);
  ofLevels(target, width, height);
  for (let row = 0, at: usize = 0; row < rows; row++) {
    const y = patchPlace(row, height);
    const middleRow = min(height - 1, y + SIDE / 2) * width;
    for (let column = 0; column < columns; column++, at += 4) {
      const x = patchPlace(column, width);
      place(template, x, y);
      const middle = floats(middleRow + min(width - 1, x + SIDE / 2));
      begin(f32.load(expectedU + middle), f32.load(expectedV + middle));
      if (column > 0) propose(f32.load(across + at - 4), f32.load(down + at - 4));
      if (row > 0) propose(f32.load(across + at - above), f32.load(down + at - above));
      descend();
      f32.store(across + at, u);
      f32.store(down + at, v);
    }
  }
}
