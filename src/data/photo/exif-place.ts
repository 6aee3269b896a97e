/**
 * A block of EXIF put into a written file byte by byte. libvips writes EXIF of its own making only: what it does not know
 * (cameras' notes) is lost, what it knows is rewritten. So it is given a name of the block's length to write, in whose
 * place, and that of the directory before it, the block is then put.
 */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { PhotoFormat } from '../picture-format.ts';

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
