/** A transform net as an ONNX graph: `transformNet` of src/networks in ONNX's operators, for pictures of any size. */
import { ENLARGEMENT, EPSILON } from '../../engine/ops/constants.ts';
import { type Layer, OUTPUT_GAIN } from '../../networks/architecture.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import type { PictureSize } from '../../picture.ts';
import { OnnxGraph } from './graph.ts';
import type { OnnxInput, OnnxModel } from './messages.ts';

export type OnnxLayout = 'nhwc' | 'nchw';

export interface OnnxStyleOptions {
  /** Order of the dimensions of pictures, in and out. */
  readonly layout: OnnxLayout;
  /** The only size that the model takes; any unless given. */
  readonly size?: PictureSize;
  /** What weights are kept in; the arithmetic is float32. */
  readonly weights: 'float32' | 'float16';
  /** Whether the model has an input for the amount of the style (`--amount`). */
  readonly hasAmount: boolean;
}

/** What of a style is exported. */
export interface ExportedNetwork {
  readonly layers: readonly Layer[];
  /** Scales and offsets are [C], or [S, C] where the file has several styles. */
  readonly parameters: readonly NamedArray[];
  /** How many styles the network has; undefined for a network of one. */
  readonly styles: number | undefined;
  /** Pixels by which photos are mirrored beyond their borders first. */
  readonly margin: number;
}

/** The oldest opset that has all operators as they are used here; ONNX Runtime reads it since 1.12 (2022). */
export const OPSET = 17;

/** Names of inputs and outputs. */
export const IMAGE = 'image';
export const PAINTED = 'painted';
export const STYLE_WEIGHTS = 'style_weights';
export const AMOUNT = 'amount';

/**
 * The graph: RGB pixels in [0, 255] as float32, [1, H, W, 3] or [1, 3, H, W], in and out.
 *
 * Operators are those that old and small runtimes have: convolutions with odd kernels and no padding of their own, padding by
 * reflection as a node, and the enlarging convolution as a convolution at the small size and DepthToSpace, so that no runtime's
 * way of enlarging matters.
 */
export function styleModel(
  { layers, parameters, styles, margin }: ExportedNetwork,
  { layout, size, weights, hasAmount }: OnnxStyleOptions,
): Pick<OnnxModel, 'opset' | 'inputs' | 'outputs' | 'nodes' | 'tensors'> {
  const graph = new OnnxGraph(weights === 'float16');
  const arrays = new Map(parameters.map((array) => [array.name, array]));
  const parameter = (name: string): NamedArray => {
    const found = arrays.get(name);
    if (found === undefined) throw new Error(`The transform net has no parameter ${name}.`);
    return found;
  };

  const pad = (x: string, by: number, mode: 'reflect' | 'edge') =>
    by === 0 ? x : graph.node('Pad', [x, graph.integers([0, 0, by, by, 0, 0, by, by])], { mode });
  const convolution = (x: string, name: string, stride = 1): string => {
    const { shape, values } = parameter(`${name}.kernel`);
    const [side, , from, to] = shape as [number, number, number, number];
    const kernel = graph.weights(
      `${name}.kernel`,
      [to, from, side, side],
      outputsFirst(values, side, from, to),
    );
    return graph.node('Conv', [pad(x, (side - 1) / 2, 'reflect'), kernel], {
      kernel_shape: [side, side],
      strides: [stride, stride],
    });
  };
  const enlargingConvolution = (x: string, name: string): string => {
    const { shape, values } = parameter(`${name}.kernel`);
    const [, , from, to] = shape as [number, number, number, number];
    const phases = phaseKernels(values, from, to);
    const kernel = graph.weights(
      `${name}.kernel`,
      [4 * to, from, 3, 3],
      outputsFirst(phases, 3, from, 4 * to),
    );
    const small = graph.node('Conv', [pad(x, 1, 'edge'), kernel], { kernel_shape: [3, 3], strides: [1, 1] });
    return graph.node('DepthToSpace', [small], { blocksize: 2, mode: 'DCR' });
  };
  /** A style's scale or offset: [C], or of several styles Σ_s w_s · values[s], as [1, C, 1, 1]. */
  const mixed = (name: string): string => {
    const { shape, values } = parameter(name);
    const sum = graph.node('MatMul', [STYLE_WEIGHTS, graph.weights(name, shape, values)]);
    return graph.node('Reshape', [sum, graph.integers([1, shape[1]!, 1, 1])]);
  };
  const normalized = (x: string, name: string): string => {
    const epsilon = { epsilon: { float: EPSILON } };
    const [scale, offset] = [`${name}.scale`, `${name}.offset`];
    if (styles === undefined) {
      const own = [scale, offset].map((each) =>
        graph.weights(each, parameter(each).shape, parameter(each).values),
      );
      return graph.node('InstanceNormalization', [x, ...own], epsilon);
    }
    // Some runtimes want this operator's scale as a constant.
    const channels = parameter(scale).shape[1]!;
    const ones = graph.floats(`ones_${channels}`, [channels], new Float32Array(channels).fill(1));
    const zeros = graph.floats(`zeros_${channels}`, [channels], new Float32Array(channels));
    const plain = graph.node('InstanceNormalization', [x, ones, zeros], epsilon);
    return graph.node('Add', [graph.node('Mul', [plain, mixed(scale)]), mixed(offset)]);
  };
  const relu = (x: string) => graph.node('Relu', [x]);
  const apply = (x: string, layer: Layer, i: number): string => {
    const name = `layers.${i}`;
    switch (layer.kind) {
      case 'convolution': {
        const sums = convolution(x, name);
        if (i < layers.length - 1) return relu(normalized(sums, name));
        const { values } = parameter(`${name}.bias`);
        return graph.node('Add', [sums, graph.weights(`${name}.bias`, [1, values.length, 1, 1], values)]);
      }
      case 'down':
        return relu(normalized(convolution(x, name, 2), name));
      case 'residual': {
        const inner = relu(normalized(convolution(x, `${name}.first`), `${name}.first`));
        const added = normalized(convolution(inner, `${name}.second`), `${name}.second`);
        return graph.node('Add', [x, hasAmount ? graph.node('Mul', [added, AMOUNT]) : added]);
      }
      case 'up':
        return relu(normalized(enlargingConvolution(x, name), name));
    }
  };

  const photo = layout === 'nhwc' ? graph.node('Transpose', [IMAGE], { perm: [0, 3, 1, 2] }) : IMAGE;
  const larger = withMargin(graph, photo, margin, size);
  let x = graph.node('Sub', [graph.node('Div', [larger, graph.scalar(127.5)]), graph.scalar(1)]);
  layers.forEach((layer, i) => {
    x = apply(x, layer, i);
  });
  x = graph.node('Tanh', [graph.node('Mul', [x, graph.scalar(OUTPUT_GAIN)])]);
  x = graph.node('Add', [graph.node('Mul', [x, graph.scalar(127.5)]), graph.scalar(127.5)]);
  x = cropped(graph, x, photo, margin, size);
  if (hasAmount) {
    // photo + √a · (painted − photo), as `paintedShare` of src/infer/finish/look.ts.
    const change = graph.node('Mul', [graph.node('Sub', [x, photo]), graph.node('Sqrt', [AMOUNT])]);
    x = graph.node('Add', [photo, change]);
  }
  if (layout === 'nhwc') graph.node('Transpose', [x], { perm: [0, 2, 3, 1] }, PAINTED);
  else graph.node('Identity', [x], {}, PAINTED);

  const sides = size === undefined ? ['height', 'width'] : [size.height, size.width];
  const shape = layout === 'nhwc' ? [1, ...sides, 3] : [1, 3, ...sides];
  const inputs: OnnxInput[] = [{ name: IMAGE, shape }];
  if (styles !== undefined) inputs.push({ name: STYLE_WEIGHTS, shape: [styles] });
  if (hasAmount) inputs.push({ name: AMOUNT, shape: [1] });
  const { nodes, tensors } = graph;
  return { opset: OPSET, inputs, outputs: [{ name: PAINTED, shape }], nodes, tensors };
}

const [HEIGHT, WIDTH] = [2, 3];

/**
 * The photo mirrored beyond its borders, as src/infer/margin.ts has it: to and fro where it is smaller than the margin, which Pad
 * does not allow. Row i is row (n − 1) − |(n − 1) − (i mod 2(n − 1))| of the photo.
 */
function withMargin(graph: OnnxGraph, photo: string, margin: number, size: PictureSize | undefined): string {
  if (margin === 0) return photo;
  if (size !== undefined && margin < Math.min(size.height, size.width))
    return graph.node('Pad', [photo, graph.integers([0, 0, margin, margin, 0, 0, margin, margin])], {
      mode: 'reflect',
    });
  return [HEIGHT, WIDTH].reduce((x, axis) => {
    const side = sideOf(graph, photo, axis);
    const last = graph.node('Sub', [side, graph.integer(1)]);
    const period = graph.node('Mul', [last, graph.integer(2)]);
    const end = graph.node('Add', [side, graph.integer(margin)]);
    const places = graph.node('Range', [graph.integer(-margin), end, graph.integer(1)]);
    // Mod of integers takes the divisor's sign, as Python's.
    const within = graph.node('Mod', [places, period]);
    const from = graph.node('Abs', [graph.node('Sub', [last, within])]);
    return graph.node('Gather', [x, graph.node('Sub', [last, from])], { axis });
  }, photo);
}

/** A side of the photo, when the graph runs, without dimensions. */
function sideOf(graph: OnnxGraph, photo: string, axis: number): string {
  return graph.node('Gather', [graph.node('Shape', [photo]), graph.integer(axis)], { axis: 0 });
}

/** Without the margin, and without what halving a side has rounded up. */
function cropped(
  graph: OnnxGraph,
  x: string,
  photo: string,
  margin: number,
  size: PictureSize | undefined,
): string {
  const begins = graph.integers([margin, margin]);
  const axes = graph.integers([HEIGHT, WIDTH]);
  if (size !== undefined)
    return graph.node('Slice', [
      x,
      begins,
      graph.integers([margin + size.height, margin + size.width]),
      axes,
    ]);
  const sides = graph.node('Slice', [
    graph.node('Shape', [photo]),
    graph.integers([HEIGHT]),
    graph.integers([WIDTH + 1]),
  ]);
  return graph.node('Slice', [x, begins, graph.node('Add', [sides, begins]), axes]);
}

/** [side, side, from, to] to ONNX's [to, from, side, side]. */
export function outputsFirst(values: Float32Array, side: number, from: number, to: number): Float32Array {
  const taps = side * side;
  const out = new Float32Array(values.length);
  for (let tap = 0; tap < taps; tap++)
    for (let i = 0; i < from; i++)
      for (let o = 0; o < to; o++) out[(o * from + i) * taps + tap] = values[(tap * from + i) * to + o]!;
  return out;
}

/**
 * The four kernels by which `enlargingConvolution` of src/engine/ops works at the small size: [3, 3, C, D] to [3, 3, C, 4·D], the
 * phases after one another.
 */
export function phaseKernels(kernel: Float32Array, from: number, to: number): Float32Array {
  const phases = new Float32Array(kernel.length * 4);
  const each = from * to;
  for (let row = 0; row < 6; row++) {
    for (let column = 0; column < 6; column++) {
      // Rows of ENLARGEMENT are (phase, neighbour).
      const [a, u] = [Math.floor(row / 3), row % 3];
      const [b, v] = [Math.floor(column / 3), column % 3];
      for (let tap = 0; tap < 9; tap++) {
        const factor = ENLARGEMENT[row]![Math.floor(tap / 3)]! * ENLARGEMENT[column]![tap % 3]!;
        if (factor === 0) continue;
        for (let k = 0; k < each; k++) {
          const place = (u * 3 + v) * from + Math.floor(k / to);
          phases[(place * 4 + 2 * a + b) * to + (k % to)]! += factor * kernel[tap * each + k]!;
        }
      }
    }
  }
  return phases;
}
