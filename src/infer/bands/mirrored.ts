import type { Mode } from '../../engine/ops/pad-border.ts';

/** The row or column that stands for one beyond the border, as `padBorder` has it; small images are mirrored to and fro. */
export function mirrored(at: number, size: number, mode: Mode): number {
  // Reflection does not repeat the outermost ones, symmetry does.
  const edge = mode === 'REFLECT' ? 1 : 0;
  const period = 2 * (size - edge);
  if (period === 0) return 0;
  const within = ((at % period) + period) % period;
  return within < size ? within : period - 1 + edge - within;
}
