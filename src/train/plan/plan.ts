import type { CardMemory } from '../../engine/card-memory.ts';
import { parseArchitecture } from '../../networks/architecture.ts';
import type { LossNetworkWeights } from '../../networks/loss-network-weights.ts';
import { smallestImage } from '../../networks/transform-net-parameters.ts';
import { availableMemory } from '../../system/available-memory.ts';
import { ConfigError, expected, FileError } from '../../system/errors.ts';
import { freeDisk } from '../../system/scratch-file.ts';
import type { TrainConfig } from '../config.ts';
import { previewsBetween } from '../run/run-folder.ts';
import { phasesFrom } from '../step/schedule.ts';
import { AVERAGED_STEPS } from '../trainer-options.ts';
import { gpuMemory } from './gpu-memory.ts';
import { memoryFeatures, parameterCount, peakMemory, stateBytes } from './memory-model.ts';

export interface PlanOptions {
  readonly config: TrainConfig;
  readonly lossNetwork: Pick<LossNetworkWeights, 'kind' | 'layers' | 'steps'>;
  /** Height over width of the painting. */
  readonly paintingShape: number;
  /** Parts in which a batch is computed. */
  readonly accumulate: number;
  /** Steps that are left. */
  readonly steps: number;
  readonly keep: number;
  readonly previewEvery: number;
  /** Pixels of all preview photos together. */
  readonly previewPixels: number;
  /** On a GPU the precision; left away, the run is on a CPU. */
  readonly gpu?: 'f32' | 'bf16';
}

/** What a run will take, in bytes. */
export interface Plan {
  /** Peak of memory: of the process on a CPU, of the card on a GPU. */
  readonly memory: number;
  /** One saved state, and how many there are at once: those kept and one being written. */
  readonly state: number;
  readonly states: number;
  readonly checkpoint: number;
  readonly previews: number;
  readonly log: number;
  /** All that lands on a disk. */
  readonly disk: number;
}

/** JSON of the last losses and the settings, next to a state's tensors; a checkpoint's with the thumbnail. */
const STATE_METADATA = 16e3;
const CHECKPOINT_METADATA = 24e3;
/** A preview in JPEG at quality 92: painted photos take 0.3 to 0.45 bytes per pixel. */
const BYTES_PER_PIXEL = 0.5;
const LOG_LINE = 220;

/** What a run will take, from its settings alone: nothing is computed and nothing of TensorFlow loaded. */
export function planRun(options: PlanOptions): Plan {
  const { config, steps, keep, previewEvery, previewPixels } = options;
  const layers = parseArchitecture(config.architecture);
  const state = stateBytes(layers) + STATE_METADATA;
  const states = keep + 1;
  const checkpoint = 2 * parameterCount(layers) + CHECKPOINT_METADATA;
  const times = previewsBetween(0, steps, previewEvery);
  const previews = times * previewPixels * BYTES_PER_PIXEL;
  const log = LOG_LINE * (Math.ceil(steps / AVERAGED_STEPS) + 1);
  const memory = memoryOf(options, config);
  // A new checkpoint is written next to the one that it replaces.
  const disk = states * state + 2 * checkpoint + previews + log;
  return { memory, state, states, checkpoint, previews, log, disk };
}

/** A batch in parts takes the memory of one part; a run that of its largest phase. */
function memoryOf(
  { lossNetwork, paintingShape, accumulate, steps, gpu }: PlanOptions,
  config: TrainConfig,
  parts = accumulate,
): number {
  const batch = Math.ceil(config.batch / parts);
  const peaks = phasesFrom(Math.max(0, config.steps - steps), config).map(
    ({ imageSize, stabilityWeight }) => {
      const phase = { ...config, imageSize, stabilityWeight, batch };
      const features = memoryFeatures(phase, lossNetwork, paintingShape);
      return gpu === undefined ? peakMemory(features) : gpuMemory(features, gpu);
    },
  );
  return Math.max(...peaks);
}

/**
 * @throws {ConfigError} memory does not suffice: names a batch or crop that fits. {FileError} the disk does not.
 */
export function checkPlan(plan: Plan, options: PlanOptions, free: Room): void {
  const { batch, imageSize } = options.config;
  const room = roomOf(free);
  if (room !== undefined && plan.memory > room)
    throw new ConfigError(
      expected(
        `settings that fit into the ${gigabytes(room)} of ${free.card ? "the GPU's " : ''}memory that are free`,
        `a batch of ${batch} at ${imageSize} px, which takes about ${gigabytes(plan.memory)}`,
        `${proposal(options, room)}, or --ignore-plan to try anyway`,
      ),
    );
  if (plan.disk > free.disk)
    throw new FileError(
      expected(
        `${megabytes(plan.disk)} of room on the disk for states, previews and the checkpoint`,
        `${megabytes(free.disk)}`,
        'free some, choose another disk with --run, preview less often with --preview-every, or pass --ignore-plan',
      ),
    );
}

const SIZES = [512, 448, 384, 320, 256, 224, 192, 160, 128, 96, 64];

/** The batch in parts, which is the same training; the largest batch or crop that fits alone, or both smaller. */
function proposal(options: PlanOptions, room: number): string {
  const { config } = options;
  const smallest = smallestImage(parseArchitecture(config.architecture));
  const need = (batch: number, imageSize: number) => memoryOf(options, { ...config, batch, imageSize });
  const sizes = SIZES.filter((size) => size < config.imageSize && size >= smallest);
  const batches = Array.from({ length: config.batch - 1 }, (_, i) => config.batch - 1 - i).filter(
    (one) => one % options.accumulate === 0,
  );
  const batch = batches.find((one) => need(one, config.imageSize) <= room);
  const size = sizes.find((one) => need(config.batch, one) <= room);
  const divisors = Array.from({ length: config.batch }, (_, i) => i + 1).filter(
    (one) => one > options.accumulate && config.batch % one === 0,
  );
  const parts = divisors.find((one) => memoryOf(options, config, one) <= room);
  const words = [
    ...(parts === undefined
      ? []
      : [`--accumulate ${parts} (${gigabytes(memoryOf(options, config, parts))}, the same training)`]),
    ...(batch === undefined ? [] : [`--batch ${batch} (${gigabytes(need(batch, config.imageSize))})`]),
    ...(size === undefined ? [] : [`--image-size ${size} (${gigabytes(need(config.batch, size))})`]),
  ];
  if (words.length > 0) return `use ${words.join(' or ')}`;
  const both = sizes.find((one) => need(1, one) <= room);
  if (both !== undefined) return `use --batch 1 --image-size ${both} (${gigabytes(need(1, both))})`;
  return 'free memory, or use a loss network or an architecture with fewer channels or a smaller --style-size';
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
const megabytes = (bytes: number) => `${(bytes / 1e6).toPrecision(2)} MB`;

/** What is free here, in bytes. */
export interface Room {
  /** What the process can still get, besides the `resident` ones that it has. */
  readonly memory: number;
  readonly resident: number;
  /** Where the run's folder is. */
  readonly disk: number;
  /** On a GPU its memory, which is what counts there. */
  readonly card?: CardMemory | 'unknown';
}

/** What of the room a run's memory has to fit into; undefined for a card that does not say. */
export function roomOf({ memory, resident, card }: Room): number | undefined {
  if (card === undefined) return memory + resident;
  return card === 'unknown' ? undefined : card.free + card.own;
}

export interface CheckedPlan {
  readonly plan: Plan;
  readonly room: Room;
}

/**
 * Plans a run and compares the plan with the machine.
 *
 * @param card whose memory counts, where the run is on a GPU.
 * @param ignore does not refuse what seems not to fit.
 * @throws {ConfigError} memory does not suffice. {FileError} the disk does not.
 */
export function planHere(
  options: PlanOptions,
  runFolder: string,
  card: Room['card'],
  ignore: boolean,
): CheckedPlan {
  const plan = planRun(options);
  const room = {
    memory: availableMemory(),
    resident: process.memoryUsage.rss(),
    disk: freeDisk(runFolder),
    ...(card && { card }),
  };
  if (!ignore) checkPlan(plan, options, room);
  return { plan, room };
}
