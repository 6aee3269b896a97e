/** Boxes of the ISO base media file format (ISO/IEC 14496-12), of which HEIF and AVIF are made. */
import { type ReadAt, viewOf } from '../read-at.ts';

/** A box: where what it holds begins, after its header, and where it ends. */
export interface Box {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

/** No picture has more boxes than this on one level. */
const MOST_BOXES = 4096;

/**
 * Boxes that lie side by side.
 *
 * @param to where they end at the latest. @throws {RangeError} one is malformed or reaches beyond.
 */
export function boxesIn(read: ReadAt, from: number, to: number): readonly Box[] {
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= to; at = boxes.at(-1)!.to) {
    if (boxes.length === MOST_BOXES) throw new RangeError('it has too many boxes');
    boxes.push(boxAt(read, at, to));
  }
  return boxes;
}

/** The box that begins at a place. Throws as `boxesIn`. */
export function boxAt(read: ReadAt, at: number, to: number): Box {
  const head = viewOf(read(at, 8));
  const short = head.getUint32(0);
  const type = fourCharacters(head, 4);
  // 1: the size follows in 64 bits; 0: it is the last.
  const size = short === 1 ? Number(viewOf(read(at + 8, 8)).getBigUint64(0)) : short || to - at;
  const from = at + (short === 1 ? 16 : 8);
  const end = at + size;
  if (end < from || end > to) throw new RangeError(`its box ${type} reaches beyond its place`);
  return { type, from, to: end };
}

/** Version and flags of a box that has them; what it holds follows after 4 bytes. */
export function versionOf(read: ReadAt, box: Box): { readonly version: number; readonly flags: number } {
  const word = viewOf(read(box.from, 4)).getUint32(0);
  return { version: word >>> 24, flags: word & 0xffffff };
}

/** A name of four characters. */
export function fourCharacters(view: DataView, at: number): string {
  return String.fromCharCode(...Array.from({ length: 4 }, (_, i) => view.getUint8(at + i)));
}

/** Reads numbers one after another. */
export class Cursor {
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = viewOf(bytes);
  }

  get at(): number {
    return this.#at;
  }

  /** @param bytes 0 (then 0), 1, 2, 4 or 8. @throws {RangeError} it reaches beyond the end, or no field is so long. */
  number(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    switch (bytes) {
      case 0:
        return 0;
      case 1:
        return this.#view.getUint8(at);
      case 2:
        return this.#view.getUint16(at);
      case 4:
        return this.#view.getUint32(at);
      case 8:
        return Number(this.#view.getBigUint64(at));
      default:
        throw new RangeError(`No field has ${bytes} bytes.`);
    }
  }

  fourCharacters(): string {
    this.#at += 4;
    return fourCharacters(this.#view, this.#at - 4);
  }

  /** Up to the next zero byte, which is skipped. */
  text(): string {
    let text = '';
    for (let code = this.number(1); code !== 0; code = this.number(1)) text += String.fromCharCode(code);
    return text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#view.byteLength;
  }
}
