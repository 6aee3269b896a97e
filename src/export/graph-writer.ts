/** What a file format must be able to say, so that `writeStyleGraph` can write a transform net in it. */
import type { NamedArray } from '../networks/safetensors.ts';
import type { PictureSize } from '../picture.ts';

export type ExportLayout = 'nhwc' | 'nchw';

/** Names of inputs and outputs. */
export const IMAGE = 'image';
export const PAINTED = 'painted';
export const STYLE_WEIGHTS = 'style_weights';
export const AMOUNT = 'amount';

/** A side that is known, or the name of one that is not. */
export type Dimension = number | string;

/** An input or output, float32. */
export interface GraphPort {
  readonly name: string;
  readonly shape: readonly Dimension[];
}

export type UnaryOperation = 'abs' | 'relu' | 'sqrt' | 'tanh';
export type BinaryOperation = 'add' | 'subtract' | 'multiply' | 'divide' | 'modulo' | 'minimum' | 'maximum';
export type PhaseOrder = 'channels' | 'phases';
export type Side = 'height' | 'width';

export interface NormalizationWeights {
  readonly scale: NamedArray;
  readonly offset: NamedArray;
}

/**
 * Writes the operations of a graph. Values are called by name. Feature maps lie in memory as the format's runtimes like them
 * best; only `image` and `painted` have the order of dimensions that was asked for.
 */
export interface GraphWriter {
  input(port: GraphPort): void;
  output(port: GraphPort): void;
  /** The input IMAGE as a feature map. */
  image(layout: ExportLayout): string;
  /** A feature map as the output PAINTED. */
  painted(x: string, layout: ExportLayout): void;

  number(value: number): string;
  /** Without dimensions. */
  integer(value: number): string;
  unary(operation: UnaryOperation, x: string): string;
  /** Of two integers, or of two values of which one may be a number, a value per channel, or an input of one number. */
  binary(operation: BinaryOperation, a: string, b: string): string;

  /** Without padding. @param kernel [K, K, C, D]. */
  convolution(x: string, kernel: NamedArray, stride: number): string;
  /** More pixels on each side, mirrored at the border without the edge itself. */
  mirrorBorder(x: string, by: number): string;
  /** One more pixel on each side, the same as that at the edge. */
  repeatEdge(x: string): string;
  /** Zeros: `before` rows at the top and columns at the left, `after` at the bottom and at the right. */
  zeroBorder(x: string, before: number, after: number): string;
  /** [H, W, 4·D] to [2H, 2W, D], the phases (0,0), (0,1), (1,0), (1,1) in this order. */
  depthToSpace(x: string): string;
  /** What lies after one another in what `depthToSpace` takes: the D channels of a phase, or the four phases of a channel. */
  readonly phaseOrder: PhaseOrder;
  /** Each channel to mean 0 and variance 1 over its pixels, then scaled and shifted by [C] each, if they are given. */
  normalization(x: string, channels: number, own?: NormalizationWeights): string;
  /** A value per channel. @param values [C]. */
  perChannel(values: NamedArray): string;
  /** Σ_s w_s · values[s] as a value per channel, w the input STYLE_WEIGHTS. @param values [S, C]. */
  mixture(values: NamedArray): string;

  /** Pixels on a side of a feature map, an integer. */
  side(x: string, side: Side): string;
  /** Integers from `start` to before `end`. */
  range(start: string, end: string): string;
  /** Rows or columns of a feature map, by their numbers. */
  gather(x: string, places: string, side: Side): string;
  /** The part of `x` that begins at the row and column `begin` and is as large as `like`, whose size may be known. */
  crop(x: string, begin: number, like: string, size: PictureSize | undefined): string;
}
