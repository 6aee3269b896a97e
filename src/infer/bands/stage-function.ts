import { type CompiledFunction, compile, type Precision } from '../../engine/compile/compile.ts';
import { biasAdd } from '../../engine/ops/bias-add.ts';
import { channelMoments, normalizeWith } from '../../engine/ops/channel-moments.ts';
import { enlargingConvolutionOfPadded } from '../../engine/ops/enlarging-convolution.ts';
import { packHalves, unpackHalves } from '../../engine/ops/half-floats.ts';
import { narrowConvolution } from '../../engine/ops/narrow-convolution.ts';
import { padColumns, withoutBorderRows } from '../../engine/ops/pad-border.ts';
import { relu } from '../../engine/ops/relu.ts';
import * as tf from '../../engine/tensorflow.ts';
import { fromPixelValues, toPixelValues } from '../../networks/transform-net.ts';
import { type Activation, activationParts, type NetworkStage } from './stages.ts';

/** How rows are kept between stages: as they are, or as pairs of halves (`packHalves`). */
export type RowFormat = 'float' | 'halves';

/** What decides the graph of a stage; stages that agree in it share one compiled function. */
export interface StageForm {
  readonly stage: NetworkStage;
  /** Format and channels of each part of the input, in the order of `activationParts`. */
  readonly parts: readonly { readonly format: RowFormat; readonly channels: number }[];
  /** What is asked for: the result, its statistics, or both. */
  readonly asks: 'rows' | 'statistics' | 'both';
  /** Of the result. */
  readonly output: RowFormat;
  /** Of what it keeps of its input; undefined where that is not asked for. */
  readonly kept?: RowFormat;
  /** Only the colours: whether height and width of the result are even. */
  readonly even: boolean;
}

/** Equal for forms of one graph. */
export function formKey({ stage, parts, asks, output, kept, even }: StageForm): string {
  const { kind, kernel, from, to, input } = stage;
  return JSON.stringify([kind, kernel, from, to, shapeOf(input), parts, asks, output, kept, even]);
}

function shapeOf(activation: Activation): string {
  return activation.kind === 'sum' ? `${shapeOf(activation.base)}+` : activation.kind;
}

/**
 * Compiles what a stage does with a band: normalise what it reads by the whole image's statistics, rectify, add; mirror
 * left and right; convolve; statistics of the result.
 *
 * Inputs: per part its rows and, where they are to be normalised, scale, offset, mean and variance; then the kernel, and
 * the bias of the colours. Outputs, as far as they are asked for: the result's rows; their mean and variance
 * (`channelMoments`); what is kept of the input, without the rows beyond the result's. The colours have one output: pixels
 * in [0, 255].
 */
export function compileStage(form: StageForm, precision: Precision): CompiledFunction {
  const { stage, parts } = form;
  const own = activationParts(stage.input);
  const inputs: (number | null)[][] = parts.flatMap(({ format, channels }, i) => {
    const rows = [1, null, null, format === 'halves' ? channels / 2 : channels];
    return [rows, ...(own[i]!.kind === 'rectified' ? [[channels], [channels], [channels], [channels]] : [])];
  });
  inputs.push([stage.kernel, stage.kernel, stage.from, stage.to]);
  if (stage.kind === 'colours') inputs.push([stage.to]);
  return compile((tensors) => ({ outputs: program(form, [...tensors]) }), { inputs, precision });
}

function program(form: StageForm, tensors: tf.Tensor[]): tf.Tensor[] {
  const { stage, asks, output, kept, even } = form;
  const formats = form.parts.map(({ format }) => format);
  const next = () => tensors.shift()!;
  const rows = () => {
    const given = next() as tf.Tensor4D;
    return formats.shift() === 'halves' ? unpackHalves(given) : given;
  };
  const normalized = () => normalizeWith(rows(), [next(), next(), next(), next()]);
  const read = (activation: Activation): tf.Tensor4D => {
    switch (activation.kind) {
      case 'picture':
        return fromPixelValues(rows());
      case 'kept':
        return rows();
      case 'rectified':
        return relu(normalized());
      case 'sum':
        return tf.add(read(activation.base), normalized());
    }
  };
  const input = read(stage.input);
  const kernel = next() as tf.Tensor4D;
  if (stage.kind === 'colours') return [colourPixels(stage, input, kernel, next() as tf.Tensor1D, even)];
  const result = convolve(stage, input, kernel);
  const packed = (x: tf.Tensor4D, format: RowFormat) => (format === 'halves' ? packHalves(x) : x);
  const outputs: tf.Tensor[] = [];
  if (asks !== 'statistics') outputs.push(packed(result, output));
  if (asks !== 'rows') {
    const { mean, variance } = channelMoments(result);
    outputs.push(mean, variance);
  }
  if (kept !== undefined) outputs.push(packed(withoutBorderRows(input, (stage.kernel - 1) / 2), kept));
  return outputs;
}

function convolve(
  { kind, kernel: size }: NetworkStage,
  input: tf.Tensor4D,
  kernel: tf.Tensor4D,
): tf.Tensor4D {
  if (kind === 'up') return enlargingConvolutionOfPadded(padColumns(input, 1, 'SYMMETRIC'), kernel);
  return tf.conv2d(padColumns(input, (size - 1) / 2, 'REFLECT'), kernel, kind === 'down' ? 2 : 1, 'valid');
}

/** As the transform net ends. */
function colourPixels(
  { kernel: size }: NetworkStage,
  input: tf.Tensor4D,
  kernel: tf.Tensor4D,
  bias: tf.Tensor1D,
  even: boolean,
): tf.Tensor {
  const padded = padColumns(input, (size - 1) / 2, 'REFLECT');
  const colours = even ? narrowConvolution(padded, kernel) : tf.conv2d(padded, kernel, 1, 'valid');
  return toPixelValues(biasAdd(colours, bias));
}
