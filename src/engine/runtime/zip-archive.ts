import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { RuntimeSetupError } from '../../system/errors.ts';

export interface ZipEntry {
  readonly name: string;
  /** Uncompressed size. */
  readonly bytes: number;
  readonly compressedBytes: number;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  /** Unix permission bits, 0 where the archive names none. */
  readonly mode: number;
  /** Where its local header begins in the file. */
  readonly offset: number;
}

export interface UnpackedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;

/** A zip file, read piece by piece: files of any size pass through without being held in memory. */
export class ZipArchive {
  readonly path: string;
  readonly entries: readonly ZipEntry[];
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle, entries: readonly ZipEntry[]) {
    this.path = path;
    this.#file = file;
    this.entries = entries;
  }

  /** @throws {RuntimeSetupError} the file is no zip, is cut, or is of a kind that is not read here (zip64). */
  static async open(path: string): Promise<ZipArchive> {
    const file = await open(path, 'r');
    try {
      return new ZipArchive(path, file, await readDirectory(file, path));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The whole content of an entry, held in memory. */
  async read(entry: ZipEntry): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of await this.#content(entry)) pieces.push(piece as Buffer);
    return Buffer.concat(pieces);
  }

  /**
   * Writes an entry below `folder` under its own name and answers its size and SHA-256.
   *
   * @param onBytes told of each piece written.
   */
  async unpack(entry: ZipEntry, folder: string, onBytes?: (bytes: number) => void): Promise<UnpackedFile> {
    if (isAbsolute(entry.name) || entry.name.split(/[\\/]/).includes('..')) {
      throw new RuntimeSetupError(
        `${this.path} holds a file that would land outside its folder: ${entry.name}.`,
      );
    }
    const target = join(folder, entry.name);
    await mkdir(dirname(target), { recursive: true });
    const hash = createHash('sha256');
    let bytes = 0;
    const meter = new Transform({
      transform(piece: Buffer, _encoding, done) {
        hash.update(piece);
        bytes += piece.length;
        onBytes?.(piece.length);
        done(null, piece);
      },
    });
    const mode = (entry.mode & 0o111) !== 0 ? 0o755 : 0o644;
    await pipeline(await this.#content(entry), meter, createWriteStream(target, { mode, flush: true }));
    if (bytes !== entry.bytes) {
      throw new RuntimeSetupError(
        `${this.path} is damaged: ${entry.name} has ${bytes} of ${entry.bytes} bytes.`,
      );
    }
    return { path: entry.name, bytes, sha256: hash.digest('hex') };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #content(entry: ZipEntry): Promise<Readable> {
    const header = Buffer.alloc(30);
    await this.#file.read(header, 0, header.length, entry.offset);
    if (header.readUInt32LE(0) !== LOCAL_HEADER) throw damaged(this.path);
    if (entry.method !== 0 && entry.method !== 8) {
      throw new RuntimeSetupError(`${this.path} uses a compression that is not read here (${entry.method}).`);
    }
    const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    if (entry.compressedBytes === 0) return Readable.from([]);
    const end = start + entry.compressedBytes - 1;
    const raw = createReadStream(this.path, { start, end, highWaterMark: 1 << 20 });
    if (entry.method === 0) return raw;
    const inflate = createInflateRaw({ chunkSize: 1 << 20 });
    raw.on('error', (error) => inflate.destroy(error));
    return raw.pipe(inflate);
  }
}

function damaged(path: string): RuntimeSetupError {
  return new RuntimeSetupError(`${path} is not a whole zip file.`);
}

/** Reads the list of entries, which a zip file keeps at its end. */
async function readDirectory(file: FileHandle, path: string): Promise<ZipEntry[]> {
  const { size } = await file.stat();
  const tail = Buffer.alloc(Math.min(size, END_BYTES + LONGEST_COMMENT));
  await file.read(tail, 0, tail.length, size - tail.length);
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END_OF_DIRECTORY) end--;
  if (end < 0) throw damaged(path);
  const count = tail.readUInt16LE(end + 10);
  const directory = Buffer.alloc(tail.readUInt32LE(end + 12));
  const start = tail.readUInt32LE(end + 16);
  if (count === 0xffff || start === 0xffffffff) {
    throw new RuntimeSetupError(`${path} is a zip64 file, which is not read here.`);
  }
  const { bytesRead } = await file.read(directory, 0, directory.length, start);
  if (bytesRead !== directory.length) throw damaged(path);

  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== DIRECTORY_ENTRY) throw damaged(path);
    const nameBytes = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      bytes: directory.readUInt32LE(at + 24),
      compressedBytes: directory.readUInt32LE(at + 20),
      method: directory.readUInt16LE(at + 10),
      mode: directory.readUInt16LE(at + 40),
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}
