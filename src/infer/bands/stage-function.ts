import {
  type CompiledFunction,
  compile,
  numbered,
  type Precision,
  type ShapesOf,
} from '../../engine/compile/compile.ts';
import { biasAdd } from '../../engine/ops/bias-add.ts';
import { enlargingConvolutionOfPadded, narrowConvolution } from '../../engine/ops/convolution.ts';
import { packHalves, unpackHalves } from '../../engine/ops/half-floats.ts';
import { channelMoments, normalizeWith } from '../../engine/ops/instance-normalization.ts';
import { padColumns, padZeroColumns, withoutBorderRows } from '../../engine/ops/pad-border.ts';
import { relu } from '../../engine/ops/relu.ts';
import * as tf from '../../engine/tensorflow.ts';
import { paddingOf } from '../../networks/architecture.ts';
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
  const { kind, enlargement, border, output: ending, kernel, from, to, input } = stage;
  return JSON.stringify([
    ...[kind, enlargement, border, ending, kernel, from, to, shapeOf(input)],
    ...[parts, asks, output, kept, even],
  ]);
}

function shapeOf(activation: Activation): string {
  return activation.kind === 'sum' ? `${shapeOf(activation.base)}+` : activation.kind;
}

/** What normalises rows: scale, offset, mean and variance, [C] each. */
export type NormalizationTensors = {
  readonly scale: tf.Tensor;
  readonly offset: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
};

/** One part of what a stage reads: its rows, and what they are to be normalised by, if they are. */
export type PartTensors = {
  readonly rows: tf.Tensor4D;
  readonly normalization?: NormalizationTensors | undefined;
};

export type StageConvolution = {
  readonly kernel: tf.Tensor4D;
  /** Of the colours. */
  readonly bias?: tf.Tensor1D;
};

export type StageInputs = {
  /** By their places in `partsOf`. */
  readonly parts: Readonly<Record<string, PartTensors>>;
  readonly convolution: StageConvolution;
  /** Only with a border of zeros: 1 for the rows within the image, 0 for those beyond, [1, H, 1, 1]. */
  readonly within?: tf.Tensor4D | undefined;
};

/** What is there is what was asked for. */
export type StageOutputs = {
  /** Of the result; of the colours pixels in [0, 255]. */
  readonly rows?: tf.Tensor4D;
  /** Statistics of those rows. */
  readonly moments?: { readonly mean: tf.Tensor; readonly variance: tf.Tensor };
  /** What is kept of the input, without the rows beyond the result's. */
  readonly kept?: tf.Tensor4D;
};

export type StageFunction = CompiledFunction<StageInputs, StageOutputs>;

/**
 * Compiles what a stage does with a band: normalise what it reads by the whole image's statistics, rectify, add; mirror
 * left and right; convolve; statistics of the result.
 */
export function compileStage(form: StageForm, precision: Precision): StageFunction {
  const { stage, parts } = form;
  const own = activationParts(stage.input);
  const shapes = parts.map(({ format, channels }, i): ShapesOf<PartTensors> => {
    const rows = [1, null, null, format === 'halves' ? channels / 2 : channels];
    const [scale, offset, mean, variance] = Array.from({ length: 4 }, () => [channels]);
    if (own[i]!.kind !== 'rectified') return { rows };
    return { rows, normalization: { scale: scale!, offset: offset!, mean: mean!, variance: variance! } };
  });
  const inputs: ShapesOf<StageInputs> = {
    parts: numbered(shapes),
    convolution: {
      kernel: [stage.kernel, stage.kernel, stage.from, stage.to],
      ...(stage.kind === 'colours' && { bias: [stage.to] }),
    },
    ...(stage.border === 'zero' && { within: [1, null, 1, 1] }),
  };
  return compile((given: StageInputs) => ({ outputs: program(form, given) }), { inputs, precision });
}

function program(form: StageForm, { parts, convolution, within }: StageInputs): StageOutputs {
  const { stage, asks, output, kept, even } = form;
  const rows = (part: number) => {
    const given = parts[part]!.rows;
    return form.parts[part]!.format === 'halves' ? unpackHalves(given) : given;
  };
  const normalized = (part: number) => {
    const { scale, offset, mean, variance } = parts[part]!.normalization!;
    return normalizeWith(rows(part), [scale, offset, mean, variance]);
  };
  const read = (activation: Activation): tf.Tensor4D => {
    // A sum's own part comes after those of its base.
    const part = activationParts(activation).length - 1;
    switch (activation.kind) {
      case 'picture':
        return fromPixelValues(rows(part), stage.border);
      case 'kept':
        return rows(part);
      case 'rectified':
        return relu(normalized(part));
      case 'sum':
        return tf.add(read(activation.base), normalized(part));
    }
  };
  const mirrored = read(stage.input);
  // Zeros are what is convolved, not what is normalised before.
  const input = within === undefined ? mirrored : (tf.mul(mirrored, within) as tf.Tensor4D);
  const { kernel, bias } = convolution;
  if (stage.kind === 'colours') return { rows: colourPixels(stage, input, kernel, bias!, even) };
  const result = convolve(stage, input, kernel);
  const packed = (x: tf.Tensor4D, format: RowFormat) => (format === 'halves' ? packHalves(x) : x);
  return {
    ...(asks !== 'statistics' && { rows: packed(result, output) }),
    ...(asks !== 'rows' && { moments: { ...channelMoments(result) } }),
    ...(kept !== undefined && {
      kept: packed(withoutBorderRows(input, (stage.kernel - 1) / 2), kept),
    }),
  };
}

function convolve(stage: NetworkStage, input: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
  const { kind, enlargement = 'bilinear' } = stage;
  const padded = withColumns(stage, input);
  if (kind === 'up') return enlargingConvolutionOfPadded(padded, kernel, enlargement);
  return tf.conv2d(padded, kernel, kind === 'down' ? 2 : 1, 'valid');
}

/** With what lies beyond the border at the left and at the right. */
function withColumns({ kind, kernel, border }: NetworkStage, input: tf.Tensor4D): tf.Tensor4D {
  const [before, after] = paddingOf(kernel, kind === 'down' ? 2 : 1, border);
  if (border === 'zero') return padZeroColumns(input, before, after);
  return padColumns(input, before, kind === 'up' ? 'SYMMETRIC' : 'REFLECT');
}

/** As the transform net ends. */
function colourPixels(
  stage: NetworkStage,
  input: tf.Tensor4D,
  kernel: tf.Tensor4D,
  bias: tf.Tensor1D,
  even: boolean,
): tf.Tensor4D {
  const padded = withColumns(stage, input);
  const colours = even ? narrowConvolution(padded, kernel) : tf.conv2d(padded, kernel, 1, 'valid');
  return toPixelValues(biasAdd(colours, bias) as tf.Tensor4D, stage.output);
}
