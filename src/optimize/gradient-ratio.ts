import type { Evaluation } from './evaluation.ts';
import { norm } from './vectors.ts';

/**
 * How many times as long the gradient is on a picture of another size: what a minimiser has remembered of the old size is
 * brought to the new one by it.
 *
 * @param resize brings a vector of the old size to the new one. @returns 1 where a gradient is zero or not finite.
 */
export function gradientRatio(
  before: Evaluation<unknown>,
  after: Evaluation<unknown>,
  resize: (vector: Float32Array) => Float32Array,
): number {
  const ratio = norm(after.gradient) / norm(resize(before.gradient));
  return Number.isFinite(ratio) && ratio > 0 ? ratio : 1;
}
