import { type AttrValue, type GraphNode, shapeProto } from '../../engine/compile/graph.ts';
import { DataType } from '../../engine/data-type.ts';
import { EPSILON } from '../../engine/ops/constants.ts';
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

const UNARY: Readonly<Record<UnaryOperation | 'square' | 'rsqrt', string>> = {
  abs: 'Abs',
  relu: 'Relu',
  sqrt: 'Sqrt',
  tanh: 'Tanh',
  square: 'Square',
  rsqrt: 'Rsqrt',
};
/** FloorMod takes the divisor's sign. */
const BINARY: Readonly<Record<BinaryOperation, string>> = {
  add: 'AddV2',
  subtract: 'Sub',
  multiply: 'Mul',
  divide: 'RealDiv',
  modulo: 'FloorMod',
  minimum: 'Minimum',
  maximum: 'Maximum',
};
/** Feature maps are [1, H, W, C], the only order that TensorFlow convolves in on a processor. */
const AXES: Readonly<Record<Side, number>> = { height: 1, width: 2 };

const INT32 = { type: DataType.INT32 };
const text = (value: string): AttrValue => ({ s: Buffer.from(value) });
const list = (...i: readonly number[]): AttrValue => ({ list: { i } });

/** A constant of a graph: its node is called by its name. */
export type GraphConstant = { readonly name: string; readonly shape: readonly number[] } & (
  | { readonly values: Float32Array | Int32Array; readonly isTrained: false }
  /** Trained numbers, which may be kept as float16. */
  | { readonly values: Float32Array; readonly isTrained: true }
);

export type TrainedConstant = Extract<GraphConstant, { readonly isTrained: true }>;

/**
 * Collects a graph in TensorFlow's operations, of which tfjs has those that are used here on all its backends: normalisation
 * is therefore composed of means.
 */
export class TensorFlowWriter implements GraphWriter {
  /** All but those of the constants. */
  readonly nodes: GraphNode[] = [];
  readonly inputs: GraphPort[] = [];
  readonly outputs: GraphPort[] = [];
  readonly phaseOrder = 'channels';
  readonly #constants = new Map<string, GraphConstant>();
  readonly #integers = new Set<string>();

  get constants(): readonly GraphConstant[] {
    return [...this.#constants.values()];
  }

  input(port: GraphPort): void {
    const shape = { shape: portShape(port) };
    this.nodes.push({
      ...{ name: port.name, op: 'Placeholder', input: [], dtypes: [DataType.FLOAT] },
      attr: { dtype: { type: DataType.FLOAT }, shape },
    });
    this.inputs.push(port);
  }

  output(port: GraphPort): void {
    this.outputs.push(port);
  }

  image(layout: ExportLayout): string {
    return layout === 'nhwc' ? IMAGE : this.#transposed(IMAGE, [0, 2, 3, 1]);
  }

  painted(x: string, layout: ExportLayout): void {
    if (layout === 'nchw') this.#transposed(x, [0, 3, 1, 2], PAINTED);
    else this.#node('Identity', [x], {}, { name: PAINTED });
  }

  number(value: number): string {
    return this.#constant(`number_${value}`, [], Float32Array.of(value));
  }

  integer(value: number): string {
    return this.#constant(`integer_${value}`, [], Int32Array.of(value));
  }

  unary(operation: keyof typeof UNARY, x: string): string {
    return this.#node(UNARY[operation], [x]);
  }

  binary(operation: BinaryOperation, a: string, b: string): string {
    return this.#node(BINARY[operation], [a, b]);
  }

  convolution(x: string, kernel: NamedArray, stride: number): string {
    return this.#node('Conv2D', [x, this.#trained(kernel)], {
      strides: list(1, stride, stride, 1),
      dilations: list(1, 1, 1, 1),
      padding: text('VALID'),
      data_format: text('NHWC'),
      explicit_paddings: { list: {} },
      use_cudnn_on_gpu: { b: true },
    });
  }

  mirrorBorder(x: string, by: number): string {
    return this.#mirrored(x, by, 'REFLECT');
  }

  repeatEdge(x: string): string {
    return this.#mirrored(x, 1, 'SYMMETRIC');
  }

  zeroBorder(x: string, before: number, after: number): string {
    return this.#node('Pad', [x, this.#paddings(before, after)], { Tpaddings: INT32 });
  }

  depthToSpace(x: string): string {
    return this.#node('DepthToSpace', [x], { block_size: { i: 2 }, data_format: text('NHWC') });
  }

  normalization(x: string, _channels: number, own?: NormalizationWeights): string {
    const centred = this.binary('subtract', x, this.#mean(x));
    const variance = this.#mean(this.unary('square', centred));
    let factor = this.unary('rsqrt', this.binary('add', variance, this.number(EPSILON)));
    if (own !== undefined) factor = this.binary('multiply', factor, this.#trained(own.scale));
    const scaled = this.binary('multiply', centred, factor);
    return own === undefined ? scaled : this.binary('add', scaled, this.#trained(own.offset));
  }

  perChannel(values: NamedArray): string {
    return this.#trained(values);
  }

  mixture(values: NamedArray): string {
    const [styles = 0, channels = 0] = values.shape;
    const weights = this.#reshaped(STYLE_WEIGHTS, [1, styles]);
    const sum = this.#node('MatMul', [weights, this.#trained(values)], {
      transpose_a: { b: false },
      transpose_b: { b: false },
    });
    return this.#reshaped(sum, [channels]);
  }

  side(x: string, side: Side): string {
    return this.#gathered(this.#shapeOf(x), this.integer(AXES[side]), 0);
  }

  range(start: string, end: string): string {
    return this.#node('Range', [start, end, this.integer(1)], {}, { type: 'Tidx' });
  }

  gather(x: string, places: string, side: Side): string {
    return this.#gathered(x, places, AXES[side]);
  }

  crop(x: string, begin: number, like: string, size: PictureSize | undefined): string {
    const begins = this.#vector([0, begin, begin, 0]);
    const sizes = size === undefined ? this.#shapeOf(like) : this.#vector([1, size.height, size.width, 3]);
    return this.#node('Slice', [x, begins, sizes], { Index: INT32 });
  }

  #mirrored(x: string, by: number, mode: string): string {
    return this.#node('MirrorPad', [x, this.#paddings(by, by)], { Tpaddings: INT32, mode: text(mode) });
  }

  #paddings(before: number, after: number): string {
    const values = Int32Array.of(0, 0, before, after, before, after, 0, 0);
    return this.#constant(`paddings_${before}_${after}`, [4, 2], values);
  }

  #mean(x: string): string {
    const axes = this.#vector([AXES.height, AXES.width]);
    return this.#node('Mean', [x, axes], { Tidx: INT32, keep_dims: { b: true } });
  }

  #transposed(x: string, order: readonly number[], name?: string): string {
    return this.#node('Transpose', [x, this.#vector(order)], { Tperm: INT32 }, { name });
  }

  #reshaped(x: string, shape: readonly number[]): string {
    return this.#node('Reshape', [x, this.#vector(shape)], { Tshape: INT32 });
  }

  #shapeOf(x: string): string {
    const name = this.#node('Shape', [x], { out_type: INT32 });
    this.#integers.add(name);
    return name;
  }

  #gathered(x: string, places: string, axis: number): string {
    return this.#node(
      'GatherV2',
      [x, places, this.integer(axis)],
      { Tindices: INT32, Taxis: INT32, batch_dims: { i: 0 } },
      { type: 'Tparams' },
    );
  }

  /**
   * @param type the attribute that says what the first input holds; most operations call it T. What goes in comes out.
   * @returns the node's name, after its number unless given.
   */
  #node(
    op: string,
    input: readonly string[],
    attr: Readonly<Record<string, AttrValue>> = {},
    {
      type = 'T',
      name = `value_${this.nodes.length}`,
    }: { type?: string | undefined; name?: string | undefined } = {},
  ): string {
    const isInteger = this.#integers.has(input[0]!);
    const dtype = isInteger ? DataType.INT32 : DataType.FLOAT;
    if (isInteger) this.#integers.add(name);
    this.nodes.push({ name, op, input, attr: { [type]: { type: dtype }, ...attr }, dtypes: [dtype] });
    return name;
  }

  #trained({ name, shape, values }: NamedArray): string {
    return this.#put({ name, shape, values, isTrained: true });
  }

  /** Shapes, axes. */
  #vector(values: readonly number[]): string {
    return this.#constant(`integers_${values.join('_')}`, [values.length], Int32Array.from(values));
  }

  /** What has the name already is the same. */
  #constant(name: string, shape: readonly number[], values: Float32Array | Int32Array): string {
    return this.#put({ name, shape, values, isTrained: false });
  }

  #put(constant: GraphConstant): string {
    // A node's name has no minus.
    const name = constant.name.replace('-', 'minus_');
    this.#constants.set(name, { ...constant, name });
    if (constant.values instanceof Int32Array) this.#integers.add(name);
    return name;
  }
}

/** A port's shape, −1 for a side that is not known. */
export function portShape({ shape }: GraphPort) {
  return shapeProto(shape.map((side) => (typeof side === 'number' ? side : null)));
}
