import { type CompiledFunction, compile, type Precision } from '../../engine/compile/compile.ts';
import { toTensor } from '../../engine/pixels.ts';
import { toPixels } from '../../engine/samples.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { Layer } from '../../networks/architecture.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import { namedTensors, type TransformNetParameters, transformNet } from '../../networks/transform-net.ts';
import { transformNetParameters } from '../../networks/transform-net-parameters.ts';
import type { Picture } from '../../picture.ts';

/** Statistics of a picture's pixels. */
export interface PictureSpread {
  /** Means of red, green and blue. */
  readonly mean: readonly [number, number, number];
  /** The largest of the three channels' standard deviations, in grey levels. */
  readonly deviation: number;
  /** Share of values at the ends of the range: at most 2 or at least 253. */
  readonly clipped: number;
}

/** Below this no eye sees anything; a painted photo has 30 to 80. */
const FLAT = 2;
/** Share of clipped values that a sample may have beyond the painting's own: half of what is left. */
const CLIPPED = 0.5;
/** A mean colour whose channels are within this many levels is grey. */
const GREY = 6;

export function spreadOf({ pixels }: Picture): PictureSpread {
  const sums = [0, 0, 0];
  const squares = [0, 0, 0];
  let clipped = 0;
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i]!;
    sums[i % 3]! += value;
    squares[i % 3]! += value * value;
    if (value <= 2 || value >= 253) clipped++;
  }
  const count = pixels.length / 3;
  const mean = sums.map((sum) => sum / count) as [number, number, number];
  const deviations = squares.map((square, c) => Math.sqrt(Math.max(0, square / count - mean[c]! ** 2)));
  return { mean, deviation: Math.max(...deviations), clipped: clipped / pixels.length };
}

/**
 * What is wrong with a painted sample, or undefined: blank (white, black or grey all over), of one colour, or saturated.
 * A painting that is itself flat or pure black and white excuses its style.
 *
 * @param painting of the style, any size.
 */
export function judgeSample(sample: Picture, painting: PictureSpread): string | undefined {
  const { mean, deviation, clipped } = spreadOf(sample);
  if (deviation < FLAT && painting.deviation > 2 * FLAT) {
    const colour = mean.map((value) => Math.round(value)).join(', ');
    const isGrey = Math.max(...mean) - Math.min(...mean) < GREY;
    return `the sample came out ${isGrey ? 'blank' : 'in a single colour'} (RGB ${colour} all over)`;
  }
  const allowed = CLIPPED + (1 - CLIPPED) * painting.clipped;
  if (clipped > allowed)
    return `the sample came out saturated (${Math.round(100 * clipped)} % of its values are black or white)`;
  return undefined;
}

type SampleInputs = { readonly image: tf.Tensor4D; readonly parameters: TransformNetParameters };

/** Paints one photo again and again with the weights of the moment: they are inputs, so it is compiled once. */
export class SamplePainter {
  readonly #photo: tf.Tensor4D;
  readonly #size: Pick<Picture, 'width' | 'height'>;
  readonly #network: CompiledFunction<SampleInputs, { readonly painted: tf.Tensor4D }>;

  /** @param photo at least `smallestImage(layers)` px in height and width. */
  constructor(layers: readonly Layer[], photo: Picture, precision: Precision) {
    const { width, height } = photo;
    this.#size = { width, height };
    const shapes = transformNetParameters(layers).map(({ name, shape }) => [name, shape]);
    this.#network = compile(
      ({ image, parameters }: SampleInputs) => ({
        outputs: { painted: transformNet(layers, parameters, image) },
      }),
      { inputs: { image: [1, height, width, 3], parameters: Object.fromEntries(shapes) }, precision },
    );
    this.#photo = toTensor(photo);
  }

  /** @param parameters of one style, in any order. */
  paint(parameters: readonly NamedArray[]): Picture {
    const weights = namedTensors(parameters);
    try {
      const { painted } = this.#network.run({ image: this.#photo, parameters: weights });
      const values = painted.dataSync();
      painted.dispose();
      return { ...this.#size, pixels: toPixels(values) };
    } finally {
      tf.dispose(weights);
    }
  }

  dispose(): void {
    this.#network.dispose();
    this.#photo.dispose();
  }
}
