import type { Batching } from '../engine/batching.ts';
import type { Precision } from '../engine/compile/compile.ts';
import type { Term } from '../losses/term.ts';
import type { LossNetworkWeights } from '../networks/loss-network-weights.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import type { Picture } from '../picture.ts';
import type { TrainConfig } from './config.ts';
import type { StepHealth } from './guard/step-check.ts';
import type { DataPosition, RunState } from './run/run-state.ts';
import type { BatchLosses } from './step/loss-values.ts';
import type { StyleTarget } from './step/style-targets.ts';
import type { WarmStart } from './warm-start.ts';

/** How the numbers of photos come to a step. */
export type PhotoSamples = 'bytes' | 'floats';

/** Photos for one step: [count, size, size, 3], RGB, 0 to 255, and where the next ones begin. */
export interface PhotoBatch {
  /** Of `NetworkTrainerOptions.samples`. */
  readonly pixels: Uint8Array | Float32Array;
  readonly size: number;
  readonly count: number;
  readonly position: DataPosition;
}

export interface NetworkTrainerOptions {
  readonly config: TrainConfig;
  /** The painting; for several styles in one network, each with its style weight. */
  readonly painting: Picture | readonly StyleTarget[];
  /**
   * For a style that is added to a trained network: all its parameters in the form of one style, of which only scales
   * and offsets are trained, from what they are here; the rest stays.
   */
  readonly addTo?: readonly NamedArray[] | undefined;
  readonly lossNetwork: LossNetworkWeights;
  /** Id of the data set that batches come from. */
  readonly dataset: string;
  /** Batches of `config.batch` crops of the given px (`phaseAt`), endless, from the start or from a position. */
  readonly openBatches: (
    position: DataPosition | undefined,
    side: number,
  ) => AsyncGenerator<PhotoBatch, void, void>;
  /** What batches come as. Defaults to bytes. */
  readonly samples?: PhotoSamples;
  readonly precision: Precision;
  /** Terms of the caller's own, added to the objective. A resumed run is given them again. */
  readonly terms?: readonly Term[];
  /** `eager` runs op by op, for debugging. Defaults to `compiled`. */
  readonly engine?: 'compiled' | 'eager';
  /** Parts into which a batch is split, one after the other in the memory of one. Defaults to 1. */
  readonly accumulate?: number;
  /** Defaults to the device's (`batchingOfDevice`). */
  readonly batching?: Batching;
  /** Whether `evaluate` is wanted. Defaults to false. */
  readonly evaluates?: boolean;
  /** Starts from these weights instead of drawn ones; a resumed run has its own. */
  readonly warmStart?: WarmStart;
  /** The run's id (`RunState.run`), of one that does not resume; drawn unless given. */
  readonly run?: string | undefined;
  /** Goes on from here instead of from first weights. */
  readonly resume?: RunState;
}

/** One step done. */
export interface StepProgress {
  /** Steps done, this one included. */
  readonly step: number;
  /** Loss terms of this step's batch, unweighted but for the total. */
  readonly losses: BatchLosses;
  readonly health: StepHealth;
  readonly learningRate: number;
}

/** Over how many steps the losses of log and checkpoint are averaged. */
export const AVERAGED_STEPS = 50;

/** The styles that share the network, where there is more than one painting to train on. */
export function severalStyles({
  painting,
}: Pick<NetworkTrainerOptions, 'painting'>): readonly StyleTarget[] | undefined {
  return 'pixels' in painting ? undefined : painting;
}
