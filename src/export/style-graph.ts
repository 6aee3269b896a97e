/** A transform net as a graph of any format: `transformNet` of src/networks, for pictures of any size. */
import { ENLARGEMENTS, type Enlargement } from '../engine/ops/constants.ts';
import {
  type Layer,
  OUTPUT_GAIN,
  type Output,
  outputOf,
  paddingOf,
  WIDE_RANGE,
} from '../networks/architecture.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import type { PictureSize } from '../picture.ts';
import {
  AMOUNT,
  type ExportLayout,
  type GraphWriter,
  IMAGE,
  PAINTED,
  type PhaseOrder,
  type Side,
  STYLE_WEIGHTS,
} from './graph-writer.ts';

export interface StyleGraphOptions {
  /** Order of the dimensions of pictures, in and out. */
  readonly layout: ExportLayout;
  /** The only size that the file takes; any unless given. */
  readonly size?: PictureSize;
  /** What weights are kept in; the arithmetic is float32. */
  readonly weights: 'float32' | 'float16';
  /** Whether the file has an input for the amount of the style (`--amount`). */
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

/**
 * The graph: RGB pixels in [0, 255] as float32, [1, H, W, 3] or [1, 3, H, W], in and out.
 *
 * Operations are those that old and small runtimes have: convolutions with odd kernels and no padding of their own, padding as an
 * operation, and the enlarging convolution as a convolution at the small size and a rearrangement, so that no
 * runtime's way of enlarging matters.
 */
export function writeStyleGraph(
  { layers, parameters, styles, margin }: ExportedNetwork,
  { layout, size, hasAmount }: Omit<StyleGraphOptions, 'weights'>,
  graph: GraphWriter,
): void {
  const sides = size === undefined ? (['height', 'width'] as const) : ([size.height, size.width] as const);
  const shape = layout === 'nhwc' ? [1, ...sides, 3] : [1, 3, ...sides];
  graph.input({ name: IMAGE, shape });
  if (styles !== undefined) graph.input({ name: STYLE_WEIGHTS, shape: [styles] });
  if (hasAmount) graph.input({ name: AMOUNT, shape: [1] });
  graph.output({ name: PAINTED, shape });

  const photo = graph.image(layout);
  let x = withMargin(graph, photo, margin, size);
  x = readPixels(graph, x, layers[0]?.border);
  const net = new LayerWriter(graph, parameters, styles, hasAmount);
  layers.forEach((layer, i) => {
    x = net.apply(x, layer, i, i === layers.length - 1);
  });
  x = writtenPixels(graph, x, outputOf(layers));
  // Without the margin, and without what halving a side has rounded up.
  x = graph.crop(x, margin, photo, size);
  if (hasAmount) {
    // photo + √a · (painted − photo), as `paintedShare` of src/infer/finish/look.ts.
    const change = graph.binary('multiply', graph.binary('subtract', x, photo), graph.unary('sqrt', AMOUNT));
    x = graph.binary('add', photo, change);
  }
  graph.painted(x, layout);
}

/** Pixels as the transform net reads them (`fromPixelValues` of src/networks): x / 127.5 − 1, or x / 127.5. */
export function readPixels(graph: GraphWriter, x: string, border: Layer['border']): string {
  const scaled = graph.binary('divide', x, graph.number(127.5));
  return border === 'zero' ? scaled : graph.binary('subtract', scaled, graph.number(1));
}

/** What the last convolution gives as pixels (`Output`). */
export function writtenPixels(graph: GraphWriter, x: string, output: Output = 'tanh'): string {
  if (output === 'linear') return clipped(graph, x);
  const isWide = output === 'tanh150';
  const steep = isWide ? x : graph.binary('multiply', x, graph.number(OUTPUT_GAIN));
  const range = graph.number(isWide ? WIDE_RANGE : 127.5);
  const bent = graph.binary('multiply', graph.unary('tanh', steep), range);
  const pixels = graph.binary('add', bent, graph.number(127.5));
  return isWide ? clipped(graph, pixels) : pixels;
}

function clipped(graph: GraphWriter, x: string): string {
  return graph.binary('minimum', graph.binary('maximum', x, graph.number(0)), graph.number(255));
}

/** Writes layer after layer. */
class LayerWriter {
  readonly #graph: GraphWriter;
  readonly #arrays: ReadonlyMap<string, NamedArray>;
  readonly #isOfSeveral: boolean;
  readonly #hasAmount: boolean;

  constructor(
    graph: GraphWriter,
    parameters: readonly NamedArray[],
    styles: number | undefined,
    hasAmount: boolean,
  ) {
    this.#graph = graph;
    this.#arrays = new Map(parameters.map((array) => [array.name, array]));
    this.#isOfSeveral = styles !== undefined;
    this.#hasAmount = hasAmount;
  }

  apply(x: string, layer: Layer, i: number, isLast: boolean): string {
    const graph = this.#graph;
    const name = `layers.${i}`;
    switch (layer.kind) {
      case 'convolution': {
        const sums = this.#convolution(x, name, layer.border);
        if (!isLast) return this.#rectified(sums, name);
        return graph.binary('add', sums, graph.perChannel(this.#parameter(`${name}.bias`)));
      }
      case 'down':
        return this.#rectified(this.#convolution(x, name, layer.border, 2), name);
      case 'residual': {
        const { border } = layer;
        const inner = this.#rectified(this.#convolution(x, `${name}.first`, border), `${name}.first`);
        const added = this.#normalized(this.#convolution(inner, `${name}.second`, border), `${name}.second`);
        return graph.binary('add', x, this.#hasAmount ? graph.binary('multiply', added, AMOUNT) : added);
      }
      case 'up': {
        const kernel = phaseKernels(this.#parameter(`${name}.kernel`), layer.enlargement, graph.phaseOrder);
        const padded = layer.border === 'zero' ? graph.zeroBorder(x, 1, 1) : graph.repeatEdge(x);
        const small = graph.convolution(padded, kernel, 1);
        return this.#rectified(graph.depthToSpace(small), name);
      }
    }
  }

  #convolution(x: string, name: string, border: Layer['border'], stride = 1): string {
    const kernel = this.#parameter(`${name}.kernel`);
    const [before, after] = paddingOf(kernel.shape[0]!, stride, border);
    if (before + after === 0) return this.#graph.convolution(x, kernel, stride);
    const padded =
      border === 'zero' ? this.#graph.zeroBorder(x, before, after) : this.#graph.mirrorBorder(x, before);
    return this.#graph.convolution(padded, kernel, stride);
  }

  #rectified(x: string, name: string): string {
    return this.#graph.unary('relu', this.#normalized(x, name));
  }

  #normalized(x: string, name: string): string {
    const graph = this.#graph;
    const [scale, offset] = [this.#parameter(`${name}.scale`), this.#parameter(`${name}.offset`)];
    const channels = scale.shape.at(-1)!;
    if (!this.#isOfSeveral) return graph.normalization(x, channels, { scale, offset });
    const scaled = graph.binary('multiply', graph.normalization(x, channels), graph.mixture(scale));
    return graph.binary('add', scaled, graph.mixture(offset));
  }

  #parameter(name: string): NamedArray {
    const found = this.#arrays.get(name);
    if (found === undefined) throw new Error(`The transform net has no parameter ${name}.`);
    return found;
  }
}

/**
 * The photo mirrored beyond its borders, as src/infer/margin.ts has it: to and fro where it is smaller than the margin, which
 * padding does not allow. Row i is row (n − 1) − |(n − 1) − (i mod 2(n − 1))| of the photo, the remainder with the sign of the
 * divisor.
 */
function withMargin(
  graph: GraphWriter,
  photo: string,
  margin: number,
  size: PictureSize | undefined,
): string {
  if (margin === 0) return photo;
  if (size !== undefined && margin < Math.min(size.height, size.width))
    return graph.mirrorBorder(photo, margin);
  return (['height', 'width'] as const satisfies readonly Side[]).reduce((x, side) => {
    const length = graph.side(photo, side);
    const last = graph.binary('subtract', length, graph.integer(1));
    const period = graph.binary('multiply', last, graph.integer(2));
    const end = graph.binary('add', length, graph.integer(margin));
    const within = graph.binary('modulo', graph.range(graph.integer(-margin), end), period);
    const from = graph.unary('abs', graph.binary('subtract', last, within));
    return graph.gather(x, graph.binary('subtract', last, from), side);
  }, photo);
}

/**
 * The four kernels by which `enlargingConvolution` of src/engine/ops works at the small size: [3, 3, C, D] to [3, 3, C, 4·D].
 */
export function phaseKernels(
  { name, shape, values: kernel }: NamedArray,
  enlargement: Enlargement,
  order: PhaseOrder,
): NamedArray {
  const weights = ENLARGEMENTS[enlargement];
  const [, , from = 0, to = 0] = shape;
  const phases = new Float32Array(kernel.length * 4);
  const each = from * to;
  for (let row = 0; row < 6; row++) {
    for (let column = 0; column < 6; column++) {
      // Rows of the enlargement are (phase, neighbour).
      const [a, u] = [Math.floor(row / 3), row % 3];
      const [b, v] = [Math.floor(column / 3), column % 3];
      for (let tap = 0; tap < 9; tap++) {
        const factor = weights[row]![Math.floor(tap / 3)]! * weights[column]![tap % 3]!;
        if (factor === 0) continue;
        for (let k = 0; k < each; k++) {
          const [place, channel, phase] = [(u * 3 + v) * from + Math.floor(k / to), k % to, 2 * a + b];
          const output = order === 'channels' ? phase * to + channel : 4 * channel + phase;
          phases[place * 4 * to + output]! += factor * kernel[tap * each + k]!;
        }
      }
    }
  }
  return { name, shape: [3, 3, from, 4 * to], values: phases };
}
