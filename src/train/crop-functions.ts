import * as tf from '../engine/tensorflow.ts';
import type { TrainFunctions } from './train-functions.ts';

/** Makes the functions for crops of a side in px, over a copy of the state. */
export type BuildForCrops = (side: number, state: readonly tf.Tensor[]) => TrainFunctions;

/**
 * The training functions for crops of one side at a time: a batch of another side has them made anew, over the same state.
 * Both at once would save nothing, as each has to be recorded and optimised all the same, and would keep two graphs.
 *
 * @param side of the crops to come first, px. @param state is copied.
 */
export function functionsForCrops(
  build: BuildForCrops,
  side: number,
  state: readonly tf.Tensor[],
): TrainFunctions {
  let current = { side, functions: build(side, state) };
  const forSide = ({ shape: [, wanted] }: tf.Tensor4D): TrainFunctions => {
    if (wanted === current.side) return current.functions;
    const values = current.functions.readState();
    try {
      // First, so that two graphs are never in memory at once.
      current.functions.dispose();
      current = { side: wanted, functions: build(wanted, values) };
    } finally {
      tf.dispose(values);
    }
    return current.functions;
  };
  return {
    step: (batch, ...rates) => forSide(batch).step(batch, ...rates),
    evaluate: (batch, choices) => forSide(batch).evaluate(batch, choices),
    readState: () => current.functions.readState(),
    writeState: (values) => current.functions.writeState(values),
    dispose: () => current.functions.dispose(),
  };
}
