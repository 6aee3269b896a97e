/** Byte strings from this length on are passed on as they are, shorter ones copied together. */
const LARGE = 4096;
const NOTHING = new Uint8Array();
const encoder = new TextEncoder();
/** The bytes of one number. */
const number = new DataView(new ArrayBuffer(8));

/**
 * Protocol buffers' wire format, as far as SavedModels, ONNX files and TensorBoard's event files need it, in pieces: large byte strings are passed on as they
 * are, where a library would copy hundreds of megabytes into one array and again into the next larger one.
 * https://protobuf.dev/programming-guides/encoding
 */
export class ProtobufMessage {
  readonly #pieces: Uint8Array[] = [];
  /** What follows the pieces, and how much of it is written. */
  #end = NOTHING;
  #written = 0;
  #length = 0;

  /** The whole message as one array. */
  encode(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  /** The message's bytes, in as few arrays as its large strings allow. */
  get pieces(): readonly Uint8Array[] {
    this.#endPiece();
    return this.#pieces;
  }

  /** A whole number or truth; negative ones as 64-bit two's complement. */
  integer(field: number, value: number | boolean): this {
    return this.#varint(field << 3).#varint(Number(value));
  }

  /** A 32-bit float. */
  float(field: number, value: number): this {
    return this.#varint((field << 3) | 5).#float32(value);
  }

  /** A 64-bit float. */
  double(field: number, value: number): this {
    number.setFloat64(0, value, true);
    return this.#varint((field << 3) | 1).#ofNumber(8);
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#varint((field << 3) | 2)
      .#varint(value.length)
      .#add(value);
  }

  text(field: number, value: string): this {
    // Names of nodes and ops, which graphs have thousands of, are short and of one byte a letter.
    if (!isAscii(value)) return this.bytes(field, encoder.encode(value));
    this.#varint((field << 3) | 2).#varint(value.length);
    const at = this.#reserve(value.length);
    for (let i = 0; i < value.length; i++) this.#end[at + i] = value.charCodeAt(i);
    return this;
  }

  message(field: number, value: ProtobufMessage): this {
    this.#varint((field << 3) | 2).#varint(value.#length);
    for (const piece of value.pieces) this.#add(piece);
    return this;
  }

  /** Numbers or truths without a field name each, as proto3 packs repeated ones. */
  packed(field: number, values: readonly (number | boolean)[], as: 'integer' | 'float'): this {
    const all = new ProtobufMessage();
    for (const value of values) as === 'float' ? all.#float32(Number(value)) : all.#varint(Number(value));
    return this.message(field, all);
  }

  #varint(value: number): this {
    if (value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 127n; rest >>= 7n) this.#byte(Number(rest & 127n) | 128);
      return this.#byte(Number(rest));
    }
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#byte((rest % 128) | 128);
    return this.#byte(rest);
  }

  #float32(value: number): this {
    number.setFloat32(0, value, true);
    return this.#ofNumber(4);
  }

  #ofNumber(count: number): this {
    const at = this.#reserve(count);
    for (let i = 0; i < count; i++) this.#end[at + i] = number.getUint8(i);
    return this;
  }

  #byte(value: number): this {
    const at = this.#reserve(1);
    this.#end[at] = value;
    return this;
  }

  #add(bytes: Uint8Array): this {
    if (bytes.length < LARGE) {
      const at = this.#reserve(bytes.length);
      this.#end.set(bytes, at);
      return this;
    }
    this.#endPiece();
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  #endPiece(): void {
    if (this.#written > 0) this.#pieces.push(this.#end.subarray(0, this.#written));
    this.#end = NOTHING;
    this.#written = 0;
  }

  /** Room for so many bytes at the end. @returns where they begin. */
  #reserve(count: number): number {
    const at = this.#written;
    this.#written += count;
    this.#length += count;
    if (this.#written > this.#end.length) {
      const larger = new Uint8Array(Math.max(64, 2 * this.#end.length, this.#written));
      larger.set(this.#end);
      this.#end = larger;
    }
    return at;
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
