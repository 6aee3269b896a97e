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

/** Runs of a calibration, each from the photos at one weight; behind each the weight is corrected. */
const RUNS = 4;
/** Steps of a run. */
const STEPS = 40;
/** Steps at the end of a run over which losses are averaged. */
const AVERAGED = 4;
/** How the content lost grows with the style weight, as a power: at first, and within what bounds it is believed. */
const POWER = { first: 0.45, least: 0.25, most: 1 } as const;

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
 * under the objective of training, 40 steps from the photos, and then the weight w follows the share of content that they
 * have lost,
 *
 *   w ← w · (lost(s) / content)^(1 / p)
 *
 * four times, to three digits at last. p, the power with which content grows with w, is 0.45 at first and then what the
 * last two runs say (secant method). Each run begins with the photos: pictures that have gone too far come back slowly. The same photos and settings give the same weight.
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
    let correction = 0;
    let power: number = POWER.first;
    for (let run = 0; run < RUNS; run++) {
      probes.restart();
      const last: ProbeLosses[] = [];
      for (let step = 0; step < STEPS; step++) {
        // Smaller steps towards the end, so that the pictures come to rest.
        const now = probes.step(weight, 1 - (0.8 * step) / STEPS);
        if (step >= STEPS - AVERAGED) last.push(now);
        progress(run * STEPS + step + 1, RUNS * STEPS);
        // A step blocks the event loop: signals get their turn here.
        await setImmediate();
      }
      const before = losses.content;
      losses = meanOf(last);
      if (run > 0) power = measuredPower(before, losses.content, correction, power);
      correction = Math.log(target / Math.max(losses.content, 1e-9)) / power;
      weight *= Math.exp(correction);
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

/** The power that two runs show, one `correction` (as a logarithm) of the weight apart; `known` where they say nothing. */
function measuredPower(before: number, after: number, correction: number, known: number): number {
  if (Math.abs(correction) < 0.1) return known;
  const shown = Math.log(after / before) / correction;
  return Number.isFinite(shown) ? Math.max(POWER.least, Math.min(POWER.most, shown)) : known;
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
