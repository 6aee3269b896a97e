/** Nodes and tensors of an ONNX graph, as far as convolutions need them. */
import { ProtobufFault, packedVarints, protobufFields } from '../../system/protobuf-fields.ts';
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
    readonly numbers: ReadonlyMap<string, readonly number[]>;
    readonly text: ReadonlyMap<string, string>;
  };
}

/** NodeProto. @throws {ProtobufFault} */
export function readNode(bytes: Buffer): OnnxNode {
  let [name, operation] = ['', ''];
  const [inputs, outputs]: [string[], string[]] = [[], []];
  const numbers = new Map<string, readonly number[]>();
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
      text.set(attribute.name, attribute.text);
    }
  }
  return { name, operation, inputs, outputs, attributes: { numbers, text } };
}

/** AttributeProto: `i` or `ints`, and `s`. */
function readAttribute(bytes: Buffer): { name: string; numbers: readonly number[]; text: string } {
  let [name, text] = ['', ''];
  const numbers: number[] = [];
  for (const { field, value } of protobufFields(bytes)) {
    if (field === 3 || field === 8) numbers.push(...packedVarints(value).slice(0, MOST_DIMENSIONS));
    else if (typeof value === 'number') continue;
    else if (field === 1) name = value.toString('utf8');
    else if (field === 4) text = value.toString('utf8');
  }
  return { name, numbers, text };
}

/** Far more than any attribute or shape that is looked at has. */
const MOST_DIMENSIONS = 16;
const EXTERNAL = 1;

/** TensorProto.DataType: how raw bytes become numbers. */
const TYPES: Readonly<Record<number, { width: 2 | 4; read: (data: Buffer) => Float32Array }>> = {
  1: { width: 4, read: floats },
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
function floats(data: Buffer): Float32Array {
  return new Float32Array(new Uint8Array(data).buffer);
}

function widened(data: Buffer, widen: (pattern: number) => number): Float32Array {
  const patterns = new Uint16Array(new Uint8Array(data).buffer);
  const values = new Float32Array(patterns.length);
  for (let i = 0; i < values.length; i++) values[i] = widen(patterns[i]!);
  return values;
}
