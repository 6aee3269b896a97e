/**
 * Reads networks of the same architecture from ONNX files, such as the fast_neural_style of the ONNX model zoo, by their graph: names
 * differ between the exporters' versions, and shapes that they compute are of no interest.
 */
import { EPSILON } from '../../engine/ops/constants.ts';
import { printable } from '../../system/printable.ts';
import { ProtobufFault } from '../../system/protobuf-fields.ts';
import {
  OnnxFault,
  type OnnxGraph,
  type OnnxNode,
  readOnnxGraph,
  readTensor,
} from '../weights/onnx-messages.ts';
import {
  ArchitectureFault,
  asInTensorFlow,
  type FoundLayer,
  type FoundNetwork,
  type NormalizedConvolution,
} from './found-network.ts';

/** What such a network is made of, by a letter each. */
const LETTERS: Readonly<Record<string, string>> = {
  Pad: 'P',
  Conv: 'C',
  InstanceNormalization: 'N',
  Relu: 'R',
  Add: 'A',
  Upsample: 'U',
  Resize: 'U',
};
const BLOCK = /(PCNRPCNA)|(U?)PCNR|(PC)$/y;

/** @throws {ArchitectureFault} the file is cut, or another network's. */
export function readOnnxStyle(bytes: Buffer): FoundNetwork {
  try {
    return networkOf(readOnnxGraph(bytes));
  } catch (error) {
    if (error instanceof ProtobufFault || error instanceof OnnxFault)
      throw new ArchitectureFault(error.message, { cause: error });
    throw error;
  }
}

interface Step {
  readonly node: OnnxNode;
  /** Another value that an addition adds. */
  readonly added?: string | undefined;
  /** What the step has read. */
  readonly from: string;
}

function networkOf(graph: OnnxGraph): FoundNetwork {
  const steps = pathOf(graph);
  const letters = steps.map(({ node }) => LETTERS[node.operation]).join('');
  const layers: FoundLayer[] = [];
  let last: FoundNetwork['last'] | undefined;
  for (let at = 0; at < steps.length; ) {
    BLOCK.lastIndex = at;
    const [whole = '', residual, enlarged] = BLOCK.exec(letters) ?? [];
    const block = steps.slice(at, at + whole.length);
    if (whole === '') throw new ArchitectureFault(`${nameOf(steps[at]!.node)} is out of place`);
    at += whole.length;
    if (residual !== undefined) {
      if (block.at(-1)!.added !== block[0]!.from)
        throw new ArchitectureFault(`${nameOf(block.at(-1)!.node)} does not add a block's input`);
      const [first, second] = [block.slice(0, 4), block.slice(4)].map((half) => normalized(half, graph, 1));
      layers.push({ kind: 'residual', first: first!, second: second! });
    } else if (enlarged !== undefined) {
      const isUp = enlarged !== '';
      if (isUp) requireNearest(block[0]!.node);
      const isDown = !isUp && strideOf(block[1]!.node) === 2;
      const convolution = normalized(block.slice(isUp ? 1 : 0), graph, isDown ? 2 : 1);
      layers.push({ kind: isUp ? 'up' : isDown ? 'down' : 'convolution', convolution });
    } else {
      last = convolved(block, graph, 1);
    }
  }
  if (last === undefined) throw new ArchitectureFault('it does not end in a convolution');
  return { layers, last, output: 'linear', epsilon: EPSILON };
}

/** The operations from the picture that goes in to the one that comes out. Nodes come in the order of computation. */
function pathOf({ nodes, inputs: [input], outputs: [output] }: OnnxGraph): readonly Step[] {
  const steps: Step[] = [];
  let at = input;
  for (const node of nodes) {
    const { operation, inputs, outputs } = node;
    const isSum = operation === 'Add' && at !== undefined && inputs.includes(at);
    if (at === undefined || (inputs[0] !== at && !isSum)) continue;
    if (operation !== 'Identity') {
      if (!Object.hasOwn(LETTERS, operation)) continue;
      steps.push({ node, from: at, added: isSum ? inputs.find((name) => name !== at) : undefined });
    }
    at = outputs[0];
  }
  if (at !== output) {
    const next = nodes.find(({ inputs: [first], operation }) => first === at && operation !== 'Shape');
    throw new ArchitectureFault(
      next === undefined ? 'its graph is not one chain of operations' : `${nameOf(next)} is not known here`,
    );
  }
  return steps;
}

/** Padding, convolution, normalisation and what may follow. */
function normalized(steps: readonly Step[], graph: OnnxGraph, stride: number): NormalizedConvolution {
  const { kernel } = convolved(steps, graph, stride);
  const { node } = steps[2]!;
  const [epsilon = EPSILON] = node.attributes.floats.get('epsilon') ?? [];
  // PyTorch's and ours are the same.
  if (Math.abs(epsilon / EPSILON - 1) > 1e-3)
    throw new ArchitectureFault(`${nameOf(node)} has an epsilon of ${epsilon}, not ${EPSILON}`);
  return { kernel, scale: tensorOf(node, 1, graph), offset: tensorOf(node, 2, graph) };
}

/** Padding by reflection and a convolution without. */
function convolved(
  [pad, convolution]: readonly Step[],
  graph: OnnxGraph,
  stride: number,
): FoundNetwork['last'] {
  const { node } = convolution!;
  const kernel = tensorOf(node, 1, graph);
  const { numbers, text } = node.attributes;
  const isPlain =
    strideOf(node) === stride &&
    ['pads', 'dilations', 'group'].every((key) =>
      (numbers.get(key) ?? []).every((value) => value === (key === 'pads' ? 0 : 1)),
    ) &&
    ['', 'NOTSET', 'VALID'].includes(text.get('auto_pad') ?? '');
  if (!isPlain || kernel.shape.length !== 4)
    throw new ArchitectureFault(`${nameOf(node)} has strides, padding, dilations or groups of another kind`);
  const by = ((kernel.shape[2] ?? 0) - 1) / 2;
  const { attributes } = pad!.node;
  // Since opset 11 they are an input, which exporters compute in a dozen nodes.
  const pads = attributes.numbers.get('pads');
  const isReflected = attributes.text.get('mode') === 'reflect';
  if (!isReflected || (pads !== undefined && String(pads) !== String([0, 0, by, by, 0, 0, by, by])))
    throw new ArchitectureFault(`${nameOf(pad!.node)} does not reflect ${by} pixels`);
  const bias =
    node.inputs[2] === undefined
      ? { shape: [kernel.shape[0]!], values: new Float32Array(kernel.shape[0]!) }
      : tensorOf(node, 2, graph);
  return { kernel: asInTensorFlow(kernel), bias };
}

function strideOf({ attributes }: OnnxNode): number {
  const [stride = 1, other = stride] = attributes.numbers.get('strides') ?? [];
  return stride === other ? stride : 0;
}

function requireNearest(node: OnnxNode): void {
  const { text, floats } = node.attributes;
  const scales = floats.get('scales');
  const isTwofold = scales === undefined || scales.length === 0 || String(scales) === '1,1,2,2';
  if ((text.get('mode') ?? 'nearest') !== 'nearest' || !isTwofold)
    throw new ArchitectureFault(`${nameOf(node)} does not repeat each pixel twice`);
}

function tensorOf({ name, inputs }: OnnxNode, place: number, { tensors }: OnnxGraph) {
  const input = inputs[place];
  const bytes = input === undefined ? undefined : tensors.get(input);
  if (bytes === undefined)
    throw new ArchitectureFault(`the numbers of ${printable(name)} are not among its initialisers`);
  return readTensor(bytes, `tensor ${printable(input)}`);
}

function nameOf({ operation, name }: OnnxNode): string {
  return `the operation ${printable(operation)} (${printable(name || 'without a name')})`;
}
