/** One stage of a transform net as an ONNX graph that takes bands of rows: the pieces that paint large pictures exactly. */
import { type Activation, activationParts, type NetworkStage } from '../../infer/bands/stages.ts';
import { paddingOf } from '../../networks/architecture.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import { PAINTED } from '../graph-writer.ts';
import { phaseKernels, readPixels, writtenPixels } from '../style-graph.ts';
import { OnnxWriter } from './onnx-writer.ts';

/** Names of a part's inputs, by its place in `activationParts`. */
export const partInputs = (part: number) => ({
  /** [1, C, H, W], with the rows above and below that the convolution reads. */
  rows: `rows_${part}`,
  /** Of a part that is normalised, [1, C, 1, 1]: (rows − mean) · factor + offset. */
  mean: `mean_${part}`,
  factor: `factor_${part}`,
  offset: `offset_${part}`,
});

/** Name of an input of stages with a border of zeros: 1 for rows within the image, 0 for those beyond, [1, 1, H, 1]. */
export const WITHIN = 'within';

/** Names of the outputs. */
export const STAGE_OUTPUTS = {
  /** Of the colours: [1, H, W, 3], pixels in [0, 255]. */
  colours: PAINTED,
  /** Of any other stage: [1, C, H, W]. */
  result: 'result',
  /** Of the result: [C] each, the variance divided by the number of pixels. */
  mean: 'mean',
  variance: 'variance',
  /** What the stage keeps of its input, without the rows beyond the result's; only where `keepsInput` is set. */
  kept: 'kept',
} as const;

/**
 * The graph of a stage, as `compileStage` of src/infer/bands has it: normalises what it reads by statistics that it is given,
 * rectifies, adds; mirrors left and right; convolves; measures its result.
 *
 * @param parameters the kernel and, of the colours, the bias are read: not those of normalisations.
 */
export function writeStage(stage: NetworkStage, parameters: ReadonlyMap<string, NamedArray>): OnnxWriter {
  const graph = new OnnxWriter(false);
  const parameter = (what: 'kernel' | 'bias') => {
    const found = parameters.get(`${stage.name}.${what}`);
    if (found === undefined) throw new Error(`The transform net has no parameter ${stage.name}.${what}.`);
    return found;
  };
  const { kind, to } = stage;
  let x = readInput(stage.input, stage, graph);
  if (stage.border === 'zero') {
    graph.input({ name: WITHIN, shape: [1, 1, 'height_0', 1] });
    x = graph.binary('multiply', x, WITHIN);
  }
  const padded = withColumns(stage, x, graph);
  const sides = ['rows', 'columns'] as const;
  if (kind === 'colours') {
    const sums = graph.convolution(padded, parameter('kernel'), 1);
    const colours = graph.binary('add', sums, graph.perChannel(parameter('bias')));
    graph.output({ name: PAINTED, shape: [1, ...sides, to] });
    graph.painted(writtenPixels(graph, colours, stage.output), 'nhwc');
  } else {
    const result =
      kind === 'up'
        ? graph.depthToSpace(
            graph.convolution(
              padded,
              phaseKernels(parameter('kernel'), stage.enlargement ?? 'bilinear', graph.phaseOrder),
              1,
            ),
          )
        : graph.convolution(padded, parameter('kernel'), kind === 'down' ? 2 : 1);
    const { mean, variance } = graph.moments(result, to);
    graph.answer(result, { name: STAGE_OUTPUTS.result, shape: [1, to, ...sides] });
    graph.answer(mean, { name: STAGE_OUTPUTS.mean, shape: [to] });
    graph.answer(variance, { name: STAGE_OUTPUTS.variance, shape: [to] });
  }
  if (stage.keepsInput)
    graph.answer(graph.innerRows(x, (stage.kernel - 1) / 2), {
      name: STAGE_OUTPUTS.kept,
      shape: [1, stage.from, ...sides],
    });
  return graph;
}

/** With what lies beyond the border at the left and at the right. */
function withColumns({ kind, kernel, border }: NetworkStage, x: string, graph: OnnxWriter): string {
  const [before, after] = paddingOf(kernel, kind === 'down' ? 2 : 1, border);
  if (before + after === 0) return x;
  if (border === 'zero') return graph.zeroColumns(x, before, after);
  return kind === 'up' ? graph.repeatColumns(x) : graph.mirrorColumns(x, before);
}

function readInput(activation: Activation, stage: NetworkStage, graph: OnnxWriter): string {
  const { from: channels, border } = stage;
  // A sum's own part comes after those of its base.
  const part = activationParts(activation).length - 1;
  const names = partInputs(part);
  const rows = () => {
    graph.input({ name: names.rows, shape: [1, channels, `height_${part}`, 'width'] });
    return names.rows;
  };
  const normalized = () => {
    for (const name of [names.mean, names.factor, names.offset])
      graph.input({ name, shape: [1, channels, 1, 1] });
    const scaled = graph.binary('multiply', graph.binary('subtract', rows(), names.mean), names.factor);
    return graph.binary('add', scaled, names.offset);
  };
  switch (activation.kind) {
    case 'picture':
      return readPixels(graph, rows(), border);
    case 'kept':
      return rows();
    case 'rectified':
      return graph.unary('relu', normalized());
    case 'sum':
      return graph.binary('add', readInput(activation.base, stage, graph), normalized());
  }
}
