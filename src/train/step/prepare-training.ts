import * as tf from '../../engine/tensorflow.ts';
import { type Layer, parseArchitecture } from '../../networks/architecture.ts';
import { forStyles } from '../../networks/conditional-parameters.ts';
import { LossNetwork } from '../../networks/loss-network.ts';
import { namedTensors } from '../../networks/transform-net.ts';
import {
  isOfStyle,
  type ParameterSpec,
  smallestImage,
  transformNetParameters,
} from '../../networks/transform-net-parameters.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { tensorsOf } from '../run/resume.ts';
import { type NetworkTrainerOptions, severalStyles } from '../trainer-options.ts';
import { weightsToStart } from '../warm-start.ts';
import { targetsOf, weightsOf } from './objective.ts';
import { isSamePhase, type Phase, phaseAt } from './schedule.ts';
import { stackedTargets } from './style-targets.ts';
import { buildTrainFunctions, type TrainFunctions } from './train-functions.ts';
import { firstState, type TrainState } from './train-state.ts';

/** What a trainer works with. */
export interface Preparation {
  readonly layers: readonly Layer[];
  /** The tensors that are trained. */
  readonly specs: readonly ParameterSpec[];
  readonly functions: PhaseFunctions;
  /** Weights of the loss network, the paintings' targets and what else an interpreted step keeps using. */
  readonly owned: readonly tf.Tensor[];
}

/**
 * Loads the loss network, measures the painting or paintings and compiles the training step of the phase to begin with. Caller
 * disposes.
 *
 * @throws {ConfigError} a layer that the loss network does not have, or crops too small. {WeightsError} its file ends
 *   before a layer. {CheckpointError} the state to resume from lacks a tensor.
 */
export async function prepareTraining(options: NetworkTrainerOptions): Promise<Preparation> {
  const { config, resume, addTo, warmStart } = options;
  const layers = parseArchitecture(config.architecture);
  const smallest = smallestImage(layers);
  const first = phaseAt(resume?.step ?? 0, config);
  if (first.imageSize < smallest)
    throw new ConfigError(
      expected(`crops of at least ${smallest} px for ${config.architecture}`, first.imageSize),
    );
  const warm =
    resume === undefined && warmStart !== undefined
      ? weightsToStart(warmStart, config.architecture, config.seed)
      : undefined;
  const several = severalStyles(options);
  const specs = transformNetParameters(layers, several?.length).filter(
    ({ name }) => addTo === undefined || isOfStyle(name),
  );
  const weights = await weightsOf(config, options.lossNetwork.kind, options.terms);
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
      style: own(
        'pixels' in options.painting
          ? targetsOf(options.painting, lossNetwork, weights)
          : stackedTargets(options.painting, lossNetwork, weights),
      ),
      styleWeights: several && own(tf.tensor1d(several.map(({ styleWeight }) => styleWeight))),
      clipNorm: config.clipNorm,
      frozen: addTo && own(namedTensors(addTo.filter(({ name }) => !isOfStyle(name)))),
    };
    const state = stateAtStart();
    try {
      const build: BuildForPhase = ({ imageSize, stabilityWeight }, from) =>
        buildTrainFunctions(
          { ...step, weights: { ...weights, stabilityWeight } },
          {
            ...{ ...options, config: { ...config, imageSize } },
            ...{ styles: several?.length, state: from, constants: owned },
          },
        );
      return { layers, specs, functions: phaseFunctions(build, first, state), owned };
    } finally {
      tf.dispose(state);
    }
  } catch (error) {
    tf.dispose(owned);
    throw error;
  }

  function stateAtStart(): TrainState {
    if (resume !== undefined) return tensorsOf(resume, specs);
    const given =
      addTo?.filter(({ name }) => isOfStyle(name)) ??
      (warm && several ? forStyles(warm, several.length) : warm);
    return firstState(specs, config.seed, given);
  }
}

/** Makes the functions of a phase, over a copy of the state. */
type BuildForPhase = (phase: Phase, state: TrainState) => TrainFunctions;

export interface PhaseFunctions extends TrainFunctions {
  /** Has the steps that follow be of this phase. */
  enter(phase: Phase): void;
}

/**
 * The training functions of one phase at a time: another phase makes them again, over the same state. All at once would
 * save nothing, as each has to be recorded and optimised all the same, and would keep several graphs.
 *
 * @param first phase. @param state is copied.
 */
function phaseFunctions(build: BuildForPhase, first: Phase, state: TrainState): PhaseFunctions {
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
