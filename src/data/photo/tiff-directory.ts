/** Directories of TIFF structures (Adobe 1992, 'TIFF 6.0', §2) as fields, read from either byte order, written in little-endian. */

import { type ReadAt, viewOf } from '../read-at.ts';

/** Bytes of one value of each type, and of the numbers in it, which the byte order concerns. */
const TYPES: Readonly<Record<number, readonly [bytes: number, number: number]>> = {
  1: [1, 1],
  2: [1, 1],
  3: [2, 2],
  4: [4, 4],
  5: [8, 4],
  6: [1, 1],
  7: [1, 1],
  8: [2, 2],
  9: [4, 4],
  10: [8, 4],
  11: [4, 4],
  12: [8, 8],
};
const [LONG, UNDEFINED] = [4, 7];
/** Directories within directories: Exif, GPS, interoperability. */
const NESTED: ReadonlySet<number> = new Set([0x8769, 0x8825, 0xa005]);
/** More than any camera writes. */
const [MOST_FIELDS, MOST_BYTES] = [1000, 2 ** 20];

export interface Field {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Little-endian; empty for a directory. */
  readonly bytes: Uint8Array;
  readonly nested?: readonly Field[];
}

/** Reads a structure's first directory, with those within. @throws {RangeError} it is malformed. */
export function readFields(read: ReadAt): readonly Field[] {
  const head = viewOf(read(0, 8));
  const little = head.getUint16(0) === 0x4949;
  if ((!little && head.getUint16(0) !== 0x4d4d) || head.getUint16(2, little) !== 42) {
    throw new RangeError('Not a TIFF structure.');
  }
  let total = 0;
  const directory = (at: number, depth: number): readonly Field[] => {
    const count = viewOf(read(at, 2)).getUint16(0, little);
    if (count > MOST_FIELDS) throw new RangeError('Too many fields.');
    const table = viewOf(read(at + 2, 12 * count));
    const fields: Field[] = [];
    for (let i = 0; i < count; i++) {
      const tag = table.getUint16(12 * i, little);
      const type = table.getUint16(12 * i + 2, little);
      const amount = table.getUint32(12 * i + 4, little);
      const sizes = TYPES[type];
      if (sizes === undefined) continue; // to be skipped, says the standard
      if (NESTED.has(tag)) {
        // Two levels are all there are; deeper ones would lead round.
        if (depth < 2) {
          const nested = directory(table.getUint32(12 * i + 8, little), depth + 1);
          fields.push({ tag, type: LONG, count: 1, bytes: new Uint8Array(), nested });
        }
        continue;
      }
      const length = amount * sizes[0];
      // Pixels' places of a large picture.
      if (length > MOST_BYTES || total + length > MOST_BYTES) continue;
      total += length;
      const place = length > 4 ? table.getUint32(12 * i + 8, little) : at + 2 + 12 * i + 8;
      const bytes = Uint8Array.from(read(place, length));
      if (!little) reverse(bytes, sizes[1]);
      fields.push({ tag, type, count: amount, bytes });
    }
    return fields;
  };
  return directory(viewOf(read(4, 4)).getUint32(0, little), 0);
}

/** A directory for a place, with what it points to after it; the next directory is none. Fields come sorted by tag, as must be. */
export function formatFields(fields: readonly Field[], at: number): Uint8Array {
  const sorted = [...fields].sort((a, b) => a.tag - b.tag);
  const table = Buffer.alloc(2 + 12 * sorted.length + 4);
  const behind: Uint8Array[] = [];
  let next = at + table.length;
  const put = (bytes: Uint8Array) => {
    const place = next;
    const padded = bytes.length + (bytes.length % 2);
    behind.push(bytes, new Uint8Array(padded - bytes.length));
    next += padded;
    return place;
  };
  table.writeUInt16LE(sorted.length, 0);
  sorted.forEach(({ tag, type, count, bytes, nested }, i) => {
    const entry = 2 + 12 * i;
    table.writeUInt16LE(tag, entry);
    table.writeUInt16LE(type, entry + 2);
    table.writeUInt32LE(count, entry + 4);
    if (nested !== undefined) table.writeUInt32LE(put(formatFields(nested, next)), entry + 8);
    else if (bytes.length > 4) table.writeUInt32LE(put(bytes), entry + 8);
    else table.set(bytes, entry + 8);
  });
  return Buffer.concat([table, ...behind]);
}

/** A field of bytes that mean nothing to TIFF. */
export function opaqueField(tag: number, bytes: Uint8Array): Field {
  return { tag, type: UNDEFINED, count: bytes.length, bytes };
}

function reverse(bytes: Uint8Array, size: number): void {
  for (let i = 0; i + size <= bytes.length && size > 1; i += size) bytes.subarray(i, i + size).reverse();
}
