/** The bytes are no message in protocol buffers' wire format; the message says why, without a full stop. */
export class ProtobufFault extends Error {}

/** One field as it is in a message: a number, or bytes that may be text, a message or packed numbers. */
export interface ProtobufField<Bytes extends Uint8Array> {
  readonly field: number;
  /** A whole number, or the bytes, which are not copied; fixed-width numbers are left as their bytes. */
  readonly value: number | Bytes;
}

/**
 * The fields of a message in the order of its bytes: the reverse of `ProtobufMessage`, as far as files of weights need it. Nothing
 * is copied, nothing is allocated by a length that the file claims, and every step moves on.
 * https://protobuf.dev/programming-guides/encoding
 *
 * @throws {ProtobufFault} while iterating: the message is cut, or none.
 */
export function* protobufFields<Bytes extends Uint8Array>(bytes: Bytes): Generator<ProtobufField<Bytes>> {
  for (let at = 0; at < bytes.length; ) {
    const key = varint(bytes, at);
    const field = Math.floor(key.value / 8);
    if (field < 1 || field > LAST_FIELD) throw new ProtobufFault('it has a field of no number');
    const wireType = key.value % 8;
    if (wireType === 0) {
      const { value, end } = varint(bytes, key.end);
      yield { field, value };
      at = end;
      continue;
    }
    const { start, length } = extent(bytes, key.end, wireType);
    if (length > bytes.length - start) throw new ProtobufFault('it is cut');
    at = start + length;
    // A part of a Buffer is one, too.
    yield { field, value: bytes.subarray(start, at) as Bytes };
  }
}

/** Whole numbers that a field holds: one by itself, or many packed. @throws {ProtobufFault} they are cut. */
export function packedVarints(value: number | Uint8Array): readonly number[] {
  if (typeof value === 'number') return [value];
  const numbers: number[] = [];
  for (let at = 0; at < value.length; ) {
    const next = varint(value, at);
    numbers.push(next.value);
    at = next.end;
  }
  return numbers;
}

const LAST_FIELD = 2 ** 29 - 1;
const LONGEST_VARINT = 10;

function extent(bytes: Uint8Array, at: number, wireType: number): { start: number; length: number } {
  if (wireType === 1) return { start: at, length: 8 };
  if (wireType === 5) return { start: at, length: 4 };
  if (wireType !== 2) throw new ProtobufFault(`it has a field of wire type ${wireType}`);
  const { value, end } = varint(bytes, at);
  return { start: end, length: value };
}

/**
 * A whole number of as many bytes as it needs, seven bits in each; beyond 2⁵³ rounded, which is then no safe integer, as negative
 * numbers are not. @throws {ProtobufFault} it is cut, or too long.
 */
export function varint(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  for (let i = 0; i < LONGEST_VARINT; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) throw new ProtobufFault('it is cut');
    value += (byte & 127) * 128 ** i;
    if (byte < 128) return { value, end: start + i + 1 };
  }
  throw new ProtobufFault('it has a number of more than 64 bits');
}
