import { EPSILON } from '../../engine/ops/constants.ts';
import { toHalves } from '../../networks/half-float.ts';
import { outputsFirst } from '../../networks/kernel-order.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import type { PictureSize } from '../../picture.ts';
import {
  type BinaryOperation,
  type ExportLayout,
  type GraphPort,
  type GraphWriter,
  IMAGE,
  type NormalizationWeights,
  PAINTED,
  type Side,
  STYLE_WEIGHTS,
  type UnaryOperation,
} from '../graph-writer.ts';
import type { OnnxAttribute, OnnxGraphNode, OnnxTensor } from './messages.ts';

/** The oldest opset that has all operators as they are used here; ONNX Runtime reads it since 1.12 (2022). */
export const OPSET = 17;

const UNARY: Readonly<Record<UnaryOperation, string>> = {
  abs: 'Abs',
  relu: 'Relu',
  sqrt: 'Sqrt',
  tanh: 'Tanh',
};
/** Mod of integers takes the divisor's sign, as Python's. */
const BINARY: Readonly<Record<BinaryOperation, string>> = {
  add: 'Add',
  subtract: 'Sub',
  multiply: 'Mul',
  divide: 'Div',
  modulo: 'Mod',
  minimum: 'Min',
  maximum: 'Max',
};
/** Feature maps are [1, C, H, W]. */
const AXES: Readonly<Record<Side, number>> = { height: 2, width: 3 };

/** Collects a graph in ONNX's operators. A node's result is called after its number. */
export class OnnxWriter implements GraphWriter {
  readonly nodes: OnnxGraphNode[] = [];
  readonly tensors: OnnxTensor[] = [];
  readonly inputs: GraphPort[] = [];
  readonly outputs: GraphPort[] = [];
  /** PyTorch's, the only one that pnnx turns into an operator of ncnn. */
  readonly phaseOrder = 'phases';
  readonly #isHalf: boolean;

  /** @param isHalf weights are kept as float16, and widened to float32 when the file is loaded. */
  constructor(isHalf: boolean) {
    this.#isHalf = isHalf;
  }

  input(port: GraphPort): void {
    this.inputs.push(port);
  }

  output(port: GraphPort): void {
    this.outputs.push(port);
  }

  image(layout: ExportLayout): string {
    return layout === 'nhwc' ? this.#node('Transpose', [IMAGE], { perm: [0, 3, 1, 2] }) : IMAGE;
  }

  painted(x: string, layout: ExportLayout): void {
    if (layout === 'nhwc') this.#node('Transpose', [x], { perm: [0, 2, 3, 1] }, PAINTED);
    else this.#node('Identity', [x], {}, PAINTED);
  }

  number(value: number): string {
    return this.#constant(`number_${value}`, [], Float32Array.of(value));
  }

  integer(value: number): string {
    return this.#constant(`integer_${value}`, [], BigInt64Array.of(BigInt(value)));
  }

  unary(operation: UnaryOperation, x: string): string {
    return this.#node(UNARY[operation], [x]);
  }

  binary(operation: BinaryOperation, a: string, b: string): string {
    return this.#node(BINARY[operation], [a, b]);
  }

  convolution(x: string, { name, shape, values }: NamedArray, stride: number): string {
    const [side, , from, to] = shape as [number, number, number, number];
    const kernel = this.#weights(name, [to, from, side, side], outputsFirst(values, from, to));
    return this.#node('Conv', [x, kernel], { kernel_shape: [side, side], strides: [stride, stride] });
  }

  mirrorBorder(x: string, by: number): string {
    return this.#node('Pad', [x, this.#integers([0, 0, by, by, 0, 0, by, by])], { mode: 'reflect' });
  }

  repeatEdge(x: string): string {
    return this.#node('Pad', [x, this.#integers([0, 0, 1, 1, 0, 0, 1, 1])], { mode: 'edge' });
  }

  zeroBorder(x: string, before: number, after: number): string {
    return this.#zeros(x, [0, 0, before, before, 0, 0, after, after]);
  }

  depthToSpace(x: string): string {
    return this.#node('DepthToSpace', [x], { blocksize: 2, mode: 'CRD' });
  }

  normalization(x: string, channels: number, own?: NormalizationWeights): string {
    const epsilon = { epsilon: { float: EPSILON } };
    if (own !== undefined) {
      const weights = [own.scale, own.offset].map((array) =>
        this.#weights(array.name, array.shape, array.values),
      );
      return this.#node('InstanceNormalization', [x, ...weights], epsilon);
    }
    // Some runtimes want this operator's scale as a constant.
    const ones = this.#constant(`ones_${channels}`, [channels], new Float32Array(channels).fill(1));
    const zeros = this.#constant(`zeros_${channels}`, [channels], new Float32Array(channels));
    return this.#node('InstanceNormalization', [x, ones, zeros], epsilon);
  }

  perChannel({ name, values }: NamedArray): string {
    return this.#weights(name, [1, values.length, 1, 1], values);
  }

  mixture({ name, shape, values }: NamedArray): string {
    const sum = this.#node('MatMul', [STYLE_WEIGHTS, this.#weights(name, shape, values)]);
    return this.#node('Reshape', [sum, this.#integers([1, shape[1]!, 1, 1])]);
  }

  side(x: string, side: Side): string {
    return this.#node('Gather', [this.#node('Shape', [x]), this.integer(AXES[side])], { axis: 0 });
  }

  range(start: string, end: string): string {
    return this.#node('Range', [start, end, this.integer(1)]);
  }

  gather(x: string, places: string, side: Side): string {
    return this.#node('Gather', [x, places], { axis: AXES[side] });
  }

  crop(x: string, begin: number, like: string, size: PictureSize | undefined): string {
    const begins = this.#integers([begin, begin]);
    const { height, width } = AXES;
    const ends =
      size === undefined
        ? this.#node('Add', [
            this.#node('Slice', [
              this.#node('Shape', [like]),
              this.#integers([height]),
              this.#integers([width + 1]),
            ]),
            begins,
          ])
        : this.#integers([begin + size.height, begin + size.width]);
    return this.#node('Slice', [x, begins, ends, this.#integers([height, width])]);
  }

  /** As `mirrorBorder`, left and right alone: of a band that has its neighbours' rows. */
  mirrorColumns(x: string, by: number): string {
    return this.#node('Pad', [x, this.#integers([0, 0, 0, by, 0, 0, 0, by])], { mode: 'reflect' });
  }

  /** As `repeatEdge`, left and right alone. */
  repeatColumns(x: string): string {
    return this.#node('Pad', [x, this.#integers([0, 0, 0, 1, 0, 0, 0, 1])], { mode: 'edge' });
  }

  /** As `zeroBorder`, left and right alone. */
  zeroColumns(x: string, before: number, after: number): string {
    return this.#zeros(x, [0, 0, 0, before, 0, 0, 0, after]);
  }

  /** Without some rows at the top and as many at the bottom. */
  innerRows(x: string, by: number): string {
    return this.#node('Slice', [
      x,
      this.#integers([by]),
      this.#integers([-by]),
      this.#integers([AXES.height]),
    ]);
  }

  /** Mean and variance of each channel over its pixels, [C] each. */
  moments(x: string, channels: number): { readonly mean: string; readonly variance: string } {
    const axes = [0, AXES.height, AXES.width];
    const mean = this.#node('ReduceMean', [x], { axes, keepdims: 1 });
    const distance = this.#node('Sub', [x, mean]);
    const squares = this.#node('Mul', [distance, distance]);
    return {
      mean: this.#node('Reshape', [mean, this.#integers([channels])]),
      variance: this.#node('ReduceMean', [squares], { axes, keepdims: 0 }),
    };
  }

  /** A value as an output. */
  answer(x: string, port: GraphPort): void {
    this.output(port);
    this.#node('Identity', [x], {}, port.name);
  }

  #zeros(x: string, pads: readonly number[]): string {
    return this.#node('Pad', [x, this.#integers(pads)], { mode: 'constant' });
  }

  #node(
    operation: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    output = `value_${this.nodes.length}`,
  ): string {
    this.nodes.push({ operation, inputs, output, attributes });
    return output;
  }

  /** Trained numbers. */
  #weights(name: string, shape: readonly number[], values: Float32Array): string {
    if (!this.#isHalf) return this.#constant(name, shape, values);
    this.tensors.push({ name: `${name}.half`, shape, values: toHalves(values) });
    return this.#node('Cast', [`${name}.half`], { to: 1 }, name);
  }

  /** Shapes, indices, axes. */
  #integers(values: readonly number[]): string {
    return this.#constant(
      `integers_${values.join('_')}`,
      [values.length],
      BigInt64Array.from(values, BigInt),
    );
  }

  /** What has the name already is the same. */
  #constant(name: string, shape: readonly number[], values: OnnxTensor['values']): string {
    if (!this.tensors.some((tensor) => tensor.name === name)) this.tensors.push({ name, shape, values });
    return name;
  }
}
