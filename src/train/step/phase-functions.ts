import * as tf from '../../engine/tensorflow.ts';
import { isSamePhase, type Phase } from './phases.ts';
import type { TrainFunctions } from './train-functions.ts';
import type { TrainState } from './train-state.ts';

/** Makes the functions of a phase, over a copy of the state. */
export type BuildForPhase = (phase: Phase, state: TrainState) => TrainFunctions;

export interface PhaseFunctions extends TrainFunctions {
  /** Has the steps that follow be of this phase. */
  enter(phase: Phase): void;
}

/**
 * The training functions of one phase at a time: another phase has them made anew, over the same state. All at once would
 * save nothing, as each has to be recorded and optimised all the same, and would keep several graphs.
 *
 * @param first phase. @param state is copied.
 */
export function phaseFunctions(build: BuildForPhase, first: Phase, state: TrainState): PhaseFunctions {
  let current = { phase: first, functions: build(first, state) };
  const enter = (phase: Phase) => {
    if (isSamePhase(phase, current.phase)) return;
    const values = current.functions.readState();
    try {
      // First, so that two graphs are never in memory at once.
      current.functions.dispose();
      current = { phase, functions: build(phase, values) };
    } finally {
      tf.dispose(values);
    }
  };
  return {
    enter,
    step: (given) => current.functions.step(given),
    evaluate(given) {
      // Of crops of any side, and without the stability term in every phase.
      enter({ ...current.phase, imageSize: given.photos.shape[1]! });
      return current.functions.evaluate(given);
    },
    readState: () => current.functions.readState(),
    writeState: (values) => current.functions.writeState(values),
    dispose: () => current.functions.dispose(),
  };
}
