/** The network that learns: a trunk of one or two convolutions per block, and a linear look at each of the teacher's layers. */
import { random } from '../../src/data/random.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { ConfigError, expected } from '../../src/errors.ts';
import type { ConvolutionWeights, LossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import type { ConvolutionTensors } from '../../src/networks/run-steps.ts';
import { PIXELS, type Step } from '../../src/networks/weights/loss-network-steps.ts';

/** The teacher's layer that the student has as it is. */
export const OWN_LAYER = 'relu1_1';

/** Reflection takes a sixth of the student's time. */
export const STUDENT_PADDING = 'zero';

/** The layers that are learnt, and what each is looked at from. */
export const LEARNT_LAYERS = {
  relu2_1: 'rect2_1',
  relu3_1: 'rect3_1',
  relu3_2: 'rect3_2',
  relu4_1: 'rect4_1',
  relu4_2: 'rect4_2',
  relu5_1: 'rect5_1',
} as const;
export type LearntLayer = keyof typeof LEARNT_LAYERS;
export const LEARNT = Object.keys(LEARNT_LAYERS) as LearntLayer[];

/** Channels of the trunk behind each convolution, and coordinates in which each layer is told. */
export interface StudentShape {
  readonly trunk: Readonly<Record<LearntLayer, number>>;
  readonly coordinates: Readonly<Record<LearntLayer, number>>;
}

const numbered = (numbers: readonly number[]) =>
  Object.fromEntries(LEARNT.map((layer, i) => [layer, numbers[i]!])) as Record<LearntLayer, number>;

/** @throws {ConfigError} not one whole number for each learnt layer. */
export function parseWidths(text: string): Record<LearntLayer, number> {
  const numbers = text.split(',').map(Number);
  if (numbers.length !== LEARNT.length || !numbers.every((n) => Number.isInteger(n) && n > 0))
    throw new ConfigError(expected(`a whole number above 0 for each of ${LEARNT.join(', ')}`, text));
  return numbered(numbers);
}

/** The steps: conv1_1, relu1_1; then block by block a pooling, and for each learnt layer trunk, ReLU and look. */
export function studentSteps(): readonly Step[] {
  const steps: Step[] = [
    { name: 'conv1_1', operation: 'conv', from: PIXELS },
    { name: OWN_LAYER, operation: 'relu', from: 'conv1_1' },
  ];
  let [from, block] = [OWN_LAYER as string, '1'];
  for (const [layer, rectified] of Object.entries(LEARNT_LAYERS)) {
    if (layer[4] !== block) {
      steps.push({ name: `pool${block}`, operation: 'pool', from });
      [from, block] = [`pool${block}`, layer[4]!];
    }
    const trunk = rectified.replace('rect', 'trunk');
    steps.push(
      { name: trunk, operation: 'conv', from },
      { name: rectified, operation: 'relu', from: trunk },
      { name: layer, operation: 'conv', from: rectified },
    );
    from = rectified;
  }
  return steps;
}

/** A convolution of the student before it has learnt. Its weights are a fixed factor times what is trained. */
export interface StudentConvolution {
  readonly name: string;
  readonly kernelShape: readonly [number, number, number, number];
  /** Keeps what is trained near 1 in size, whatever the teacher's units are. */
  readonly gain: number;
}

/**
 * What is trained.
 *
 * @param scales root mean square of the teacher's own first layer, and of each learnt layer's coordinates.
 */
export function studentConvolutions(
  { trunk, coordinates }: StudentShape,
  firstChannels: number,
  scales: Readonly<Record<string, number>>,
): readonly StudentConvolution[] {
  let channels = firstChannels;
  return LEARNT.flatMap((layer, i): StudentConvolution[] => {
    const width = trunk[layer];
    const from = channels;
    channels = width;
    const name = LEARNT_LAYERS[layer].replace('rect', 'trunk');
    return [
      { name, kernelShape: [3, 3, from, width], gain: i === 0 ? 1 / scales[OWN_LAYER]! : 1 },
      { name: layer, kernelShape: [1, 1, width, coordinates[layer]], gain: scales[layer]! },
    ];
  });
}

/** Kernel and bias of each, one after the other: He's normal kernels, biases 0. Caller disposes. */
export function drawStudent(convolutions: readonly StudentConvolution[], seed: number): tf.Tensor[] {
  return convolutions.flatMap(({ kernelShape }, i) => {
    const [height, width, from, to] = kernelShape;
    const next = random(seed, i);
    // Looks begin small: features of drawn weights are of no use yet.
    const spread = Math.sqrt(2 / (height * width * from)) * (height === 1 ? 0.1 : 1);
    const values = Float32Array.from({ length: height * width * from * to }, () => spread * normal(next));
    return [tf.tensor(values, [...kernelShape]), tf.zeros([to])];
  });
}

/** Box and Muller's. */
function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** The weights in effect, by convolution. In a tidy or a gradient. */
export function studentKernels(
  convolutions: readonly StudentConvolution[],
  parameters: readonly tf.Tensor[],
): Map<string, ConvolutionTensors> {
  return new Map(
    convolutions.map(({ name, gain }, i) => {
      // A bias adds to what is `gain` times the trained kernel's answer, but for the first, whose gain is for its input.
      const biasGain = gain < 1 && i === 0 ? 1 : gain;
      return [
        name,
        {
          kernel: tf.mul(parameters[2 * i]!, gain) as tf.Tensor4D,
          bias: tf.mul(parameters[2 * i + 1]!, biasGain) as tf.Tensor1D,
        },
      ];
    }),
  );
}

/** The student as a loss network: the teacher's first layer and what has been trained. */
export function studentWeights(
  teacher: LossNetworkWeights,
  convolutions: readonly StudentConvolution[],
  parameters: readonly tf.Tensor[],
): LossNetworkWeights {
  const layers = new Map<string, ConvolutionWeights>([['conv1_1', teacher.layers.get('conv1_1')!]]);
  tf.tidy(() => {
    for (const [name, { kernel, bias }] of studentKernels(convolutions, parameters)) {
      layers.set(name, {
        kernel: kernel.dataSync() as Float32Array,
        kernelShape: kernel.shape,
        bias: bias.dataSync() as Float32Array,
      });
    }
  });
  return { ...teacher, layers, steps: studentSteps(), padding: STUDENT_PADDING };
}
