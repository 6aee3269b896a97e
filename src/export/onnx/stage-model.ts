/** One stage of a transform net as an ONNX graph that takes bands of rows: the pieces that paint large pictures exactly. */
import { type Activation, activationParts, type NetworkStage } from '../../infer/bands/stages.ts';
import { OUTPUT_GAIN } from '../../networks/architecture.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import { OnnxGraph } from './graph.ts';
import type { OnnxInput, OnnxModel } from './messages.ts';
import { OPSET, outputsFirst, phaseKernels } from './style-model.ts';

/** Names of a part's inputs, by its place in `activationParts`. */
export const partInputs = (part: number) => ({
  /** [1, C, H, W], with the rows above and below that the convolution reads. */
  rows: `rows_${part}`,
  /** Of a part that is normalised, [1, C, 1, 1]: (rows − mean) · factor + offset. */
  mean: `mean_${part}`,
  factor: `factor_${part}`,
  offset: `offset_${part}`,
});

/** Names of the outputs. */
export const STAGE_OUTPUTS = {
  /** [1, C, H, W]; of the colours [1, H, W, 3], pixels in [0, 255]. */
  result: 'result',
  /** Of the result, but not of the colours: [C] each, the variance divided by the number of pixels. */
  mean: 'mean',
  variance: 'variance',
  /** What the stage keeps of its input, without the rows beyond the result's; only where `keepsInput` is set. */
  kept: 'kept',
} as const;

const [HEIGHT, ALL_BUT_CHANNELS] = [2, [0, 2, 3]];

/**
 * The graph of a stage, as `compileStage` of src/infer/bands has it: normalises what it reads by statistics that it is given,
 * rectifies, adds; mirrors left and right; convolves; measures its result.
 *
 * @param parameters the kernel and, of the colours, the bias are read: not those of normalisations.
 */
export function stageModel(
  stage: NetworkStage,
  parameters: ReadonlyMap<string, NamedArray>,
): Pick<OnnxModel, 'opset' | 'inputs' | 'outputs' | 'nodes' | 'tensors'> {
  const graph = new OnnxGraph(false);
  const values = (what: 'kernel' | 'bias') => {
    const found = parameters.get(`${stage.name}.${what}`);
    if (found === undefined) throw new Error(`The transform net has no parameter ${stage.name}.${what}.`);
    return found.values;
  };
  const inputs: OnnxInput[] = [];
  const input = (name: string, shape: OnnxInput['shape']): string => {
    inputs.push({ name, shape });
    return name;
  };
  const read = (activation: Activation): string => {
    // A sum's own part comes after those of its base.
    const part = activationParts(activation).length - 1;
    const names = partInputs(part);
    const rows = () => input(names.rows, [1, stage.from, `height_${part}`, 'width']);
    const normalized = () => {
      const [mean, factor, offset] = [names.mean, names.factor, names.offset].map((name) =>
        input(name, [1, stage.from, 1, 1]),
      );
      const scaled = graph.node('Mul', [graph.node('Sub', [rows(), mean!]), factor!]);
      return graph.node('Add', [scaled, offset!]);
    };
    switch (activation.kind) {
      case 'picture':
        return graph.node('Sub', [graph.node('Div', [rows(), graph.scalar(127.5)]), graph.scalar(1)]);
      case 'kept':
        return rows();
      case 'rectified':
        return graph.node('Relu', [normalized()]);
      case 'sum':
        return graph.node('Add', [read(activation.base), normalized()]);
    }
  };

  const { kind, kernel: side, from, to } = stage;
  const padding = (side - 1) / 2;
  const x = read(stage.input);
  const pads = graph.integers([0, 0, 0, padding, 0, 0, 0, padding]);
  const padded = graph.node('Pad', [x, pads], { mode: kind === 'up' ? 'edge' : 'reflect' });
  const outputs: OnnxInput[] = [];
  const output = (name: string, shape: OnnxInput['shape']): string => {
    outputs.push({ name, shape });
    return name;
  };
  const image = (name: string) => output(name, [1, to, 'rows', 'columns']);
  const convolve = (values: Float32Array, channels: number, stride: number, name?: string) =>
    graph.node(
      'Conv',
      [
        padded,
        graph.weights('kernel', [channels, from, side, side], outputsFirst(values, side, from, channels)),
      ],
      { kernel_shape: [side, side], strides: [stride, stride] },
      name,
    );

  if (kind === 'colours') {
    const sums = graph.node('Add', [
      convolve(values('kernel'), to, 1),
      graph.weights('bias', [1, to, 1, 1], values('bias')),
    ]);
    const colours = graph.node('Tanh', [graph.node('Mul', [sums, graph.scalar(OUTPUT_GAIN)])]);
    const pixels = graph.node('Mul', [colours, graph.scalar(127.5)]);
    const shown = graph.node('Add', [pixels, graph.scalar(127.5)]);
    const result = output(STAGE_OUTPUTS.result, [1, 'rows', 'columns', to]);
    graph.node('Transpose', [shown], { perm: [0, 2, 3, 1] }, result);
  } else {
    const result = image(STAGE_OUTPUTS.result);
    if (kind === 'up') {
      const small = convolve(phaseKernels(values('kernel'), from, to), 4 * to, 1);
      graph.node('DepthToSpace', [small], { blocksize: 2, mode: 'DCR' }, result);
    } else convolve(values('kernel'), to, kind === 'down' ? 2 : 1, result);
    const mean = graph.node('ReduceMean', [result], { axes: ALL_BUT_CHANNELS, keepdims: 1 });
    const distance = graph.node('Sub', [result, mean]);
    const flat = graph.integers([to]);
    graph.node('Reshape', [mean, flat], {}, output(STAGE_OUTPUTS.mean, [to]));
    const squares = graph.node('Mul', [distance, distance]);
    const variance = graph.node('ReduceMean', [squares], { axes: ALL_BUT_CHANNELS, keepdims: 0 });
    graph.node('Identity', [variance], {}, output(STAGE_OUTPUTS.variance, [to]));
  }
  if (stage.keepsInput) {
    const inner = [graph.integers([padding]), graph.integers([-padding]), graph.integers([HEIGHT])];
    graph.node('Slice', [x, ...inner], {}, output(STAGE_OUTPUTS.kept, [1, from, 'rows', 'columns']));
  }
  const { nodes, tensors } = graph;
  return { opset: OPSET, inputs, outputs, nodes, tensors };
}
