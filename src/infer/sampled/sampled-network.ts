import { type CompiledFunction, compile, numbered, type Precision } from '../../engine/compile/compile.ts';
import { batchNormalization, normalizeWith } from '../../engine/ops/instance-normalization.ts';
import { requireNumbers, toFloats, toSamples } from '../../engine/samples.ts';
import * as tf from '../../engine/tensorflow.ts';
import { type Layer, paddingOf } from '../../networks/architecture.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import { type Normalization, transformNet } from '../../networks/transform-net.ts';
import { smallestImage } from '../../networks/transform-net-parameters.ts';
import type { PictureSize, PixelRows, Samples } from '../../picture.ts';
import { COMPILED, type MemoryPlan, untiledBytes } from '../bands/memory-plan.ts';
import type { NetworkStage } from '../bands/stages.ts';
import { readSamples, windowsOf } from './samples.ts';

export interface SampledRunOptions {
  /** A multiple of `alignment`. */
  readonly bandRows: number;
  /** Of each painted sample. */
  readonly bits: 8 | 16;
  readonly onProgress?: ((share: number) => void) | undefined;
  /** Pictures whose statistics stand for the whole, [N, H, W, 3]. Defaults to `readSamples`. */
  readonly samples?: (picture: PixelRows) => tf.Tensor4D;
}

type Moments = { readonly mean: tf.Tensor; readonly variance: tf.Tensor };
/** Of each normalisation, [C] each, by its place in the network's order. */
type Statistics = Readonly<Record<string, Moments>>;
type BandInputs = { readonly band: tf.Tensor4D; readonly statistics: Statistics };

/**
 * An image transform net that paints a picture in bands which go through all of it one by one. Mean and variance of each
 * normalisation are not the picture's, but those of windows of it at its own scale, all windows together: of a thumbnail they would
 * be others, since a network sees other textures at another scale.
 */
export class SampledNetwork {
  readonly #layers: readonly Layer[];
  readonly #parameters: Readonly<Record<string, tf.Tensor>>;
  readonly #weights: readonly tf.Tensor[];
  readonly #precision: Precision;
  #statistics: CompiledFunction<{ readonly images: tf.Tensor4D }, Statistics> | undefined;
  #painting: CompiledFunction<BandInputs, { readonly painted: tf.Tensor4D }> | undefined;

  constructor(layers: readonly Layer[], parameters: readonly NamedArray[], precision: Precision) {
    this.#layers = layers;
    this.#parameters = Object.fromEntries(
      parameters.map(({ name, shape, values }) => [name, tf.tensor(values, [...shape])]),
    );
    this.#weights = Object.values(this.#parameters);
    this.#precision = precision;
  }

  /** @param write takes the painted rows from the top, [rows, width, 3]. */
  async paint(
    picture: PixelRows,
    write: (rows: Samples) => void | Promise<void>,
    { bandRows, bits, onProgress, samples = readSamples }: SampledRunOptions,
  ): Promise<void> {
    const { width, height } = picture;
    const halo = reach(this.#layers);
    const statistics = this.#statisticsOf(samples(picture));
    try {
      for (let from = 0; from < height; from += bandRows) {
        const to = Math.min(height, from + bandRows);
        const [first, last] = [Math.max(0, from - halo), Math.min(height, to + halo)];
        const band = tf.tensor4d(toFloats(picture.read(first, last)), [1, last - first, width, 3]);
        const { painted } = this.#paint.run({ band, statistics });
        const inner = tf.slice(painted, [0, from - first, 0, 0], [1, to - from, width, 3]);
        const values = inner.dataSync();
        tf.dispose([band, painted, inner]);
        requireNumbers(values);
        await write(toSamples(values, bits));
        onProgress?.(to / height);
        // Lets signals and timers through.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      tf.dispose(statistics);
    }
  }

  dispose(): void {
    this.#statistics?.dispose();
    this.#painting?.dispose();
    this.#statistics = undefined;
    this.#painting = undefined;
    tf.dispose([...this.#weights]);
  }

  /** Caller disposes. */
  #statisticsOf(samples: tf.Tensor4D): Statistics {
    try {
      return this.#gather.run({ images: samples });
    } finally {
      samples.dispose();
    }
  }

  /** [N, H, W, 3] to the statistics of each normalisation over all images together. */
  get #gather() {
    this.#statistics ??= compile(
      ({ images }: { readonly images: tf.Tensor4D }) => {
        const found: Moments[] = [];
        const normalization: Normalization = (x, scale, offset) => {
          const none = tf.tensor1d([]);
          const [y, mean, variance] = batchNormalization(true, [x, scale, offset, none, none]);
          found.push({ mean: tf.keep(mean!), variance: tf.keep(variance!) });
          return y as tf.Tensor4D;
        };
        transformNet(this.#layers, this.#parameters, images, { normalization });
        // Kept through the network's own clearing away, they would outlive this function, too.
        const outputs = found.map(({ mean, variance }) => ({
          mean: tf.add(mean, 0),
          variance: tf.add(variance, 0),
        }));
        tf.dispose(found);
        return { outputs: numbered(outputs) };
      },
      { ...this.#options, inputs: { images: [null, null, null, 3] } },
    );
    return this.#statistics;
  }

  /** A band and `#gather`'s statistics to painted pixels. */
  get #paint() {
    const shapes = this.#normalized().map((channels) => ({ mean: [channels], variance: [channels] }));
    this.#painting ??= compile(
      ({ band, statistics }: BandInputs) => {
        let place = 0;
        const normalization: Normalization = (x, scale, offset) => {
          const { mean, variance } = statistics[place++]!;
          return normalizeWith(x, [scale, offset, mean, variance]);
        };
        return {
          outputs: { painted: transformNet(this.#layers, this.#parameters, band, { normalization }) },
        };
      },
      { ...this.#options, inputs: { band: [1, null, null, 3], statistics: numbered(shapes) } },
    );
    return this.#painting;
  }

  get #options() {
    return {
      exampleSide: smallestImage(this.#layers),
      constants: this.#weights,
      precision: this.#precision,
    };
  }

  /** Channels of each normalisation, in order. */
  #normalized(): readonly number[] {
    const scales = Object.entries(this.#parameters).filter(([name]) => name.endsWith('.scale'));
    return scales.map(([, { shape }]) => shape[0]!);
  }
}

/** A picture's rows are halved in pairs: bands begin at multiples of this. */
export function alignment(layers: readonly Layer[]): number {
  let [halvings, most] = [0, 0];
  for (const { kind } of layers) {
    if (kind === 'down') halvings++;
    if (kind === 'up') halvings--;
    most = Math.max(most, halvings);
  }
  return 2 ** most;
}

/**
 * How far a painted pixel looks: rows above and below a band that decide what is in it, where the normalisations' statistics
 * are given. A multiple of `alignment`.
 */
export function reach(layers: readonly Layer[]): number {
  let rows = 0;
  for (const layer of layers.toReversed()) {
    if (layer.kind === 'convolution') rows += (layer.kernel - 1) / 2;
    else if (layer.kind === 'down') rows = 2 * rows + Math.max(...paddingOf(3, 2, layer.border));
    else if (layer.kind === 'up') rows = Math.ceil(rows / 2) + 1;
    else rows += 2;
  }
  const step = alignment(layers);
  return step * Math.ceil(rows / step);
}

/** Statistics that are given and the slices of a band are held as well. Measured. */
const BESIDE = 1.4;
/** Rows of a band, more first: fewer rows pass through the network twice. */
const BAND_ROWS = [1024, 512, 256, 128, 64];

/** What painting a picture in bands with statistics of samples takes, by the rows of a band; fastest first. */
export function sampledPlans(
  layers: readonly Layer[],
  stages: readonly NetworkStage[],
  picture: PictureSize,
  resident: number,
): readonly MemoryPlan[] {
  const { size, windows } = windowsOf(picture);
  const sampling = untiledBytes(stages, { width: size.width * windows.length, height: size.height });
  const step = alignment(layers);
  return BAND_ROWS.map((wanted) => {
    const rows = step * Math.ceil(wanted / step);
    const height = Math.min(picture.height, rows + 2 * reach(layers));
    const painting = untiledBytes(stages, { width: picture.width, height });
    return {
      placement: 'sampled',
      peak: resident + COMPILED + BESIDE * Math.max(sampling, painting),
      spilled: 0,
      recomputed: new Set<number>(),
      bandRows: () => rows,
    };
  });
}
