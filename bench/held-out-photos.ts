/** Losses of a training's averaged weights on photos that it does not see. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readPicture, squareMiddle } from '../src/data/image-file.ts';
import { isPhotoName } from '../src/data/photo-files.ts';
import { compile } from '../src/engine/compile/compile.ts';
import { toTensor } from '../src/engine/pixels.ts';
import * as tf from '../src/engine/tensorflow.ts';
import { parseArchitecture } from '../src/networks/architecture.ts';
import { LossNetwork } from '../src/networks/loss-network.ts';
import type { LossNetworkWeights } from '../src/networks/loss-network-weights.ts';
import { transformNetParameters } from '../src/networks/transform-net-parameters.ts';
import type { Picture } from '../src/picture.ts';
import type { TrainConfig } from '../src/train/config.ts';
import { tensorsOf } from '../src/train/run/resume.ts';
import type { RunState } from '../src/train/run/run-state.ts';
import { type LossValues, lossValues, meanLosses } from '../src/train/step/loss-values.ts';
import { targetsOf, weightsOf } from '../src/train/step/objective.ts';
import type { TrainState } from '../src/train/step/train-state.ts';
import { makeEvaluation } from '../src/train/step/train-step.ts';

/** The middles of the first photos of a folder, their shorter side at so many px. */
export async function squarePhotos(folder: string, count: number, side: number): Promise<Picture[]> {
  const names = (await readdir(folder)).filter(isPhotoName).sort();
  return Promise.all(
    names.slice(0, count).map(async (name) => squareMiddle(await readPicture(join(folder, name)), side)),
  );
}

/** Means of the training objective's terms over the photos, compiled once, for any state of the run. */
export async function heldOutLosses(
  config: TrainConfig,
  weightsFile: LossNetworkWeights,
  painting: Picture,
  photos: readonly Picture[],
  first: RunState,
): Promise<(state: RunState) => LossValues> {
  const layers = parseArchitecture(config.architecture);
  const specs = transformNetParameters(layers);
  const lossNetwork = new LossNetwork(weightsFile, config.pooling);
  const weights = await weightsOf(config, weightsFile.kind);
  const style = targetsOf(painting, lossNetwork, weights);
  const evaluate = makeEvaluation({ layers, specs, lossNetwork, style, weights });
  const state = tensorsOf(first, specs);
  const program = (given: { photos: tf.Tensor }, all: TrainState) => ({
    outputs: evaluate(given, all),
    nextState: all,
  });
  const compiled = compile(program, {
    inputs: { photos: [1, photos[0]!.height, photos[0]!.width, 3] },
    state,
    constants: [...lossNetwork.tensors, ...Object.values(style)],
  });
  tf.dispose(state);
  return (of) => {
    const tensors = tensorsOf(of, specs);
    compiled.writeState(tensors);
    tf.dispose(tensors);
    const found = photos.map((photo) => {
      const input = toTensor(photo);
      const losses = compiled.run({ photos: input });
      const values = lossValues(losses);
      tf.dispose([input, losses]);
      return values;
    });
    return meanLosses(found);
  };
}
