/** Nodes and tensors of an ONNX graph, as far as convolutional networks need them. */
import {
  ProtobufFault,
  type ProtobufField,
  packedVarints,
  protobufFields,
} from '../../system/protobuf-fields.ts';
import { fromBfloat16, fromHalf } from '../half-float.ts';
import type { NamedArray } from '../safetensors.ts';

/** The file is sound but not what is looked for; the message says why, without a full stop. */
export class OnnxFault extends Error {}

export interface OnnxNode {
  readonly name: string;
  /** Conv, Relu, MaxPool … */
  readonly operation: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: {
    /** Whole numbers. */
    readonly numbers: ReadonlyMap<string, readonly number[]>;
    readonly floats: ReadonlyMap<string, readonly number[]>;
    readonly text: ReadonlyMap<string, string>;
  };
}

/** An ONNX file has no signature, but begins with the version of its format, a small number. */
export function mayBeOnnx(bytes: Buffer): boolean {
  return bytes[0] === 0x08 && (bytes[1] ?? 0) > 0 && (bytes[1] ?? 0) < 128;
}

/** Fields of ModelProto and GraphProto. */
const GRAPH = 7;
const [NODE, INITIALIZER, INPUT, OUTPUT] = [1, 5, 11, 12];
/** Fields of TensorProto and ValueInfoProto. */
const [TENSOR_NAME, VALUE_NAME] = [8, 1];

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  /** Initialisers by name, not decoded. */
  readonly tensors: ReadonlyMap<string, Buffer>;
  /** Names of what the graph takes, without the initialisers, and of what it answers. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** ModelProto. @param bytes the whole file. @throws {ProtobufFault} it is cut, or none. */
export function readOnnxGraph(bytes: Buffer): OnnxGraph {
  const graphs = [...protobufFields(bytes)].filter(isMessage(GRAPH));
  if (graphs.length !== 1) throw new ProtobufFault(`it has ${graphs.length} graphs`);
  const fields = [...protobufFields(graphs[0]!.value)];
  const tensors = new Map<string, Buffer>();
  for (const { value } of fields.filter(isMessage(INITIALIZER)))
    for (const name of textsOf(value, TENSOR_NAME)) tensors.set(name, value);
  const named = (field: number) =>
    fields.filter(isMessage(field)).flatMap(({ value }) => textsOf(value, VALUE_NAME));
  return {
    nodes: fields.filter(isMessage(NODE)).map(({ value }) => readNode(value)),
    tensors,
    // Until version 4 of the format, initialisers were inputs as well.
    inputs: named(INPUT).filter((name) => !tensors.has(name)),
    outputs: named(OUTPUT),
  };
}

function isMessage(number: number) {
  return (field: ProtobufField<Buffer>): field is ProtobufField<Buffer> & { readonly value: Buffer } =>
    field.field === number && typeof field.value !== 'number';
}

function textsOf(message: Buffer, field: number): readonly string[] {
  return [...protobufFields(message)].filter(isMessage(field)).map(({ value }) => value.toString('utf8'));
}

/** NodeProto. @throws {ProtobufFault} */
function readNode(bytes: Buffer): OnnxNode {
  let [name, operation] = ['', ''];
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const numbers = new Map<string, readonly number[]>();
  const floats = new Map<string, readonly number[]>();
  const text = new Map<string, string>();
  for (const { field, value } of protobufFields(bytes)) {
    if (typeof value === 'number') continue;
    if (field === 1) inputs.push(value.toString('utf8'));
    else if (field === 2) outputs.push(value.toString('utf8'));
    else if (field === 3) name = value.toString('utf8');
    else if (field === 4) operation = value.toString('utf8');
    else if (field === 5) {
      const attribute = readAttribute(value);
      numbers.set(attribute.name, attribute.numbers);
      floats.set(attribute.name, attribute.floats);
      text.set(attribute.name, attribute.text);
    }
  }
  return { name, operation, inputs, outputs, attributes: { numbers, floats, text } };
}

interface ReadAttribute {
  readonly name: string;
  readonly numbers: readonly number[];
  readonly floats: readonly number[];
  readonly text: string;
}

/** AttributeProto: `i` or `ints`, `f` or `floats`, and `s`. */
function readAttribute(bytes: Buffer): ReadAttribute {
  let [name, text] = ['', ''];
  const [numbers, floats]: [number[], number[]] = [[], []];
  for (const { field, value } of protobufFields(bytes)) {
    if (field === 3 || field === 8) numbers.push(...packedVarints(value).slice(0, MOST_DIMENSIONS));
    else if (typeof value === 'number') continue;
    else if ((field === 2 || field === 7) && value.length % 4 === 0)
      floats.push(...floatsOf(value).slice(0, MOST_DIMENSIONS));
    else if (field === 1) name = value.toString('utf8');
    else if (field === 4) text = value.toString('utf8');
  }
  return { name, numbers, floats, text };
}

/** Far more than any attribute or shape that is looked at has. */
const MOST_DIMENSIONS = 16;
const EXTERNAL = 1;

/** TensorProto.DataType: how raw bytes become numbers. */
const TYPES: Readonly<Record<number, { width: 2 | 4; read: (data: Buffer) => Float32Array }>> = {
  1: { width: 4, read: floatsOf },
  10: { width: 2, read: (data) => widened(data, fromHalf) },
  16: { width: 2, read: (data) => widened(data, fromBfloat16) },
};

/**
 * TensorProto, with its numbers as raw bytes or, as the format also has it, as floats or as the patterns of halves.
 *
 * @param what how messages call it. @throws {OnnxFault} its numbers are in another file, of another type, or do not fit its shape.
 */
export function readTensor(bytes: Buffer, what: string): Pick<NamedArray, 'shape' | 'values'> {
  const shape: number[] = [];
  const pieces: Buffer[] = [];
  const patterns: (number | Buffer)[] = [];
  let [type, location] = [0, 0];
  for (const { field, value } of protobufFields(bytes)) {
    if (field === 1) shape.push(...packedVarints(value).slice(0, MOST_DIMENSIONS));
    else if (field === 2) type = Number(value);
    else if (field === 14) location = Number(value);
    else if (field === 5) patterns.push(value);
    // Floats one by one or packed are, put together, what raw bytes are.
    else if ((field === 4 || field === 9) && typeof value !== 'number') pieces.push(value);
  }
  if (location === EXTERNAL)
    throw new OnnxFault(`the ${what} is kept in another file, which is not read here`);
  const format = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  if (format === undefined)
    throw new OnnxFault(
      `the ${what} holds numbers of type ${type}; FLOAT, FLOAT16 and BFLOAT16 can be read (1, 10, 16)`,
    );
  if (shape.length > 4 || shape.some((side) => !Number.isSafeInteger(side)))
    throw new ProtobufFault(`the ${what} has no shape`);
  const size = shape.reduce((product, side) => product * side, 1);
  const data = format.width === 2 && pieces.length === 0 ? halves(patterns) : Buffer.concat(pieces);
  if (data.length !== size * format.width)
    throw new OnnxFault(
      `the ${what} of shape [${shape}] takes ${size * format.width} bytes, but ${data.length} are there`,
    );
  return { shape, values: format.read(data) };
}

/** Patterns of 16 bits, each written as a varint. */
function halves(written: readonly (number | Buffer)[]): Buffer {
  const numbers = written.flatMap((value) => packedVarints(value));
  return Buffer.from(Uint16Array.from(numbers).buffer);
}

/** Little-endian, as every machine that Node runs on. The copy is aligned. */
function floatsOf(data: Buffer): Float32Array {
  return new Float32Array(new Uint8Array(data).buffer);
}

function widened(data: Buffer, widen: (pattern: number) => number): Float32Array {
  const patterns = new Uint16Array(new Uint8Array(data).buffer);
  const values = new Float32Array(patterns.length);
  for (let i = 0; i < values.length; i++) values[i] = widen(patterns[i]!);
  return values;
}
