import * as tf from '../engine/tensorflow.ts';
import { LOSS_UNITS, type LossUnitsName, type TotalVariationForm } from './loss-units.ts';
import { meanOf, type Reduction, sumOf } from './reduction.ts';
import { type Term, valuedBy } from './term.ts';

/**
 * Total variation: how much neighbouring pixels differ; as a loss it smooths flat areas.
 *
 *   TV = 1 / (N·H·W·C) · [ Σ (x[h+1, w] − x[h, w])² + Σ (x[h, w+1] − x[h, w])² ]
 *
 * The squared (L2) form of Johnson et al. (2016, §3.3, after Mahendran & Vedaldi 2015), as a mean over pixel values so
 * that it does not grow with the image.
 *
 * @param images [N, H, W, C], pixels in [0, 255]: the unit is squared grey levels.
 * @returns scalar; [N] of each. Caller disposes.
 */
export function totalVariation(images: tf.Tensor4D, of: Reduction = 'all'): tf.Tensor {
  return tf.tidy(() => {
    const { down, right } = differences(images);
    const values = images.size / (of === 'all' ? 1 : images.shape[0]);
    return tf.div(tf.add(sumOf(of, tf.square(down)), sumOf(of, tf.square(right))), values);
  });
}

/**
 * Total variation as the program of Johnson et al. has it (fast-neural-style, TotalVariation.lua, whose gradient this has):
 *
 *   TV = ½ · Σ [ (x[h+1, w] − x[h, w])² + (x[h, w+1] − x[h, w])² ]        h < H − 1, w < W − 1
 *
 * A plain sum: it grows with the image.
 *
 * @param images [N, H, W, C], pixels in [0, 255]. @returns scalar; [N] of each. Caller disposes.
 */
export function summedTotalVariation(images: tf.Tensor4D, of: Reduction = 'all'): tf.Tensor {
  return tf.tidy(() => {
    const { down, right } = differencesOfBoth(images);
    return tf.mul(tf.add(sumOf(of, tf.square(down)), sumOf(of, tf.square(right))), 0.5);
  });
}

/**
 * Total variation as Engstrom's fast-style-transfer has it: each direction's mean by itself.
 *
 *   TV = mean( (x[h+1, w] − x[h, w])² ) + mean( (x[h, w+1] − x[h, w])² )
 *
 * @param images [N, H, W, C], pixels in [0, 255]. @returns scalar; [N] of each. Caller disposes.
 */
export function totalVariationByDirection(images: tf.Tensor4D, of: Reduction = 'all'): tf.Tensor {
  return tf.tidy(() => {
    const { down, right } = differences(images);
    return tf.add(meanOf(of, tf.square(down)), meanOf(of, tf.square(right)));
  });
}

/**
 * Total variation in the form of Keras' neural style example: both differences of a pixel together, to a power.
 *
 *   TV = Σ ( (x[h+1, w] − x[h, w])² + (x[h, w+1] − x[h, w])² )^power        h < H − 1, w < W − 1
 *
 * A plain sum, as published: it grows with the image.
 *
 * @param images [N, H, W, C]. @param power defaults to Keras' 1.25.
 * @returns scalar; [N] of each. Caller disposes.
 */
export function totalVariationToPower(images: tf.Tensor4D, power = 1.25, of: Reduction = 'all'): tf.Tensor {
  return tf.tidy(() => {
    const { down, right } = differencesOfBoth(images);
    const both = tf.add(tf.square(down), tf.square(right));
    // The gradient of x^1.25 at 0 is 0, but is computed through 0^0.25 · log terms unless 0 is kept away.
    return sumOf(of, tf.pow(tf.add(both, SMALLEST_DIFFERENCE), power));
  });
}

const SMALLEST_DIFFERENCE = 1e-12;

/** The forms of total variation by name, each [N, H, W, C] → scalar, or [N] of each. */
export const TOTAL_VARIATIONS = {
  squared: totalVariation,
  sum: summedTotalVariation,
  directions: totalVariationByDirection,
  power: (images: tf.Tensor4D, of?: Reduction): tf.Tensor => totalVariationToPower(images, undefined, of),
} as const satisfies Readonly<Record<TotalVariationForm, unknown>>;

export interface TotalVariationWeights {
  readonly units?: LossUnitsName;
  readonly tvWeight: number;
  /** Defaults to the units'. */
  readonly tvForm?: TotalVariationForm | undefined;
}

export function totalVariationTerm({
  units = 'relative',
  tvWeight,
  tvForm = LOSS_UNITS[units].tv,
}: TotalVariationWeights): Term {
  return {
    name: 'tv',
    weight: tvWeight,
    layers: {},
    ...valuedBy((of, picture) => TOTAL_VARIATIONS[tvForm](picture, of)),
  };
}

interface Differences {
  readonly down: tf.Tensor4D;
  readonly right: tf.Tensor4D;
}

/** `differences` where a pixel has both: without the last row and the last column. */
function differencesOfBoth(images: tf.Tensor4D): Differences {
  const [count, height, width, channels] = images.shape;
  const { down, right } = differences(images);
  const size: [number, number, number, number] = [count, height - 1, width - 1, channels];
  return { down: tf.slice(down, [0, 0, 0, 0], size), right: tf.slice(right, [0, 0, 0, 0], size) };
}

function differences(images: tf.Tensor4D): Differences {
  const [count, height, width, channels] = images.shape;
  if (height < 2 || width < 2)
    throw new RangeError(`Total variation needs at least 2×2 pixels but got ${width}×${height}.`);
  const shorter: [number, number, number, number] = [count, height - 1, width, channels];
  const narrower: [number, number, number, number] = [count, height, width - 1, channels];
  return {
    down: tf.sub(tf.slice(images, [0, 1, 0, 0], shorter), tf.slice(images, [0, 0, 0, 0], shorter)),
    right: tf.sub(tf.slice(images, [0, 0, 1, 0], narrower), tf.slice(images, [0, 0, 0, 0], narrower)),
  };
}
