/** Small ONNX files of a VGG with a classifier after it, as exporters of Keras and torch write them. */
import { toHalf } from '../../src/networks/half-float.ts';
import type { ConvolutionWeights } from '../../src/networks/loss-network-weights.ts';
import { convolutionNames, torchvisionIndices } from '../../src/networks/weights/vgg-layout.ts';
import { ProtobufMessage } from '../../src/system/protobuf-message.ts';
import { outFirst } from './tiny-loss-network.ts';

export interface OnnxOptions {
  readonly naming?: 'keras' | 'torchvision' | 'numbers';
  /** How the numbers of tensors are written. */
  readonly data?: 'raw' | 'float_data' | 'half raw' | 'half int32_data' | 'double raw' | 'external';
  readonly pads?: readonly number[];
  readonly strides?: readonly number[];
  /** Nodes between the convolution of that name and its ReLU. */
  readonly between?: readonly [convolution: string, operation: string];
  /** Leaves an initialiser away. */
  readonly without?: string;
  /** Cuts so many of its raw bytes off each tensor. */
  readonly short?: number;
}

export function tinyOnnx(
  layers: ReadonlyMap<string, ConvolutionWeights>,
  { naming = 'keras', data = 'raw', pads = [1, 1, 1, 1], strides = [1, 1], ...more }: OnnxOptions = {},
): Buffer {
  const { between, without, short = 0 } = more;
  const kind = [...layers.keys()].some((name) => /conv[345]_4/.test(name)) ? 'vgg19' : 'vgg16';
  const indices = new Map([...torchvisionIndices(kind)].map(([index, name]) => [name, index]));
  const nameOf = (layer: string, part: 'weight' | 'bias') => {
    if (naming === 'numbers') return `onnx::Conv_${indices.get(layer)}_${part}`;
    if (naming === 'torchvision') return `features.${indices.get(layer)}.${part}`;
    const keras = layer.replace(/conv(\d)_(\d)/, 'functional_1/block$1_conv$2_1');
    return `${keras}/${part === 'weight' ? 'convolution/ReadVariableOp' : 'Squeeze'}:0`;
  };
  const graph = new ProtobufMessage();
  let last = 'transposed';
  const node = (
    operation: string,
    inputs: readonly string[],
    attributes: readonly ProtobufMessage[] = [],
  ) => {
    const message = new ProtobufMessage();
    for (const input of inputs) message.text(1, input);
    last = `${operation} of ${inputs[0]}`;
    message.text(2, last).text(3, `node ${operation}`).text(4, operation);
    for (const attribute of attributes) message.message(5, attribute);
    graph.message(1, message);
  };
  node('Transpose', ['input']);
  const names = convolutionNames(kind).filter((name) => layers.has(name));
  names.forEach((name, i) => {
    node(
      'Conv',
      [last, nameOf(name, 'weight'), nameOf(name, 'bias')],
      [
        integers('dilations', [1, 1]),
        integers('strides', strides),
        integers('pads', pads),
        new ProtobufMessage().text(1, 'group').integer(3, 1).integer(20, 2),
      ],
    );
    if (between?.[0] === name) node(between[1], [last]);
    node('Relu', [last]);
    if (names[i + 1]?.[4] !== name[4]) node('MaxPool', [last], [integers('strides', [2, 2])]);
  });
  node('Flatten', [last]);
  node('MatMul', [last, 'dense/kernel']);
  const tensor = (name: string, shape: readonly number[], values: Float32Array) => {
    if (name !== without) graph.message(5, tensorOf(name, shape, values, data, short));
  };
  // After the nodes, as exporters write them, and the last first.
  tensor('dense/kernel', [2, 2], Float32Array.of(1, 2, 3, 4));
  for (const name of names.toReversed()) {
    const { kernel, kernelShape, bias } = layers.get(name)!;
    const [height, width, from, to] = kernelShape;
    tensor(nameOf(name, 'weight'), [to, from, height, width], outFirst(kernel, kernelShape));
    tensor(nameOf(name, 'bias'), [to], bias);
  }
  return Buffer.from(new ProtobufMessage().integer(1, 8).text(2, 'tests').message(7, graph).encode());
}

function integers(name: string, values: readonly number[]): ProtobufMessage {
  const attribute = new ProtobufMessage().text(1, name);
  for (const value of values) attribute.integer(8, value);
  return attribute.integer(20, 7);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array | Float64Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);

function tensorOf(
  name: string,
  shape: readonly number[],
  values: Float32Array,
  data: NonNullable<OnnxOptions['data']>,
  short: number,
): ProtobufMessage {
  const halves = Uint16Array.from(values, toHalf);
  const tensor = new ProtobufMessage().packed(1, shape, 'integer');
  const type = data.startsWith('half') ? 10 : data === 'double raw' ? 11 : 1;
  tensor.integer(2, type).text(8, name);
  if (data === 'external') return tensor.text(13, 'location').integer(14, 1);
  if (data === 'float_data') return tensor.packed(4, [...values], 'float');
  if (data === 'half int32_data') return tensor.packed(5, [...halves], 'integer');
  const raw = data === 'half raw' ? halves : data === 'double raw' ? Float64Array.from(values) : values;
  const bytes = bytesOf(raw);
  return tensor.bytes(9, bytes.subarray(0, bytes.length - short));
}
