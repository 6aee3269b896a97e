import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise, validateFileName, type ZipFile } from 'yauzl';
import { RuntimeSetupError } from '../../system/errors.ts';

export interface ZipEntry {
  readonly name: string;
  /** Uncompressed size. */
  readonly bytes: number;
  readonly entry: Entry;
}

export interface UnpackedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A zip file, read piece by piece: files of any size pass through without being held in memory. */
export class ZipArchive {
  readonly path: string;
  readonly entries: readonly ZipEntry[];
  readonly #file: ZipFile;

  private constructor(path: string, file: ZipFile, entries: readonly ZipEntry[]) {
    this.path = path;
    this.#file = file;
    this.entries = entries;
  }

  /** @throws {RuntimeSetupError} the file is no zip, or is cut. */
  static async open(path: string): Promise<ZipArchive> {
    let file: ZipFile | undefined;
    try {
      // Names as bytes: a name that leads out of the folder is refused where it is unpacked, not where it is listed.
      file = await openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false });
      const entries: ZipEntry[] = [];
      for await (const entry of file.eachEntry())
        entries.push({ name: entry.fileNameRaw.toString('utf8'), bytes: entry.uncompressedSize, entry });
      return new ZipArchive(path, file, entries);
    } catch (error) {
      file?.close();
      if (isOfSystem(error)) throw error;
      throw new RuntimeSetupError(`${path} is not a whole zip file.`, { cause: error });
    }
  }

  /** The whole content of an entry, held in memory. */
  async read(entry: ZipEntry): Promise<Buffer> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of await this.#content(entry)) pieces.push(piece as Buffer);
    } catch (error) {
      throw this.#damaged(entry, error);
    }
    return Buffer.concat(pieces);
  }

  /**
   * Writes an entry below `folder` under its own name and answers its size and SHA-256.
   *
   * @param onBytes called with each piece written.
   * @throws {RuntimeSetupError} the entry is damaged, or its name leads out of the folder.
   */
  async unpack(entry: ZipEntry, folder: string, onBytes?: (bytes: number) => void): Promise<UnpackedFile> {
    if (validateFileName(entry.name) !== null) {
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
    // The upper half of the attributes are Unix's permissions, 0 where the archive names none.
    const mode = ((entry.entry.externalFileAttributes >>> 16) & 0o111) !== 0 ? 0o755 : 0o644;
    try {
      await pipeline(await this.#content(entry), meter, createWriteStream(target, { mode, flush: true }));
    } catch (error) {
      throw this.#damaged(entry, error);
    }
    return { path: entry.name, bytes, sha256: hash.digest('hex') };
  }

  close(): void {
    this.#file.close();
  }

  /** Fails, too, where there are more or fewer bytes than the archive's directory says. */
  #content({ entry }: ZipEntry): Promise<Readable> {
    return this.#file.openReadStreamPromise(entry);
  }

  #damaged({ name }: ZipEntry, error: unknown): unknown {
    if (isOfSystem(error)) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new RuntimeSetupError(`${this.path} is damaged: ${name}: ${reason}.`, { cause: error });
  }
}

/** A full disk or a file that cannot be read, not a fault of the archive. */
function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
