import { setImmediate } from 'node:timers/promises';
import { batches } from '../../data/batches.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import type { Picture } from '../../picture.ts';
import type { TrainConfig } from '../config.ts';
import { SamplePainter } from '../guard/sample-check.ts';
import { meanTerms } from '../step/loss-values.ts';
import { NetworkTrainer } from '../trainer.ts';
import type { NetworkTrainerOptions } from '../trainer-options.ts';

/** Side of the crops at most, px: smaller ones show strength and strokes sooner. */
const MOST_SIDE = 128;
/** Decay of the average of weights, which has to follow within a hundred steps. */
const AVERAGING = 0.95;

export interface TryOutOptions
  extends Pick<NetworkTrainerOptions, 'config' | 'lossNetwork' | 'precision' | 'warmStart'> {
  readonly painting: Picture;
  /** Folder of the data set. */
  readonly dataset: string;
  /** Painted in the end. */
  readonly photos: readonly Picture[];
  readonly steps: number;
  readonly progress?: (step: number, steps: number) => void;
}

export interface TryOut {
  /** The photos as painted in the end. */
  readonly pictures: readonly Picture[];
  /** Mean terms of the last steps, unweighted. */
  readonly losses: { readonly content: number; readonly style: number };
  /** Of the network that painted them. */
  readonly parameters: readonly NamedArray[];
}

/**
 * Trains under a configuration for few steps on small crops, and paints photos: they show the strength and size of strokes of
 * a long training, not its finish. The same settings and data give the same pictures.
 *
 * @throws {ConfigError} a layer that the loss network does not have, or crops too small for one.
 */
export async function tryOut(options: TryOutOptions): Promise<TryOut> {
  const { dataset, photos, steps, progress = () => undefined, ...given } = options;
  const config: TrainConfig = {
    ...given.config,
    steps,
    imageSize: Math.min(given.config.imageSize, MOST_SIDE),
    smallCrops: 0,
    stabilityWeight: 0,
    warmup: 0,
    averaging: AVERAGING,
  };
  const { batch, seed } = config;
  const trainer = await NetworkTrainer.create({
    ...given,
    config,
    dataset,
    openBatches: (position, imageSize) =>
      batches({ dataset, imageSize, batch, seed, ...(position === undefined ? {} : { position }) }),
  });
  try {
    for await (const { step } of trainer.steps()) {
      progress(step, steps);
      // A step blocks the event loop: signals get their turn here.
      await setImmediate();
    }
    const { content, style } = meanTerms(trainer.recent);
    const parameters = trainer.parameters();
    const pictures = photos.map((photo) => paint(trainer, photo, parameters, options));
    return { pictures, losses: { content, style }, parameters };
  } finally {
    trainer.dispose();
  }
}

function paint(
  { layers }: NetworkTrainer,
  photo: Picture,
  parameters: ReturnType<NetworkTrainer['parameters']>,
  { precision }: TryOutOptions,
): Picture {
  const painter = new SamplePainter(layers, photo, precision);
  try {
    return painter.paint(parameters);
  } finally {
    painter.dispose();
  }
}

/** Crops of the first photos in the data set's order: for one data set, size and seed always the same. */
export async function firstCrops(
  dataset: string,
  side: number,
  seed: number,
  count: number,
): Promise<Picture[]> {
  const photos = batches({ dataset, imageSize: side, batch: count, seed, flip: false, prefetch: 1 });
  try {
    const { pixels } = (await photos.next()).value!;
    const length = side * side * 3;
    return Array.from({ length: count }, (_, i) => ({
      pixels: pixels.slice(i * length, (i + 1) * length),
      width: side,
      height: side,
    }));
  } finally {
    await photos.return();
  }
}
