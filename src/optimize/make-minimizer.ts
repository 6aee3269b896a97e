import { Adam } from './adam.ts';
import type { OptimizeConfig } from './config.ts';
import type { Bounds, Evaluate, Minimizer } from './evaluation.ts';
import { FixedStepLbfgs } from './fixed-step-lbfgs.ts';
import { Lbfgs } from './lbfgs.ts';

const PIXELS: Bounds = { lower: 0, upper: 255 };
/** Largest change of a pixel in the first trial step of L-BFGS, in grey levels. */
const FIRST_CHANGE = 8;

/** The configuration's minimiser over pixels, at its start. */
export function makeMinimizer<Terms>(
  { optimizer, clamp, spikeFactor }: Pick<OptimizeConfig, 'optimizer' | 'clamp' | 'spikeFactor'>,
  evaluate: Evaluate<Terms>,
  start: Float32Array,
): Minimizer<Terms> {
  const bounds = clamp && { bounds: PIXELS };
  if (optimizer.kind === 'lbfgs' && optimizer.lineSearch === 'none')
    return new FixedStepLbfgs(evaluate, start, { ...optimizer, ...bounds });
  const common = { spikeFactor, ...bounds };
  if (optimizer.kind === 'adam') return new Adam(evaluate, start, { ...optimizer, ...common });
  return new Lbfgs(evaluate, start, { ...optimizer, ...common, firstChange: FIRST_CHANGE });
}
