/**
 * EXIF (CIPA DC-008-2019, 'Exif 2.32'): a TIFF structure of directories with 12 bytes an entry. It is changed in place:
 * cameras' own notes within it point to places by their distance from its start, which must not move.
 */

import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { PictureSize } from '../../picture.ts';
import type { PhotoFormat } from '../picture-format.ts';

const [ORIENTATION, EXIF_DIRECTORY] = [0x0112, 0x8769];
const [COLOUR_SPACE, WIDTH, HEIGHT] = [0xa001, 0xa002, 0xa003];
const [THUMBNAIL_AT, THUMBNAIL_LENGTH] = [0x0201, 0x0202];
const [SHORT, LONG] = [3, 4];
const SRGB = 1;

interface Entry {
  readonly tag: number;
  /** Where its value lies, and how to write a number there. */
  readonly set: (value: number) => void;
  readonly value: number;
}

/**
 * EXIF of a painted picture: orientation upright, size its own, the photo's small preview gone.
 *
 * @param srgb whether the pixels are sRGB now, whatever they were.
 * @returns the TIFF structure, without 'Exif\0\0'; undefined where it is malformed.
 */
export function paintedExif(
  block: Uint8Array,
  { width, height }: PictureSize,
  srgb: boolean,
): Uint8Array | undefined {
  const prefixed = Buffer.from(block.subarray(0, 6)).toString('latin1') === 'Exif\0\0';
  const tiff = Uint8Array.from(prefixed ? block.subarray(6) : block);
  try {
    return painted(tiff, { width, height }, srgb);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // a place beyond its end
    throw error;
  }
}

function painted(tiff: Uint8Array, { width, height }: PictureSize, srgb: boolean): Uint8Array | undefined {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  const little = view.getUint16(0) === 0x4949;
  if (!little && view.getUint16(0) !== 0x4d4d) return undefined;
  if (view.getUint16(2, little) !== 42) return undefined;
  const first = directory(view, view.getUint32(4, little), little);
  for (const { tag, value, set } of first.entries) {
    if (tag === ORIENTATION) set(1);
    if (tag !== EXIF_DIRECTORY) continue;
    for (const one of directory(view, value, little).entries) {
      if (one.tag === WIDTH) one.set(width);
      if (one.tag === HEIGHT) one.set(height);
      if (one.tag === COLOUR_SPACE && srgb) one.set(SRGB);
    }
  }
  const second = view.getUint32(first.end, little);
  if (second === 0) return tiff;
  view.setUint32(first.end, 0);
  return withoutPreview(tiff, directory(view, second, little), second);
}

function withoutPreview(tiff: Uint8Array, { entries, end }: Directory, from: number): Uint8Array {
  const find = (wanted: number) => entries.find(({ tag }) => tag === wanted)?.value;
  const at = find(THUMBNAIL_AT) ?? 0;
  const to = at + (find(THUMBNAIL_LENGTH) ?? 0);
  tiff.fill(0, from, end + 4);
  // Elsewhere it may share its place with what is kept, if somebody means ill.
  if (at < from || to > tiff.length) return tiff;
  tiff.fill(0, at, to);
  return to === tiff.length && at >= end + 4 ? tiff.subarray(0, at) : tiff;
}

interface Directory {
  readonly entries: readonly Entry[];
  /** Where the offset of the next directory is. */
  readonly end: number;
}

/** @throws {RangeError} it reaches beyond the structure. */
function directory(view: DataView, at: number, little: boolean): Directory {
  const count = view.getUint16(at, little);
  const end = at + 2 + 12 * count;
  view.getUint32(end, little);
  const entries = Array.from({ length: count }, (_, i): Entry => {
    const place = at + 2 + 12 * i;
    const type = view.getUint16(place + 2, little);
    return {
      tag: view.getUint16(place, little),
      value: type === SHORT ? view.getUint16(place + 8, little) : view.getUint32(place + 8, little),
      set(number) {
        if (view.getUint32(place + 4, little) !== 1) return; // not one number
        if (type === SHORT && number <= 0xffff) view.setUint16(place + 8, number, little);
        else if (type === LONG) view.setUint32(place + 8, number, little);
      },
    };
  });
  return { entries, end };
}

/**
 * A block of EXIF put into a written file byte by byte. libvips writes EXIF of its own making only: what it does not know
 * (cameras' notes) is lost, what it knows is rewritten. So it is given a name of the block's length to write, in whose
 * place, and that of the directory before it, the block is then put.
 */

/** A segment of JPEG holds 64 KiB, and libvips' own entries take some. */
const LONGEST = 65_000;
/** Room for the mark. */
const SHORTEST = 64;
/** Bytes of a file that are searched at once. */
const WINDOW = 2 ** 20;
/** How far before the name libvips' EXIF begins at most. */
const DIRECTORY = 1024;

/** Whether a block can be put into a format this way. */
export function exifFits(exif: Uint8Array, format: PhotoFormat): boolean {
  return format !== 'tiff' && format !== 'gif' && exif.length <= LONGEST;
}

/** EXIF that takes the place of what libvips writes in its stead. */
export class ExifStandIn {
  readonly #exif: Uint8Array;
  readonly #length: number;
  readonly #mark = randomBytes(16).toString('hex');

  constructor(exif: Uint8Array) {
    this.#exif = exif;
    this.#length = Math.max(exif.length, SHORTEST);
  }

  /** For sharp's `withExif`. */
  get fields(): { IFD0: { Artist: string } } {
    return { IFD0: { Artist: this.#mark.padEnd(this.#length, '.') } };
  }

  /** Puts the block into its place in a file that libvips has written. @throws {Error} the place is not there. */
  async replace(path: string): Promise<void> {
    const file = await open(path, 'r+');
    try {
      const marked = await find(file, Buffer.from(this.#mark, 'latin1'));
      const from = Math.max(0, marked - DIRECTORY);
      const before = await read(file, from, marked - from);
      const start = Math.max(
        before.lastIndexOf('II*\0', undefined, 'latin1'),
        before.lastIndexOf('MM\0*', undefined, 'latin1'),
      );
      if (start < 0) throw new Error('libvips has written EXIF of another form.');
      const at = from + start;
      const room = new Uint8Array(marked + this.#length - at);
      room.set(this.#exif, 0);
      await file.write(room, 0, room.length, at);
      if (before.toString('latin1', start - 4, start) === 'eXIf') await mendChecksum(file, at);
    } finally {
      await file.close();
    }
  }
}

/** A chunk of PNG ends in a CRC over its type and data. @param at where its data begin. */
async function mendChecksum(file: FileHandle, at: number): Promise<void> {
  const length = (await read(file, at - 8, 4)).readUInt32BE();
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(await read(file, at - 4, 4 + length)));
  await file.write(checksum, 0, 4, at + length);
}

async function find(file: FileHandle, mark: Buffer): Promise<number> {
  const { size } = await file.stat();
  for (let from = 0; from < size; from += WINDOW) {
    const at = (await read(file, from, Math.min(WINDOW + mark.length, size - from))).indexOf(mark);
    if (at >= 0) return from + at;
  }
  throw new Error('libvips has not written the EXIF that it was given.');
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, at);
  return bytes.subarray(0, bytesRead);
}
