import { motionMatrix, motionTaps } from '../../data/motion.ts';
import { type Random, random, sensorNoise } from '../../data/random.ts';
import { resample } from '../../engine/ops/resample.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { NextMoment } from '../../losses/term.ts';
import type { TrainConfig } from '../config.ts';
import type { DataPosition } from '../run/run-state.ts';

/** How a photo is changed from one frame to the next, as a camera would. */
export interface Change {
  /** Pixels to the right and down. */
  readonly right: number;
  readonly down: number;
  readonly zoom: number;
  /** Factor on all values. */
  readonly gain: number;
  /** Standard deviation of noise, grey levels. */
  readonly noise: number;
}

/** Distinct from the streams of batches.ts under the same seed. */
const STREAM = 2;

/** A change within the given amounts: uniform in each, zoom and gain in their logarithms. */
export function drawChange(amounts: TrainConfig['stabilityChanges'], next: Random): Change {
  const { shift = 0, zoom = 0, brightness = 0, noise = 0 } = amounts;
  const around = (amount: number) => (2 * next() - 1) * amount;
  return {
    right: around(shift),
    down: around(shift),
    zoom: Math.exp(around(Math.log1p(zoom))),
    gain: Math.exp(around(Math.log1p(brightness))),
    noise: next() * noise,
  };
}

/** The changes of a batch as the training step takes them (`changeShapes`). */
export type ChangeTensors = {
  /** Weights by which the rows, and then the columns, of the later picture are made of those of the earlier one. */
  readonly rows: tf.Tensor;
  readonly columns: tf.Tensor;
  /** 1 where the later picture shows what the earlier one did, else 0. */
  readonly inside: tf.Tensor;
  readonly gain: tf.Tensor;
  readonly noise: tf.Tensor;
};

/** Shapes for a number of photos of one size; square unless a width is given. */
export function changeShapes(
  count: number,
  height: number,
  width = height,
): Readonly<Record<keyof ChangeTensors, number[]>> {
  return {
    rows: [count, height, height],
    columns: [count, width, width],
    inside: [count, height, width, 1],
    gain: [count, 1, 1, 1],
    noise: [count, height, width, 3],
  };
}

/**
 * Draws the changes of a batch: a function of the seed and of the place among the photos, so that a run resumed from a
 * state draws the same.
 *
 * @param position after the batch. Caller disposes.
 */
export function drawChanges(
  { stabilityChanges, seed }: Pick<TrainConfig, 'stabilityChanges' | 'seed'>,
  { epoch, index }: DataPosition,
  count: number,
  height: number,
  width = height,
): ChangeTensors {
  const parts = Array.from({ length: count }, (_, i) => {
    const next = random(seed, STREAM, epoch, index, i);
    const { right, down, zoom, gain, noise } = drawChange(stabilityChanges, next);
    const [across, along] = [motionTaps(width, right, zoom), motionTaps(height, down, zoom)];
    const inside = new Float32Array(height * width);
    along.inside.forEach((row, y) => {
      if (row === 1) inside.set(across.inside, y * width);
    });
    return {
      rows: motionMatrix(along),
      columns: motionMatrix(across),
      inside,
      gain: Float32Array.of(gain),
      noise: sensorNoise(height * width * 3, noise, next),
    };
  });
  const joined = Object.entries(changeShapes(count, height, width)).map(([name, shape]) => {
    const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
    parts.forEach((part, i) => {
      values.set(part[name as keyof ChangeTensors], (i * values.length) / count);
    });
    return [name, tf.tensor(values, shape)] as const;
  });
  return Object.fromEntries(joined) as ChangeTensors;
}

/**
 * What a film would show of a photo x a moment later, painted: f(clip(g · T x + n)) with T a known pan and zoom, g a gain and
 * n noise.
 *
 * @param paint f. @param photo x, [N, H, W, 3]. @param change of these photos, each tensor with a first side of N
 *   (`changeShapes`). Caller disposes.
 */
export function nextMoment(
  paint: (photo: tf.Tensor4D) => tf.Tensor4D,
  photo: tf.Tensor4D,
  change: ChangeTensors,
): NextMoment {
  return tf.tidy(() => {
    const ofPhotos = (matrices: tf.Tensor) =>
      photo.shape[0] === 1 ? tf.reshape(matrices, matrices.shape.slice(1)) : matrices.clone();
    const [rows, columns] = [ofPhotos(change.rows), ofPhotos(change.columns)];
    const seen = tf.add(tf.mul(resample(photo, rows, columns), change.gain), change.noise);
    const painted = paint(tf.clipByValue(seen, 0, 255) as tf.Tensor4D);
    return { painted, rows, columns, inside: change.inside.clone() as tf.Tensor4D };
  });
}
