/** EXIF and IPTC in TIFF files, which libvips passes over: there they are fields of the picture's own directory. */
import { type FileHandle, open } from 'node:fs/promises';
import { type ReadAt, readBytesAt, readingParts, viewOf } from '../read-at.ts';

/**
 * Fields of the first directory about the photo, not of its pixels: description, maker, model, program, time,
 * artist, rating, copyright, Exif, GPS, Windows' title, comment, author, keywords and subject.
 */
const TELLING: ReadonlySet<number> = new Set([
  ...[0x010e, 0x010f, 0x0110, 0x0131, 0x0132, 0x013b, 0x4746, 0x4749, 0x8298, 0x8769, 0x8825],
  ...[0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e, 0x9c9f],
]);
const IPTC = 33723;

/** What a TIFF file says about its photo, as the EXIF of other formats: a structure of its own. None, or malformed: undefined. */
export function tiffExif(content: string | Uint8Array): Uint8Array | undefined {
  try {
    const fields = readingParts(content, (read) => readFields(read)).filter(({ tag }) => TELLING.has(tag));
    if (fields.length === 0) return undefined;
    return Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), formatFields(fields, 8)]);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Puts EXIF and IPTC into a TIFF file that libvips has written, by a new directory after the old one. */
export async function appendTiffMetadata(
  path: string,
  { exif, iptc }: { readonly exif?: Uint8Array | undefined; readonly iptc?: Uint8Array | undefined },
): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const own = await firstDirectory(file);
    const added = [
      ...(exif === undefined ? [] : tellingFields(exif)),
      ...(iptc === undefined ? [] : [opaqueField(IPTC, iptc)]),
    ];
    const tags = new Set(added.map(({ tag }) => tag));
    const at = size + (size % 2);
    const directory = formatFields([...own.filter(({ tag }) => !tags.has(tag)), ...added], at);
    await file.write(directory, 0, directory.length, at);
    const place = Buffer.alloc(4);
    place.writeUInt32LE(at);
    await file.write(place, 0, 4, 4);
  } finally {
    await file.close();
  }
}

function tellingFields(exif: Uint8Array): readonly Field[] {
  try {
    return readFields(readBytesAt(exif)).filter(({ tag }) => TELLING.has(tag));
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** The directory of a file in little-endian, entries as they are: what they point to stays in its place. */
async function firstDirectory(file: FileHandle): Promise<readonly Field[]> {
  const head = await bytesAt(file, 0, 8);
  if (head.toString('latin1', 0, 4) !== 'II*\0')
    throw new Error('libvips has written a TIFF of another form.');
  const at = head.readUInt32LE(4);
  const count = (await bytesAt(file, at, 2)).readUInt16LE();
  const table = await bytesAt(file, at + 2, 12 * count);
  return Array.from({ length: count }, (_, i) => ({
    tag: table.readUInt16LE(12 * i),
    type: table.readUInt16LE(12 * i + 2),
    count: table.readUInt32LE(12 * i + 4),
    bytes: table.subarray(12 * i + 8, 12 * i + 12),
  }));
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  if (bytesRead < length) throw new Error('A TIFF file ends before its directory does.');
  return bytes;
}

/** Directories of TIFF structures (Adobe 1992, 'TIFF 6.0', §2) as fields, read from either byte order, written in little-endian. */

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

interface Field {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Little-endian; empty for a directory. */
  readonly bytes: Uint8Array;
  readonly nested?: readonly Field[];
}

/** Reads a structure's first directory, with those within. @throws {RangeError} it is malformed. */
function readFields(read: ReadAt): readonly Field[] {
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
function formatFields(fields: readonly Field[], at: number): Uint8Array {
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
function opaqueField(tag: number, bytes: Uint8Array): Field {
  return { tag, type: UNDEFINED, count: bytes.length, bytes };
}

function reverse(bytes: Uint8Array, size: number): void {
  for (let i = 0; i + size <= bytes.length && size > 1; i += size) bytes.subarray(i, i + size).reverse();
}
