/**
 * The safetensors format, as bytes: an 8-byte little-endian length, a JSON header of that length, then the tensors'
 * data without gaps. https://huggingface.co/docs/safetensors/index
 */
import { type FastStyleError, WeightsError } from '../system/errors.ts';
import { isRecord, jsonOrNothing } from '../system/json-text.ts';
import { printable } from '../system/printable.ts';
import { fromBfloat16, fromHalves, LARGEST_HALF, toHalf } from './half-float.ts';

/** A tensor in plain memory, in row-major order. */
export interface NamedArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** float32, whatever the file's precision was. */
  readonly values: Float32Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, NamedArray>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An error class for a file's faults: `WeightsError` for weights, `CheckpointError` for checkpoints. */
export type FaultClass = new (message: string, options?: ErrorOptions) => FastStyleError;

interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly begin: number;
  readonly end: number;
}

/** The reference implementation's own limit. A header of ours is a few kilobytes. */
const LONGEST_HEADER = 100_000_000;
const BYTES: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2 };

/**
 * Reads a safetensors file strictly: every byte of the data belongs to exactly one tensor, and every tensor's bytes
 * fit its shape. Values may be NaN or infinite; whoever uses them checks.
 *
 * @param name how messages call the file.
 * @throws {ErrorClass} (`WeightsError` unless given) the bytes are no whole, well-formed safetensors file of floating-point tensors.
 */
export function parseSafetensors(
  bytes: Uint8Array,
  name: string,
  ErrorClass: FaultClass = WeightsError,
): SafetensorsFile {
  const fail = (reason: string): never => {
    throw new ErrorClass(`${name} is not a sound safetensors file: ${reason}.`);
  };
  if (bytes.length < 10) fail(`it has only ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getBigUint64(0, true);
  if (headerLength > BigInt(Math.min(LONGEST_HEADER, bytes.length - 8))) {
    fail(`its header should take ${headerLength} bytes, but the file has ${bytes.length}`);
  }
  const dataStart = 8 + Number(headerLength);
  const header = parseHeader(bytes.subarray(8, dataStart), fail);
  const { __metadata__: metadata = {}, ...described } = header;
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    fail('its metadata are not all text');
  }
  const entries = Object.entries(described).map(([key, value]) => tensorEntry(key, value, fail));
  checkCoverage(entries, bytes.length - dataStart, fail);
  const tensors = new Map<string, NamedArray>();
  for (const { name: key, shape, dtype, begin, end } of entries) {
    const values = widen(new Uint8Array(bytes.subarray(dataStart + begin, dataStart + end)), dtype);
    tensors.set(key, { name: key, shape, values });
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

/**
 * Writes tensors in the order of their names, metadata likewise, so that equal content gives equal bytes.
 *
 * @param dtype `F16` rounds to the nearest half, ties to even.
 * @throws {RangeError} a number is too large for `F16`, a shape does not fit its values, or a name comes twice:
 *   these are the caller's faults, a user cannot fix them.
 */
export function formatSafetensors(
  tensors: Iterable<NamedArray>,
  metadata: Readonly<Record<string, string>>,
  dtype: 'F16' | 'F32',
): Uint8Array {
  const sorted = [...tensors].sort((a, b) => compare(a.name, b.name));
  const width = BYTES[dtype]!;
  const header: [string, unknown][] = [
    ['__metadata__', Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => compare(a, b)))],
  ];
  let offset = 0;
  sorted.forEach(({ name, shape, values }, index) => {
    if (name === sorted[index - 1]?.name || name === '__metadata__') {
      throw new RangeError(`Two entries of a safetensors file are called ${name}`);
    }
    if (product(shape) !== values.length) {
      throw new RangeError(`${name}: shape [${shape}] does not hold ${values.length} values`);
    }
    header.push([name, { dtype, shape, data_offsets: [offset, offset + values.length * width] }]);
    offset += values.length * width;
  });
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Spaces up to a multiple of eight keep the data aligned for readers that map the file into memory.
  const dataStart = 8 + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(dataStart + offset).fill(0x20, 0, dataStart);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  bytes.set(text, 8);
  let at = dataStart;
  for (const { name, values } of sorted) {
    if (dtype === 'F32') bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    else new Uint16Array(bytes.buffer, at, values.length).set(halves(values, name));
    at += values.length * width;
  }
  return bytes;
}

function parseHeader(bytes: Uint8Array, fail: (reason: string) => never): Readonly<Record<string, unknown>> {
  try {
    const header = jsonOrNothing(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (bytes[0] === 0x7b && isRecord(header)) return header;
  } catch {
    // Falls through to the one message: what exactly ails the text helps nobody.
  }
  return fail('its header is not a JSON object');
}

function tensorEntry(name: string, value: unknown, fail: (reason: string) => never): TensorEntry {
  const { dtype, shape, data_offsets: offsets } = isRecord(value) ? value : {};
  if (typeof dtype !== 'string' || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    return fail(`the entry of tensor ${printable(name)} lacks its type, shape or place`);
  }
  const width = Object.hasOwn(BYTES, dtype) ? BYTES[dtype]! : undefined;
  if (width === undefined) {
    return fail(
      `tensor ${printable(name)} has the type ${printable(dtype)}, but only F16, BF16, F32 and F64 can be read`,
    );
  }
  const [begin, end] = offsets as [number, number];
  if (end - begin !== product(shape) * width) {
    return fail(
      `tensor ${printable(name)} of shape [${printable(shape)}] and type ${dtype} cannot take ${end - begin} bytes`,
    );
  }
  return { name, shape, dtype, begin, end };
}

function checkCoverage(
  entries: readonly TensorEntry[],
  dataLength: number,
  fail: (reason: string) => never,
): void {
  let covered = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < covered) fail(`tensor ${printable(name)} overlaps another`);
    if (begin > covered) fail(`${begin - covered} bytes before tensor ${printable(name)} belong to none`);
    covered = end;
  }
  if (covered > dataLength)
    fail(`it is cut: ${covered} bytes of data are announced, ${dataLength} are there`);
  if (covered < dataLength) fail(`${dataLength - covered} bytes at its end belong to no tensor`);
}

/** @param data alone in its buffer and little-endian, as every machine that JavaScript runs on. */
function widen(data: Uint8Array<ArrayBuffer>, dtype: string): Float32Array {
  if (dtype === 'F32') return new Float32Array(data.buffer);
  if (dtype === 'F64') return new Float32Array(new Float64Array(data.buffer));
  const patterns = new Uint16Array(data.buffer);
  if (dtype === 'F16') return fromHalves(patterns);
  const values = new Float32Array(patterns.length);
  for (let i = 0; i < values.length; i++) values[i] = fromBfloat16(patterns[i]!);
  return values;
}

function halves(values: Float32Array, name: string): Uint16Array {
  const result = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const half = toHalf(value);
    if ((half & 0x7fff) === 0x7c00 && Number.isFinite(value)) {
      throw new RangeError(`${name} holds ${value}, beyond ±${LARGEST_HALF}, the range of half precision`);
    }
    result[i] = half;
  }
  return result;
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, n) => size * n, 1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
