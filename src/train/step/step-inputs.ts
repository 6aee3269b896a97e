import type { ShapesOf } from '../../engine/compile/compile.ts';
import type { TrainConfig } from '../config.ts';
import type { PhotoSamples } from '../trainer-options.ts';
import type { PhotosGiven, TrainStepOptions } from './loss-and-gradients.ts';
import { changeShapes } from './stability-changes.ts';
import type { EvaluationInputs } from './train-step.ts';

/** What the inputs of a step, and of an evaluation, hang on. */
export interface StepInputOptions {
  readonly config: Pick<TrainConfig, 'imageSize'>;
  /** What a step's photos come as; those of an evaluation are floats. Defaults to bytes. */
  readonly samples?: PhotoSamples | undefined;
  /** Several styles in one network: how many. */
  readonly styles?: number | undefined;
}

/** Names of a step's inputs that are bytes. */
export function byteInputs({ samples = 'bytes' }: StepInputOptions): readonly string[] {
  return samples === 'bytes' ? ['photos'] : [];
}

/** Shapes of the inputs of a step for a number of photos. */
export function inputShapes(
  { weights: { stabilityWeight = 0 } }: TrainStepOptions,
  { config: { imageSize }, styles }: StepInputOptions,
  count: number,
): ShapesOf<PhotosGiven> {
  return {
    photos: [count, imageSize, imageSize, 3],
    ...(styles !== undefined && { choices: [count, styles] }),
    ...(stabilityWeight > 0 && { changes: changeShapes(count, imageSize) }),
  };
}

/** One photo at a time: more would take more memory than a step. */
export function evaluationShapes({
  config: { imageSize },
  styles,
}: StepInputOptions): ShapesOf<EvaluationInputs> {
  return {
    photos: [1, imageSize, imageSize, 3],
    ...(styles !== undefined && { choices: [1, styles] }),
  };
}
