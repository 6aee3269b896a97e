/**
 * Reads the networks that lengstrom/fast-style-transfer saves. Their variables have numbers for names, in the order in which its
 * program makes them: of each convolution the kernel, and of the normalisation after it the shift and the scale.
 * https://github.com/lengstrom/fast-style-transfer/blob/master/src/transform.py
 */
import { ProtobufFault } from '../../system/protobuf-fields.ts';
import type { NamedArray } from '../safetensors.ts';
import {
  ArchitectureFault,
  type FoundLayer,
  type FoundNetwork,
  type NormalizedConvolution,
} from './found-network.ts';
import { TableFault } from './sorted-table.ts';
import { readVersion1, readVersion2 } from './tensorflow-checkpoint.ts';

/** Those of the optimiser are called otherwise. */
const VARIABLE = /^Variable(?:_(\d+))?$/;
/** Convolutions that are not in residual blocks: three before them, three after. */
const [BEFORE, AFTER] = [3, 3];
/** ε of its normalisation. */
const EPSILON = 1e-3;

/**
 * @param data the file of the numbers, in version 2 of the format; undefined in version 1.
 * @throws {ArchitectureFault} the file is cut, or another network's.
 */
export function readTensorFlowStyle(bytes: Buffer, data: Buffer | undefined): FoundNetwork {
  const wanted = (name: string) => VARIABLE.test(name);
  try {
    return networkOf(data === undefined ? readVersion1(bytes, wanted) : readVersion2(bytes, data, wanted));
  } catch (error) {
    if (error instanceof TableFault || error instanceof ProtobufFault)
      throw new ArchitectureFault(error.message, { cause: error });
    throw error;
  }
}

function networkOf(variables: readonly NamedArray[]): FoundNetwork {
  const place = ({ name }: NamedArray) => Number(VARIABLE.exec(name)![1] ?? 0);
  const sorted = variables.toSorted((a, b) => place(a) - place(b));
  const count = sorted.length / 3;
  const blocks = (count - BEFORE - AFTER) / 2;
  const isNumbered = sorted.every((variable, i) => place(variable) === i);
  if (!Number.isInteger(blocks) || blocks < 1 || !isNumbered)
    throw new ArchitectureFault(
      `its ${sorted.length} variables are not those of lengstrom/fast-style-transfer, Variable to Variable_${3 * 16 - 1}`,
    );
  const at = (i: number, isTransposed = false): NormalizedConvolution => {
    const [kernel, offset, scale] = sorted.slice(3 * i, 3 * i + 3) as [NamedArray, NamedArray, NamedArray];
    if (kernel.shape.length !== 4) throw new ArchitectureFault(`${kernel.name} is no kernel`);
    return { kernel: isTransposed ? turned(kernel) : kernel, offset, scale };
  };
  const layers: FoundLayer[] = [
    { kind: 'convolution', convolution: at(0) },
    { kind: 'down', convolution: at(1) },
    { kind: 'down', convolution: at(2) },
    ...Array.from({ length: blocks }, (_, i): FoundLayer => {
      const first = BEFORE + 2 * i;
      return { kind: 'residual', first: at(first), second: at(first + 1) };
    }),
    { kind: 'transposed', convolution: at(count - 3, true) },
    { kind: 'transposed', convolution: at(count - 2, true) },
    { kind: 'convolution', convolution: withNegative(at(count - 1)) },
  ];
  return { layers, last: DIFFERENCE, border: 'zero', output: 'tanh150', epsilon: EPSILON };
}

/**
 * The kernel of a transposed convolution as that of the convolution that follows an enlargement by zeros: turned by 180°, its
 * channels exchanged. [3, 3, outputs, inputs] to [3, 3, inputs, outputs].
 */
function turned({ name, shape, values }: NamedArray): NamedArray {
  const [height = 0, width = 0, to = 0, from = 0] = shape;
  const taps = height * width;
  const result = new Float32Array(values.length);
  for (let tap = 0, at = 0; tap < taps; tap++)
    for (let o = 0; o < to; o++)
      for (let i = 0; i < from; i++) result[((taps - 1 - tap) * from + i) * to + o] = values[at++]!;
  return { name, shape: [height, width, from, to], values: result };
}

/**
 * Its last layer is normalised, and not rectified, before tanh. With x = relu(x) − relu(−x) that is a layer as all others of twice the
 * channels, the second half normalised to the negative, and `DIFFERENCE` after it.
 */
function withNegative({ kernel, scale, offset }: NormalizedConvolution): NormalizedConvolution {
  const [height = 0, width = 0, from = 0, to = 0] = kernel.shape;
  const values = new Float32Array(2 * kernel.values.length);
  for (let at = 0; at < kernel.values.length; at += to)
    for (const copy of [0, 1]) values.set(kernel.values.subarray(at, at + to), 2 * at + copy * to);
  const both = ({ values: own }: Pick<NamedArray, 'values'>) => ({
    shape: [2 * to],
    values: Float32Array.from({ length: 2 * to }, (_, c) => (c < to ? own[c]! : -own[c - to]!)),
  });
  return {
    kernel: { shape: [height, width, from, 2 * to], values },
    scale: both(scale),
    offset: both(offset),
  };
}

/** The first three channels less the other three. */
const DIFFERENCE: FoundNetwork['last'] = {
  kernel: {
    shape: [1, 1, 6, 3],
    values: Float32Array.from({ length: 18 }, (_, at) =>
      Math.floor(at / 3) % 3 === at % 3 ? (at < 9 ? 1 : -1) : 0,
    ),
  },
  bias: { shape: [3], values: new Float32Array(3) },
};
