/** EXIF and IPTC in TIFF files, which libvips passes over: there they are fields of the picture's own directory. */

import { type FileHandle, open } from 'node:fs/promises';
import { readBytesAt, readingParts } from '../read-at.ts';
import { type Field, formatFields, opaqueField, readFields } from './tiff-directory.ts';

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
