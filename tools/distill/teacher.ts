import { toTensor } from '../../src/engine/pixels.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import type { LossNetwork } from '../../src/networks/loss-network.ts';
import type { Pooling } from '../../src/networks/run-steps.ts';
import { ConfigError, expected } from '../../src/system/errors.ts';
import type { PicturePair } from './pictures.ts';
import { inCoordinates, principalAxes } from './principal-axes.ts';
import { LEARNT, type LearntLayer, OWN_LAYER } from './student.ts';

/** What of the teacher is learnt: each layer in the coordinates of its principal axes. */
export interface TeacherLook {
  /** [C, count] per learnt layer. */
  readonly axes: Readonly<Record<LearntLayer, tf.Tensor2D>>;
  /** Root mean square of a channel of the first layer and of a coordinate of each learnt one. */
  readonly scales: Readonly<Record<string, number>>;
  /** Mean energy of a position's features about their mean over all pictures, all coordinates together, with either pooling. */
  readonly spreads: Readonly<Record<Pooling, Readonly<Record<LearntLayer, number>>>>;
  /** Share of that spread that the coordinates hold. */
  readonly held: Readonly<Record<LearntLayer, number>>;
}

/**
 * Looks at some pictures, plain and painted, with the teacher. Axes and scales are those of average pooling, which styles
 * are trained with; its features are smaller than those of the maximum. Caller disposes the axes.
 */
export function lookAtTeacher(
  teachers: Readonly<Record<Pooling, LossNetwork>>,
  pictures: readonly PicturePair[],
  coordinates: Readonly<Record<LearntLayer, number>>,
): TeacherLook {
  const found = moments(teachers.average, pictures);
  const others = moments(teachers.max, pictures);
  const axes = {} as Record<LearntLayer, tf.Tensor2D>;
  const scales: Record<string, number> = {};
  const spreads = { average: {}, max: {} } as Record<Pooling, Record<LearntLayer, number>>;
  const held = {} as Record<LearntLayer, number>;
  const own = found[OWN_LAYER]!;
  scales[OWN_LAYER] = Math.sqrt(
    sum(own.mean.map((_, c) => own.second[c * own.channels + c]!)) / own.channels,
  );
  for (const layer of LEARNT) {
    const { second, mean, channels } = found[layer]!;
    const count = coordinates[layer];
    if (count > channels)
      throw new ConfigError(expected(`at most ${channels} coordinates for ${layer} of this teacher`, count));
    const basis = principalAxes(second, channels, count);
    axes[layer] = tf.tensor2d(basis, [channels, count]);
    const along = (matrix: (i: number, j: number) => number) => {
      let total = 0;
      for (let k = 0; k < count; k++)
        for (let i = 0; i < channels; i++)
          for (let j = 0; j < channels; j++)
            total += basis[i * count + k]! * matrix(i, j) * basis[j * count + k]!;
      return total;
    };
    scales[layer] = Math.sqrt(along((i, j) => second[i * channels + j]!) / count);
    spreads.average[layer] = along(centred(found[layer]!));
    spreads.max[layer] = along(centred(others[layer]!));
    held[layer] = spreads.average[layer] / sum(mean.map((m, c) => second[c * channels + c]! - m * m));
  }
  return { axes, scales, spreads, held };
}

function centred({ second, mean, channels }: Moments): (i: number, j: number) => number {
  return (i, j) => second[i * channels + j]! - mean[i]! * mean[j]!;
}

interface Moments {
  readonly channels: number;
  readonly second: Float64Array;
  readonly mean: number[];
}

function moments(teacher: LossNetwork, pictures: readonly PicturePair[]): Record<string, Moments> {
  const sums: Record<string, Moments> = {};
  const all = pictures.flatMap(({ plain, painted }) => [plain, painted]);
  for (const picture of all) {
    tf.tidy(() => {
      const maps = teacher.featureMaps(toTensor(picture), [OWN_LAYER, ...LEARNT]);
      for (const [layer, map] of Object.entries(maps)) {
        const channels = map.shape[3];
        const rows = tf.reshape(map, [-1, channels]);
        const of = sums[layer] ?? {
          channels,
          second: new Float64Array(channels ** 2),
          mean: Array.from({ length: channels }, () => 0),
        };
        sums[layer] = of;
        const second = tf.div(tf.matMul(rows, rows, true), rows.shape[0]!).dataSync();
        for (let i = 0; i < second.length; i++) of.second[i] = of.second[i]! + second[i]! / all.length;
        tf.mean(rows, 0)
          .dataSync()
          .forEach((m, c) => {
            of.mean[c] = of.mean[c]! + m / all.length;
          });
      }
    });
  }
  return sums;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** The teacher's features of a batch in those coordinates, per learnt layer. Caller disposes. */
export function teacherFeatures(
  teacher: LossNetwork,
  { axes }: TeacherLook,
  batch: tf.Tensor4D,
): Record<LearntLayer, tf.Tensor4D> {
  return tf.tidy(() => {
    const maps = teacher.featureMaps(batch, LEARNT);
    const seen = LEARNT.map((layer) => [layer, inCoordinates(maps[layer]!, axes[layer])] as const);
    return Object.fromEntries(seen) as Record<LearntLayer, tf.Tensor4D>;
  });
}
