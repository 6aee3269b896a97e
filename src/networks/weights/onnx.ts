/**
 * Reads the convolutions of a VGG from an ONNX file: its graph says which comes after which and its initialisers hold the numbers.
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { WeightsError } from '../../system/errors.ts';
import { printable } from '../../system/printable.ts';
import { ProtobufFault } from '../../system/protobuf-fields.ts';
import { outputsLast } from '../kernel-order.ts';
import type { NamedArray } from '../safetensors.ts';
import { type InputConvention, KERAS_INPUT, TORCHVISION_INPUT } from './input-convention.ts';
import { OnnxFault, type OnnxGraph, type OnnxNode, readOnnxGraph, readTensor } from './onnx-messages.ts';

export interface OnnxWeights {
  /** Under Keras' names and in its layout, HWIO. */
  readonly arrays: readonly NamedArray[];
  /** That of the library whose names the convolutions have: an ONNX file does not say what its input is. */
  readonly input: InputConvention;
}

/**
 * The convolutions in the order of the graph; what follows them (a classifier) is left out.
 *
 * @param bytes the whole file. @param file how messages call it.
 * @throws {WeightsError} the file is cut or no ONNX file, its convolutions are not a VGG's, or its numbers are elsewhere or of a kind not
 *   known here.
 */
export function readOnnxWeights(bytes: Buffer, file: string): OnnxWeights {
  try {
    const { nodes, tensors } = readOnnxGraph(bytes);
    const convolutions = trunk(nodes);
    const arrays = convolutions.flatMap(({ name, node }) => layerArrays(name, node, tensors));
    return { arrays, input: conventionOf(convolutions[0]!.node) };
  } catch (error) {
    if (error instanceof ProtobufFault)
      throw new WeightsError(`${file} is not a sound ONNX file: ${error.message}.`, { cause: error });
    if (error instanceof OnnxFault)
      throw new WeightsError(`${file} holds no VGG that can be read from ONNX: ${error.message}.`, {
        cause: error,
      });
    throw error;
  }
}

interface Convolution {
  /** Keras' name of its place. */
  readonly name: string;
  readonly node: OnnxNode;
}

const PASSED_ON = new Set(['Relu', 'MaxPool', 'AveragePool', 'Identity', 'Dropout']);
/** VGG19 has sixteen. */
const MOST_CONVOLUTIONS = 16;

/** The chain of convolutions, ReLUs and poolings from the first convolution on. Nodes come in the order of computation. */
function trunk(nodes: readonly OnnxNode[]): readonly Convolution[] {
  const first = nodes.find(({ operation }) => operation === 'Conv');
  if (first === undefined) throw new OnnxFault('its graph has no convolution');
  const found: Convolution[] = [];
  let [block, place] = [1, 0];
  let last = first.inputs[0];
  for (const node of nodes) {
    const { operation, inputs, outputs } = node;
    if (inputs[0] !== last || (operation !== 'Conv' && !PASSED_ON.has(operation))) continue;
    if (found.length === 0 && operation !== 'Conv') continue;
    last = outputs[0];
    if (operation === 'Conv') {
      place++;
      found.push({ name: `block${block}_conv${place}`, node });
    } else if (operation.endsWith('Pool')) [block, place] = [block + 1, 0];
  }
  const all = nodes.filter(({ operation }) => operation === 'Conv');
  const stray = all.find((node) => !found.some((one) => one.node === node));
  if (stray !== undefined || found.length > MOST_CONVOLUTIONS) {
    const which = printable((stray ?? found.at(-1)!.node).name);
    throw new OnnxFault(
      stray === undefined
        ? `it has ${found.length} convolutions in a row`
        : `its convolution ${which} does not follow from the others by ReLU and pooling alone`,
    );
  }
  return found;
}

function layerArrays(name: string, node: OnnxNode, tensors: OnnxGraph['tensors']): readonly NamedArray[] {
  requirePlain(name, node);
  const [, kernel, bias] = node.inputs;
  const take = (which: string, input: string | undefined) => {
    const bytes = input === undefined ? undefined : tensors.get(input);
    if (bytes === undefined) throw new OnnxFault(`the ${which} of ${name} is not among its initialisers`);
    return readTensor(bytes, `${which} of ${name}`);
  };
  const { shape, values } = take('kernel', kernel);
  const [to, from, height, width] = shape;
  if (shape.length !== 4 || height !== 3 || width !== 3)
    throw new OnnxFault(`the kernel of ${name} should have the shape [n,k,3,3] but has [${shape}]`);
  return [
    { name: `${name}/kernel`, shape: [3, 3, from!, to!], values: outputsLast(values, from!, to!) },
    { name: `${name}/bias`, ...take('bias', bias) },
  ];
}

/** @throws {OnnxFault} the convolution is not one of steps of 1 that pads by 1, as all of VGG's do. */
function requirePlain(name: string, { attributes }: OnnxNode): void {
  const same = /^SAME_(UPPER|LOWER)$/.test(attributes.text.get('auto_pad') ?? '');
  const odd = (key: string, wanted: number, absent: number) =>
    (attributes.numbers.get(key) ?? [absent]).some((value) => value !== wanted);
  const [key] = [
    ...(odd('strides', 1, 1) ? ['strides'] : []),
    ...(odd('dilations', 1, 1) ? ['dilations'] : []),
    ...(odd('group', 1, 1) ? ['group'] : []),
    ...(!same && odd('pads', 1, 0) ? ['pads'] : []),
  ];
  if (key !== undefined)
    throw new OnnxFault(
      `${name} has ${key} ${attributes.numbers.get(key) ?? 'of 0'}, where a VGG moves by 1 and pads by 1`,
    );
}

/** Names of the first convolution in what Keras' and torchvision's exporters write. */
const CONVENTIONS: readonly (readonly [RegExp, InputConvention])[] = [
  [/(^|[/.])block1_conv1(?![0-9])/, KERAS_INPUT],
  [/(^|[/.])features\.0\.weight$/, TORCHVISION_INPUT],
];

function conventionOf({ name, inputs }: OnnxNode): InputConvention {
  const names = [inputs[1] ?? '', name];
  const found = CONVENTIONS.find(([pattern]) => names.some((one) => pattern.test(one)));
  if (found !== undefined) return found[1];
  throw new OnnxFault(
    `its first convolution (${printable(names.join(', '))}) is named neither as Keras (block1_conv1) nor as torchvision (features.0.weight) would, so what pixels it was trained on is not known`,
  );
}
