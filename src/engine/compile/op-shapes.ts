/**
 * What TensorFlow's ops answer, by shape and type, without being run: as the shape functions of tensorflow/core/ops have it, for those
 * that most of a recorded function is made of.
 */
import { DataType } from '../data-type.ts';

export interface OpInput {
  readonly shape: readonly number[];
  readonly dtype: number;
  /** Its numbers. @throws {Error} they are not known before the op runs. */
  values(): readonly number[];
}

export interface OpOutput {
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** An op's attributes by name, as tfjs-node's binding takes them. */
export type OpAttributes = Readonly<Record<string, unknown>>;

const BYTES: Readonly<Record<number, number>> = {
  [DataType.FLOAT]: 4,
  [DataType.INT32]: 4,
  [DataType.HALF]: 2,
  [DataType.UINT8]: 1,
};

type Rule = (inputs: readonly OpInput[], attributes: OpAttributes) => readonly OpOutput[];

/** @returns undefined where the op is none of those known here. */
export function outputsOf(
  op: string,
  inputs: readonly OpInput[],
  attributes: OpAttributes,
): readonly OpOutput[] | undefined {
  return RULES[op]?.(inputs, attributes);
}

/** A rule for ops of one output, of the type of their first input. */
const shaped =
  (shapeOf: (inputs: readonly OpInput[], attributes: OpAttributes) => readonly number[]): Rule =>
  (inputs, attributes) => [{ shape: shapeOf(inputs, attributes), dtype: inputs[0]!.dtype }];

const asFirst = shaped(([x]) => x!.shape);
const broadcast = shaped(([a, b]) => broadcastShape(a!.shape, b!.shape));
/** Sides that the first input says, of the second's type. */
const asSaid: Rule = ([sides, x]) => [{ shape: sides!.values(), dtype: x!.dtype }];
const reduced = shaped(([x, axes], { keep_dims: keeps }) => {
  const gone = new Set(axes!.values().map((axis) => fromStart(axis, x!.shape)));
  if (keeps) return x!.shape.map((side, i) => (gone.has(i) ? 1 : side));
  return x!.shape.filter((_, i) => !gone.has(i));
});
const padded = shaped(([x, paddings]) => {
  const each = paddings!.values();
  return x!.shape.map((side, i) => side + each[2 * i]! + each[2 * i + 1]!);
});
const pooled = shaped(([x], { ksize, strides, padding }) =>
  x!.shape.map((side, i) => windows(side, (ksize as number[])[i]!, (strides as number[])[i]!, padding)),
);
const resized: Rule = ([x, size]) => {
  const [batch, , , channels] = x!.shape as [number, number, number, number];
  return [{ shape: [batch, ...size!.values(), channels], dtype: DataType.FLOAT }];
};

export const RULES: Readonly<Record<string, Rule>> = {
  ...named(
    asFirst,
    'Abs',
    'AddN',
    'BiasAdd',
    'DeepCopy',
    'Exp',
    'Log',
    'MaxPoolGrad',
    'Neg',
    'Relu',
    'ReluGrad',
  ),
  ...named(asFirst, 'ReverseV2', 'Round', 'Sqrt', 'Square', 'Tanh', 'ZerosLike'),
  ...named(broadcast, 'Add', 'Maximum', 'Minimum', 'Mul', 'Pow', 'RealDiv', 'SquaredDifference', 'Sub'),
  ...named(reduced, 'Max', 'Mean', 'Min', 'Sum'),
  ...named(padded, 'MirrorPad', 'Pad', 'PadV2'),
  ...named(pooled, 'AvgPool', 'MaxPool'),
  ...named(resized, 'ResizeBilinear', 'ResizeNearestNeighbor'),
  AvgPoolGrad: asSaid,
  BatchMatMulV2: shaped(([a, b], { adj_x: isATurned, adj_y: isBTurned }) => {
    const rows = a!.shape.at(isATurned ? -1 : -2)!;
    const columns = b!.shape.at(isBTurned ? -2 : -1)!;
    return [...broadcastShape(a!.shape.slice(0, -2), b!.shape.slice(0, -2)), rows, columns];
  }),
  Bitcast: ([x], { type }) => {
    const dtype = type as number;
    const parts = (BYTES[x!.dtype] ?? Number.NaN) / (BYTES[dtype] ?? Number.NaN);
    const { shape } = x!;
    return [{ shape: parts > 1 ? [...shape, parts] : parts < 1 ? shape.slice(0, -1) : shape, dtype }];
  },
  BiasAddGrad: shaped(([x]) => x!.shape.slice(-1)),
  Cast: ([x], { DstT: dtype }) => [{ shape: x!.shape, dtype: dtype as number }],
  ConcatV2: shaped((inputs) => {
    const parts = inputs.slice(0, -1).map(({ shape }) => shape);
    const axis = fromStart(inputs.at(-1)!.values()[0]!, parts[0]!);
    const length = parts.reduce((sum, shape) => sum + shape[axis]!, 0);
    return parts[0]!.map((side, i) => (i === axis ? length : side));
  }),
  Conv2D: shaped(([x, kernel], { strides, padding, dilations, explicit_paddings: borders }) => {
    const [batch, ...sides] = x!.shape;
    const steps = strides as number[];
    const apart = (dilations as number[] | undefined) ?? [1, 1, 1, 1];
    const around = (borders as number[] | undefined) ?? [];
    const [height, width] = [1, 2].map((i) => {
      const reach = (kernel!.shape[i - 1]! - 1) * apart[i]! + 1;
      if (padding !== 'EXPLICIT') return windows(sides[i - 1]!, reach, steps[i]!, padding);
      return windows(sides[i - 1]! + around[2 * i]! + around[2 * i + 1]!, reach, steps[i]!, 'VALID');
    });
    return [batch!, height!, width!, kernel!.shape[3]!];
  }),
  Conv2DBackpropFilter: ([x, sides]) => [{ shape: sides!.values(), dtype: x!.dtype }],
  Conv2DBackpropInput: asSaid,
  DepthToSpace: shaped(([x], { block_size: block }) => {
    const side = block as number;
    const [batch, height, width, channels] = x!.shape as [number, number, number, number];
    return [batch, height * side, width * side, channels / side ** 2];
  }),
  Fill: asSaid,
  FusedBatchNormV3: ([x]) => normalized(x!, 4, [[0]]),
  FusedBatchNormGradV3: ([x]) => normalized(x!, 2, [[], []]),
  GatherV2: shaped(([x, places, along]) => {
    const axis = fromStart(along!.values()[0]!, x!.shape);
    return [...x!.shape.slice(0, axis), ...places!.shape, ...x!.shape.slice(axis + 1)];
  }),
  Reshape: shaped(([x, sides]) => {
    const wanted = sides!.values();
    const others = wanted.reduce((product, side) => (side === -1 ? product : product * side), 1);
    return wanted.map((side) => (side === -1 ? sizeOf(x!.shape) / others : side));
  }),
  Slice: shaped(([x, begin, size]) => {
    const [from, sides] = [begin!.values(), size!.values()];
    return x!.shape.map((side, i) => (sides[i] === -1 ? side - from[i]! : sides[i]!));
  }),
  SpaceToDepth: shaped(([x], { block_size: block }) => {
    const side = block as number;
    const [batch, height, width, channels] = x!.shape as [number, number, number, number];
    return [batch, height / side, width / side, channels * side ** 2];
  }),
  SplitV: ([x, lengths, along]) => {
    const axis = fromStart(along!.values()[0]!, x!.shape);
    return lengths!.values().map((length) => ({
      shape: x!.shape.map((side, i) => (i === axis ? length : side)),
      dtype: x!.dtype,
    }));
  },
  StridedSlice: shaped(slicedShape),
  Tile: shaped(([x, times]) => x!.shape.map((side, i) => side * times!.values()[i]!)),
  Transpose: shaped(([x, order]) => order!.values().map((axis) => x!.shape[axis]!)),
};

function named(rule: Rule, ...ops: readonly string[]): Record<string, Rule> {
  return Object.fromEntries(ops.map((op) => [op, rule]));
}

/** A picture as large, then vectors of a number for each channel, then what is of no use on a CPU. */
function normalized(
  { shape, dtype }: OpInput,
  vectors: number,
  unused: readonly (readonly number[])[],
): readonly OpOutput[] {
  const each: readonly number[][] = new Array(vectors).fill(shape.slice(-1));
  return [shape, ...each, ...unused].map((one) => ({ shape: one, dtype }));
}

/** Of each dimension what lies from begin to end, in steps; masks say where begin or end is the whole's own, and what is one place and goes. */
function slicedShape(
  [x, ...places]: readonly OpInput[],
  {
    begin_mask: begins,
    end_mask: ends,
    shrink_axis_mask: shrinks,
    ellipsis_mask: dots,
    new_axis_mask: added,
  }: OpAttributes,
): readonly number[] {
  if (dots || added) throw new Error('A slice with an ellipsis or a new axis cannot be recorded.');
  const [from, to, steps] = places.map((input) => input.values()) as [number[], number[], number[]];
  const has = (mask: unknown, i: number) => (((mask as number | undefined) ?? 0) & (1 << i)) !== 0;
  return x!.shape.flatMap((side, i) => {
    if (i >= steps.length) return [side];
    if (has(shrinks, i)) return [];
    const step = steps[i]!;
    const [least, most] = step > 0 ? [0, side] : [-1, side - 1];
    const within = (place: number) => Math.min(most, Math.max(least, place < 0 ? place + side : place));
    const first = has(begins, i) ? (step > 0 ? 0 : side - 1) : within(from[i]!);
    const last = has(ends, i) ? (step > 0 ? side : -1) : within(to[i]!);
    return [Math.max(0, Math.ceil((last - first) / step))];
  });
}

/** How many windows of so many places fit, in steps. */
function windows(side: number, reach: number, step: number, padding: unknown): number {
  return padding === 'SAME' ? Math.ceil(side / step) : Math.ceil((side - reach + 1) / step);
}

/** NumPy's rule, which is TensorFlow's: sides are compared from the last, and 1 goes with any. */
function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] {
  const [longer, shorter] = a.length >= b.length ? [a, b] : [b, a];
  const ahead = longer.length - shorter.length;
  return longer.map((side, i) => (side === 1 ? (shorter[i - ahead] ?? 1) : side));
}

const fromStart = (axis: number, shape: readonly number[]) => (axis < 0 ? axis + shape.length : axis);

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
