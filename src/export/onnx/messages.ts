/**
 * Writes ONNX files: the messages of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto that a feed-forward network needs.
 */
import { ProtobufMessage } from '../../system/protobuf-message.ts';
import type { FileDescription } from '../file-description.ts';
import type { GraphPort } from '../graph-writer.ts';

export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

export interface OnnxGraphNode {
  readonly operation: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Int64 for shapes and indices, patterns of halves for float16. */
  readonly values: Float32Array | BigInt64Array | Uint16Array;
}

export interface OnnxModel extends FileDescription {
  /** The version of the operators. */
  readonly opset: number;
  readonly graph: {
    readonly inputs: readonly GraphPort[];
    readonly outputs: readonly GraphPort[];
    readonly nodes: readonly OnnxGraphNode[];
    readonly tensors: readonly OnnxTensor[];
  };
}

/** The version of the file format that came with opset 17 (ONNX 1.12). */
const IR_VERSION = 8;

/** TensorProto.DataType. */
const [FLOAT, INT64, FLOAT16] = [1, 7, 10];
/** AttributeProto.AttributeType. */
const [A_FLOAT, AN_INT, A_STRING, INTS] = [1, 2, 3, 7];

/** ModelProto. @returns the bytes of an .onnx file. */
export function encodeModel(model: OnnxModel): Uint8Array {
  const graph = new ProtobufMessage();
  for (const [i, node] of model.graph.nodes.entries())
    graph.message(1, nodeMessage(node, `${node.operation}_${i}`));
  graph.text(2, model.name);
  for (const tensor of model.graph.tensors) graph.message(5, tensorMessage(tensor));
  for (const input of model.graph.inputs) graph.message(11, inputMessage(input));
  for (const output of model.graph.outputs) graph.message(12, inputMessage(output));
  const file = new ProtobufMessage()
    .integer(1, IR_VERSION)
    .text(2, model.producer.name)
    .text(3, model.producer.version)
    .text(6, model.description)
    .message(7, graph)
    // OperatorSetIdProto without a domain: ONNX's own operators.
    .message(8, new ProtobufMessage().integer(2, model.opset));
  for (const [key, value] of Object.entries(model.metadata))
    file.message(14, new ProtobufMessage().text(1, key).text(2, value));
  return file.encode();
}

/** NodeProto. */
function nodeMessage(
  { operation, inputs, output, attributes }: OnnxGraphNode,
  name: string,
): ProtobufMessage {
  const message = new ProtobufMessage();
  for (const input of inputs) message.text(1, input);
  message.text(2, output).text(3, name).text(4, operation);
  for (const [key, value] of Object.entries(attributes)) message.message(5, attributeMessage(key, value));
  return message;
}

/** AttributeProto. */
function attributeMessage(name: string, value: OnnxAttribute): ProtobufMessage {
  const message = new ProtobufMessage().text(1, name);
  if (typeof value === 'number') return message.integer(3, value).integer(20, AN_INT);
  if (typeof value === 'string') return message.text(4, value).integer(20, A_STRING);
  if ('float' in value) return message.float(2, value.float).integer(20, A_FLOAT);
  return message.packed(8, value, 'integer').integer(20, INTS);
}

/** TensorProto; its numbers are little-endian, as on every machine that JavaScript runs on. */
function tensorMessage({ name, shape, values }: OnnxTensor): ProtobufMessage {
  const type = values instanceof Float32Array ? FLOAT : values instanceof Uint16Array ? FLOAT16 : INT64;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return new ProtobufMessage().packed(1, shape, 'integer').integer(2, type).text(8, name).bytes(9, bytes);
}

/** ValueInfoProto of float32: TypeProto, TypeProto.Tensor, TensorShapeProto. */
function inputMessage({ name, shape }: GraphPort): ProtobufMessage {
  const sides = new ProtobufMessage();
  for (const side of shape) {
    const dimension = new ProtobufMessage();
    sides.message(1, typeof side === 'number' ? dimension.integer(1, side) : dimension.text(2, side));
  }
  const tensor = new ProtobufMessage().integer(1, FLOAT).message(2, sides);
  return new ProtobufMessage().text(1, name).message(2, new ProtobufMessage().message(1, tensor));
}
