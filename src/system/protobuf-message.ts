/**
 * Protocol buffers' wire format, as far as SavedModels, ONNX files and TensorBoard's event files need it, in pieces: large byte strings are passed on as they
 * are, where a library would copy hundreds of megabytes into one array and again into the next larger one.
 * https://protobuf.dev/programming-guides/encoding
 */
export class ProtobufMessage {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  /** The whole message as one array. */
  encode(): Uint8Array<ArrayBuffer> {
    return joined(this.#pieces);
  }

  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }

  /** A whole number or truth; negative ones as 64-bit two's complement. */
  integer(field: number, value: number | boolean): this {
    return this.#append([varint(field << 3), varint(Number(value))]);
  }

  /** A 32-bit float. */
  float(field: number, value: number): this {
    return this.#append([varint((field << 3) | 5), float32(value)]);
  }

  /** A 64-bit float. */
  double(field: number, value: number): this {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setFloat64(0, value, true);
    return this.#append([varint((field << 3) | 1), new Uint8Array(bytes.buffer)]);
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#append([varint((field << 3) | 2), varint(value.length), value]);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: ProtobufMessage): this {
    return this.#append([varint((field << 3) | 2), varint(value.#length)]).#append(value.#pieces);
  }

  /** Numbers or truths without a field name each, as proto3 packs repeated ones. */
  packed(field: number, values: readonly (number | boolean)[], as: 'integer' | 'float'): this {
    return this.bytes(
      field,
      joined(values.map((value) => (as === 'float' ? float32(Number(value)) : varint(Number(value))))),
    );
  }

  #append(pieces: readonly Uint8Array[]): this {
    for (const piece of pieces) {
      this.#pieces.push(piece);
      this.#length += piece.length;
    }
    return this;
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value < 0 ? BigInt.asUintN(64, BigInt(value)) : value;
  if (typeof rest === 'bigint') {
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    return Uint8Array.of(...bytes, Number(rest));
  }
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.of(...bytes, rest);
}

function float32(value: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setFloat32(0, value, true);
  return new Uint8Array(bytes.buffer);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
