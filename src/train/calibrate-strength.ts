import { setImmediate } from 'node:timers/promises';
import { batches } from '../data/batches.ts';
import type { PixelPicture } from '../engine/pixels.ts';
import { ConfigError, expected } from '../errors.ts';
import type { TrainConfig } from './config.ts';
import { type ProbeLosses, type ProbeOptions, ProbePictures } from './probe-pictures.ts';
import { contentLostAt } from './strength.ts';

/** Photos painted as probes, and the side of their crops at most, px. */
const PROBES = 3;
const PROBE_SIZE = 160;

/**
 * Stages of a calibration: steps, and share of the full step size. Pictures settle at one weight in each; at its end the
 * weight is corrected.
 */
const STAGES = [
  { steps: 45, rate: 1 },
  { steps: 35, rate: 0.6 },
  { steps: 35, rate: 0.4 },
] as const;
/** Steps at the end of a stage over which the content lost is averaged. */
const AVERAGED = 5;
/** How the content lost grows with the style weight, as a power; paintings lie between 0.4 and 0.55. */
const POWER = 0.45;
/** Where the weight begins, and how far it may go. */
const FIRST_WEIGHT = 4;
const RANGE = [1e-4, 1e5] as const;

export interface Calibration {
  /** The style weight that brings the strength about; content and smoothness keep theirs. */
  readonly styleWeight: number;
  /** What the probes have lost and missed with it. */
  readonly losses: ProbeLosses;
  /** The probes as they ended: about what a network trained with the weight paints of these photos. */
  readonly pictures: readonly PixelPicture[];
}

export interface CalibrationOptions extends ProbeOptions {
  readonly strength: number;
  readonly progress?: (step: number, steps: number) => void;
}

/**
 * Finds the style weight of a strength for this painting, loss network, layers and size: probe pictures are optimised
 * under the objective of training, and at the end of each of three stages the weight w follows the share of content that
 * they have lost,
 *
 *   w ← w · (lost(s) / content)^(1 / 0.45)
 *
 * to three digits at last. The same photos and settings give the same weight.
 *
 * @throws {ConfigError} no style weight brings the strength about, or the layers do not fit.
 */
export async function calibrateStrength(options: CalibrationOptions): Promise<Calibration> {
  const { strength, progress = () => undefined, ...probeOptions } = options;
  checkContentWeight(options.config);
  const target = contentLostAt(strength);
  const probes = new ProbePictures(probeOptions);
  try {
    let weight = FIRST_WEIGHT * options.config.contentWeight;
    let losses: ProbeLosses = { content: 0, style: 0 };
    const total = STAGES.reduce((sum, { steps }) => sum + steps, 0);
    let done = 0;
    for (const { steps, rate } of STAGES) {
      const last: ProbeLosses[] = [];
      for (let step = 1; step <= steps; step++) {
        const now = probes.step(weight, rate);
        if (step > steps - AVERAGED) last.push(now);
        progress(++done, total);
        // A step blocks the event loop: signals get their turn here.
        await setImmediate();
      }
      losses = meanOf(last);
      weight *= (target / Math.max(losses.content, 1e-9)) ** (1 / POWER);
    }
    const styleWeight = Number(weight.toPrecision(3));
    if (!(styleWeight > RANGE[0] && styleWeight < RANGE[1]))
      throw new ConfigError(
        expected(
          `a style weight that brings strength ${strength} about`,
          `${styleWeight} with content ${losses.content.toFixed(3)}`,
          'set --style-weight and --content-weight instead',
        ),
      );
    return { styleWeight, losses, pictures: probes.pictures() };
  } finally {
    probes.dispose();
  }
}

/** Crops of the first photos in the data set's order: for one data set, size and seed always the same. */
export async function probePhotos(
  dataset: string,
  { imageSize, seed }: Pick<TrainConfig, 'imageSize' | 'seed'>,
  count = PROBES,
): Promise<PixelPicture[]> {
  const size = Math.min(PROBE_SIZE, imageSize);
  const photos = batches({ dataset, imageSize: size, batch: count, seed, flip: false, prefetch: 1 });
  try {
    const first = await photos.next();
    const { pixels } = first.value!;
    const length = size * size * 3;
    return Array.from({ length: count }, (_, i) => ({
      pixels: pixels.slice(i * length, (i + 1) * length),
      width: size,
      height: size,
    }));
  } finally {
    await photos.return();
  }
}

function meanOf(losses: readonly ProbeLosses[]): ProbeLosses {
  const mean = (term: keyof ProbeLosses) => losses.reduce((sum, one) => sum + one[term], 0) / losses.length;
  return { content: mean('content'), style: mean('style') };
}

function checkContentWeight({ contentWeight }: TrainConfig): void {
  if (contentWeight === 0)
    throw new ConfigError(
      expected('a content weight above 0 for a strength', contentWeight, 'leave --content-weight away'),
    );
}
