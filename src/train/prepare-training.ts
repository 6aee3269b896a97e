import * as tf from '../engine/tensorflow.ts';
import { ConfigError, expected } from '../errors.ts';
import { type Layer, parseArchitecture } from '../networks/architecture.ts';
import { LossNetwork } from '../networks/loss-network.ts';
import { namedTensors } from '../networks/transform-net.ts';
import {
  isOfStyle,
  type ParameterSpec,
  smallestImage,
  transformNetParameters,
} from '../networks/transform-net-parameters.ts';
import { targetsOf, weightsOf } from './objective.ts';
import { tensorsOf } from './resume.ts';
import { stackedTargets } from './style-targets.ts';
import { buildTrainFunctions, type TrainFunctions } from './train-functions.ts';
import { firstState, firstStateAt } from './train-state.ts';
import { severalStyles, type TrainerOptions } from './trainer-options.ts';

/** What a trainer works with. */
export interface Preparation {
  readonly layers: readonly Layer[];
  /** The tensors that are trained. */
  readonly specs: readonly ParameterSpec[];
  readonly functions: TrainFunctions;
  /** Weights of the loss network, the paintings' targets and what else an interpreted step goes on using. */
  readonly owned: readonly tf.Tensor[];
}

/**
 * Loads the loss network, measures the painting or paintings and compiles the training step. Caller disposes.
 *
 * @throws {ConfigError} a layer that the loss network does not have, or crops too small. {WeightsError} its file ends
 *   before a layer. {CheckpointError} the state to go on from lacks a tensor.
 */
export function prepareTraining(options: TrainerOptions): Preparation {
  const { config, resume, addTo } = options;
  const layers = parseArchitecture(config.architecture);
  const smallest = smallestImage(layers);
  if (config.imageSize < smallest)
    throw new ConfigError(
      expected(`an image size of at least ${smallest} px for ${config.architecture}`, config.imageSize),
    );
  const several = severalStyles(options);
  const specs = transformNetParameters(layers, several?.length).filter(
    ({ name }) => addTo === undefined || isOfStyle(name),
  );
  const weights = weightsOf(config, options.lossNetwork.kind);
  const lossNetwork = new LossNetwork(options.lossNetwork, config.pooling);
  const owned: tf.Tensor[] = [...lossNetwork.tensors];
  const own = <T extends tf.Tensor | Readonly<Record<string, tf.Tensor>>>(made: T): T => {
    owned.push(...(made instanceof tf.Tensor ? [made] : Object.values(made)));
    return made;
  };
  try {
    const step = {
      layers,
      specs,
      lossNetwork,
      weights,
      stabilityWeight: config.stabilityWeight,
      style: own(
        'pixels' in options.painting
          ? targetsOf(options.painting, lossNetwork, weights)
          : stackedTargets(options.painting, lossNetwork, weights),
      ),
      styleWeights: several && own(tf.tensor1d(several.map(({ styleWeight }) => styleWeight))),
      frozen: addTo && own(namedTensors(addTo.filter(({ name }) => !isOfStyle(name)))),
    };
    const state = stateAtStart();
    try {
      const shared = { ...options, styles: several?.length, state, constants: owned };
      return { layers, specs, functions: buildTrainFunctions(step, shared), owned };
    } finally {
      tf.dispose(state);
    }
  } catch (error) {
    tf.dispose(owned);
    throw error;
  }

  function stateAtStart(): tf.Tensor[] {
    if (resume !== undefined) return tensorsOf(resume, specs);
    if (addTo === undefined) return firstState(specs, config.seed);
    return firstStateAt(Object.values(namedTensors(addTo.filter(({ name }) => isOfStyle(name)))));
  }
}
