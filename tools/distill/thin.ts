/** The student's first weights: the teacher with fewer channels, each convolution fitted to what is left of those before. */
import { type Random, random, randomBelow } from '../../src/data/random.ts';
import { toTensor } from '../../src/engine/pixels.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { LossNetwork } from '../../src/networks/loss-network.ts';
import type { LossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { type ConvolutionTensors, type Pooling, pool } from '../../src/networks/run-steps.ts';
import { ConfigError, expected } from '../../src/system/errors.ts';
import { LeastSquares, tellingChannels } from './least-squares.ts';
import type { PicturePair } from './pictures.ts';
import { LEARNT, OWN_LAYER, type StudentConvolution, type StudentShape, TRUNK } from './student.ts';
import type { TeacherLook } from './teacher.ts';

/** Positions of a picture from which kernels are fitted. */
const POSITIONS = 400;
/** Keeps kernels small where patches hardly vary. */
const RIDGE = 1e-5;
/** Every so many crops go through maximum pooling, the others through average, which training has. */
const MAXIMUM_EVERY = 6;
/** The fit sees crops of this side, px. */
const SIDE = 128;

export interface ThinOptions {
  readonly teacher: LossNetworkWeights;
  readonly look: TeacherLook;
  readonly shape: StudentShape;
  readonly convolutions: readonly StudentConvolution[];
  readonly pictures: readonly PicturePair[];
  readonly seed: number;
}

/** A crop on its way through the student, with one of the poolings. */
interface Way {
  readonly pooling: Pooling;
  map: tf.Tensor4D;
  /** What the teacher answers to it at some positions: pre-activations by convolution, coordinates by look; [positions, C]. */
  readonly answers: ReadonlyMap<string, tf.Tensor2D>;
  /** Those positions, by the number of all. */
  readonly places: ReadonlyMap<number, readonly number[]>;
}

/**
 * Kernel and bias of each of the student's convolutions, one after the other, as `Distillation` trains them. Of each of the
 * teacher's convolutions the channels are kept that tell most of the others; what leads to them, and the looks, are fitted by
 * least squares to the teacher's answers, from what the student itself has there, so that later layers correct earlier ones'
 * mistakes (Luo, Wu & Lin 2017, 'ThiNet', §3.2 and 3.3). Caller disposes.
 *
 * @throws {ConfigError} wider than the teacher.
 */
export function thinnedTeacher(options: ThinOptions): tf.Tensor[] {
  const { teacher, pictures, look, shape, convolutions, seed } = options;
  const networks = { max: new LossNetwork(teacher), average: new LossNetwork(teacher, 'average') };
  const next = random(seed, 11);
  const moments = new Map<string, Float64Array>();
  const ways = pictures
    .flatMap(({ plain, painted }) => [plain, painted])
    .map((picture, i) => {
      const pooling = i % MAXIMUM_EVERY === MAXIMUM_EVERY - 1 ? 'max' : 'average';
      return wayOf(toTensor(picture), { pooling, network: networks[pooling], teacher, look, moments, next });
    });
  for (const network of Object.values(networks)) network.dispose();

  const found: ConvolutionTensors[] = [];
  TRUNK.forEach(({ place, pooled, side, look: layer }, i) => {
    const answer = teachersConvolution(teacher, place);
    const second = moments.get(answer)!;
    const all = Math.sqrt(second.length);
    const count = shape.trunk[i]!;
    if (count > all)
      throw new ConfigError(expected(`at most ${all} channels for trunk${place} of this teacher`, count));
    const channels = tellingChannels(second, all, count);
    // The student's own channels have a root mean square of 1.
    const scales = channels.map((c) => Math.sqrt(second[c * all + c]! / ways.length) || 1);
    if (pooled) for (const way of ways) advance(way, (map) => pool(map, way.pooling));
    const trunk = fitted(ways, side, count, (way) =>
      tf.div(tf.gather(way.answers.get(answer)!, [...channels], 1), tf.tensor1d(scales)),
    );
    for (const way of ways)
      advance(way, (map) => tf.relu(tf.add(tf.conv2d(map, trunk.kernel, 1, 'same'), trunk.bias)));
    found.push(trunk);
    if (layer !== undefined)
      found.push(fitted(ways, 1, shape.coordinates[layer], (way) => way.answers.get(layer)!));
  });
  for (const { map, answers } of ways) tf.dispose([map, ...answers.values()]);
  return found.flatMap(({ kernel, bias }, i) => {
    const { gain, biasGain } = convolutions[i]!;
    const parameters = tf.tidy(() => [tf.div(kernel, gain), tf.div(bias, biasGain)]);
    tf.dispose([kernel, bias]);
    return parameters;
  });
}

interface Seeing {
  readonly pooling: Pooling;
  readonly network: LossNetwork;
  readonly teacher: LossNetworkWeights;
  readonly look: TeacherLook;
  /** Σ over crops of the mean φφᵀ of each convolution's rectified answers: added to. */
  readonly moments: Map<string, Float64Array>;
  readonly next: Random;
}

/** One forward pass of the teacher. Disposes of the picture; the caller of the way's tensors. */
function wayOf(picture: tf.Tensor4D, { pooling, network, teacher, look, moments, next }: Seeing): Way {
  const places = new Map<number, readonly number[]>();
  const answers = new Map<string, tf.Tensor2D>();
  const map = tf.tidy(() => {
    const crop = cropOf(picture, next);
    const convolutions = TRUNK.map(({ place }) => teachersConvolution(teacher, place));
    const maps = network.featureMaps(crop, [OWN_LAYER, ...convolutions, ...LEARNT]);
    const rowsAt = (name: string) => {
      const [, height, width, channels] = maps[name]!.shape;
      const all = height * width;
      if (!places.has(all))
        places.set(
          all,
          Array.from({ length: Math.min(POSITIONS, all) }, () => randomBelow(all, next)),
        );
      return tf.gather(tf.reshape(maps[name]!, [all, channels]), [...places.get(all)!]);
    };
    for (const name of convolutions) {
      answers.set(name, tf.keep(rowsAt(name)) as tf.Tensor2D);
      const rows = tf.reshape(tf.relu(maps[name]!), [-1, maps[name]!.shape[3]]);
      const second = tf.div(tf.matMul(rows, rows, true), rows.shape[0]!).dataSync();
      const sums = moments.get(name) ?? new Float64Array(second.length);
      moments.set(
        name,
        sums.map((value, i) => value + second[i]!),
      );
    }
    for (const layer of LEARNT)
      answers.set(layer, tf.keep(tf.matMul(rowsAt(layer), look.axes[layer])) as tf.Tensor2D);
    return maps[OWN_LAYER]!;
  });
  picture.dispose();
  return { pooling, map, answers, places };
}

/** The teacher's convolution before the same pooling: VGG19's third block has one more. */
function teachersConvolution({ layers }: LossNetworkWeights, place: string): string {
  return place === '3_3' && layers.has('conv3_4') ? 'conv3_4' : `conv${place}`;
}

/** In a tidy. */
function cropOf(picture: tf.Tensor4D, next: Random): tf.Tensor4D {
  const [, height, width] = picture.shape;
  const [h, w] = [Math.min(SIDE, height), Math.min(SIDE, width)];
  const [top, left] = [randomBelow(height - h + 1, next), randomBelow(width - w + 1, next)];
  return tf.slice(picture, [0, top, left, 0], [1, h, w, 3]);
}

function advance(way: Way, step: (map: tf.Tensor4D) => tf.Tensor): void {
  const map = tf.tidy(() => step(way.map)) as tf.Tensor4D;
  way.map.dispose();
  way.map = map;
}

/** Kernel and bias that take the student's maps to what is wanted, by least squares over some positions of each picture. */
function fitted(
  ways: readonly Way[],
  side: number,
  outputs: number,
  wanted: (way: Way) => tf.Tensor,
): ConvolutionTensors {
  const channels = ways[0]!.map.shape[3];
  const inputs = side * side * channels + 1;
  const sums = new LeastSquares(inputs, outputs);
  for (const way of ways) {
    // Nothing is returned: a tidy looks at every element of an array that it returns.
    tf.tidy(() => {
      const [, height, width] = way.map.shape;
      const places = way.places.get(height * width)!;
      const rows = tf.concat(
        [tf.gather(patches(way.map, side), [...places]), tf.ones([places.length, 1])],
        1,
      );
      sums.add(
        tf.matMul(rows, rows, true).dataSync<'float32'>(),
        tf.matMul(rows, wanted(way), true).dataSync<'float32'>(),
      );
    });
  }
  const solution = Float32Array.from(sums.solve(RIDGE));
  const split = (inputs - 1) * outputs;
  return {
    kernel: tf.tensor4d(solution.subarray(0, split), [side, side, channels, outputs]),
    bias: tf.tensor1d(solution.subarray(split)),
  };
}

/** What a kernel sees at each position, zeros beyond the border, [H·W, side·side·C]. In a tidy. */
function patches(map: tf.Tensor4D, side: number): tf.Tensor2D {
  const [, height, width, channels] = map.shape;
  const reach = (side - 1) / 2;
  const around: [number, number] = [reach, reach];
  const padded = tf.pad(map, [[0, 0], around, around, [0, 0]]);
  const shifted = Array.from({ length: side * side }, (_, i) =>
    tf.slice(padded, [0, Math.floor(i / side), i % side, 0], [1, height, width, channels]),
  );
  return tf.reshape(tf.concat(shifted, 3), [height * width, side * side * channels]);
}
