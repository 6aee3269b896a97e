/** The network that learns: a trunk of one or two convolutions per block, and a linear look at each of the teacher's layers. */
import * as tf from '../../src/engine/tensorflow.ts';
import type { ConvolutionWeights, LossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import type { ConvolutionTensors } from '../../src/networks/run-steps.ts';
import { PIXELS, type Step } from '../../src/networks/weights/loss-network-steps.ts';
import { ConfigError, expected } from '../../src/system/errors.ts';

/** The teacher's layer that the student has as it is. */
export const OWN_LAYER = 'relu1_1';

/** Reflection takes a sixth of the student's time. */
export const STUDENT_PADDING = 'zero';

/** A convolution of the trunk and the ReLU after it; what is looked at there is a layer of the teacher. */
export interface TrunkStep {
  /** Of the teacher's convolution whose work it does. */
  readonly place: string;
  /** After a pooling. */
  readonly pooled: boolean;
  readonly side: number;
  readonly look?: LearntLayer;
}

/** The teacher's layers that are learnt: those of the losses. */
export const LEARNT = ['relu2_1', 'relu3_1', 'relu3_2', 'relu4_1', 'relu4_2', 'relu5_1'] as const;
export type LearntLayer = (typeof LEARNT)[number];

/** VGG16 up to relu4_2. Only the last leaves a convolution of the teacher out (conv4_3) and has a broader kernel for it. */
export const TRUNK: readonly TrunkStep[] = [
  { place: '1_2', pooled: false, side: 3 },
  { place: '2_1', pooled: true, side: 3, look: 'relu2_1' },
  { place: '2_2', pooled: false, side: 3 },
  { place: '3_1', pooled: true, side: 3, look: 'relu3_1' },
  { place: '3_2', pooled: false, side: 3, look: 'relu3_2' },
  { place: '3_3', pooled: false, side: 3 },
  { place: '4_1', pooled: true, side: 3, look: 'relu4_1' },
  { place: '4_2', pooled: false, side: 3, look: 'relu4_2' },
  { place: '5_1', pooled: true, side: 5, look: 'relu5_1' },
];

export interface StudentShape {
  /** Channels after each convolution of the trunk. */
  readonly trunk: readonly number[];
  /** Coordinates in which each learnt layer is given. */
  readonly coordinates: Readonly<Record<LearntLayer, number>>;
}

/** @throws {ConfigError} not one whole number for each convolution of the trunk, or for each learnt layer. */
export function parseShape(trunk: string, coordinates: string): StudentShape {
  const channels = widths(
    trunk,
    TRUNK.map(({ place }) => `trunk${place}`),
  );
  const counts = widths(coordinates, LEARNT);
  return {
    trunk: channels,
    coordinates: Object.fromEntries(
      LEARNT.map((layer, i) => [layer, counts[i]!]),
    ) as StudentShape['coordinates'],
  };
}

function widths(text: string, names: readonly string[]): readonly number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.length !== names.length || !numbers.every((n) => Number.isInteger(n) && n > 0))
    throw new ConfigError(expected(`a whole number above 0 for each of ${names.join(', ')}`, text));
  return numbers;
}

/** The steps: conv1_1, relu1_1; then for each of the trunk pooling, convolution, ReLU and look, as it has them. */
export function studentSteps(): readonly Step[] {
  const steps: Step[] = [
    { name: 'conv1_1', operation: 'conv', from: PIXELS },
    { name: OWN_LAYER, operation: 'relu', from: 'conv1_1' },
  ];
  let from: string = OWN_LAYER;
  let pools = 0;
  const add = (name: string, operation: Step['operation']) => {
    steps.push({ name, operation, from });
    from = name;
  };
  for (const { place, pooled, look } of TRUNK) {
    if (pooled) add(`pool${++pools}`, 'pool');
    add(`trunk${place}`, 'conv');
    add(`rect${place}`, 'relu');
    if (look !== undefined) steps.push({ name: look, operation: 'conv', from });
  }
  return steps;
}

/** A convolution of the student. Its weights are a fixed factor times what is trained. */
export interface StudentConvolution {
  readonly name: string;
  readonly kernelShape: readonly [number, number, number, number];
  /** Keep what is trained near 1 in size, whatever the teacher's units are. */
  readonly gain: number;
  readonly biasGain: number;
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
  return TRUNK.flatMap(({ place, side, look }, i): StudentConvolution[] => {
    const from = channels;
    channels = trunk[i]!;
    const scaleOfInput = i === 0 ? scales[OWN_LAYER]! : 1;
    const convolution: StudentConvolution = {
      name: `trunk${place}`,
      kernelShape: [side, side, from, channels],
      gain: 1 / scaleOfInput,
      biasGain: 1,
    };
    if (look === undefined) return [convolution];
    const gain = scales[look]!;
    return [
      convolution,
      { name: look, kernelShape: [1, 1, channels, coordinates[look]], gain, biasGain: gain },
    ];
  });
}

/** What is trained, by name. */
export type StudentParameters = Readonly<Record<string, tf.Tensor>>;

/** Kernel and bias of each convolution, given one after the other, by name. */
export function namedStudent(
  convolutions: readonly StudentConvolution[],
  tensors: readonly tf.Tensor[],
): StudentParameters {
  const names = convolutions.flatMap(({ name }) => [`${name}.kernel`, `${name}.bias`]);
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
}

/** The weights in effect, by convolution. In a tidy or a gradient. */
export function studentKernels(
  convolutions: readonly StudentConvolution[],
  parameters: StudentParameters,
): Map<string, ConvolutionTensors> {
  return new Map(
    convolutions.map(({ name, gain, biasGain }) => {
      const kernel = tf.mul(parameters[`${name}.kernel`]!, gain) as tf.Tensor4D;
      const bias = tf.mul(parameters[`${name}.bias`]!, biasGain) as tf.Tensor1D;
      return [name, { kernel, bias }];
    }),
  );
}

/** The student as a loss network: the teacher's first layer and what has been trained. */
export function studentWeights(
  teacher: LossNetworkWeights,
  convolutions: readonly StudentConvolution[],
  parameters: StudentParameters,
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
