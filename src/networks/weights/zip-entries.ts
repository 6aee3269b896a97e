/** Files in a zip archive whose entries are stored without compression, as torch writes them. */
import { crc32 } from 'node:zlib';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { printable } from '../../system/printable.ts';

/** The bytes are no such archive; the message says why, without a full stop. */
export class ZipFault extends Error {}

export class ZipEntries {
  readonly #bytes: Buffer;
  readonly #file: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(bytes: Buffer, file: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#bytes = bytes;
    this.#file = file;
    this.#entries = entries;
  }

  /** @throws {ZipFault} the bytes are cut, or no archive. */
  static async of(bytes: Buffer): Promise<ZipEntries> {
    // Names as bytes: they are looked up, never written to.
    const file = await fromBufferPromise(bytes, {
      lazyEntries: true,
      decodeStrings: false,
      validateEntrySizes: false,
    }).catch((error: unknown) => {
      throw new ZipFault('it is cut: the directory at the end of the archive is missing', { cause: error });
    });
    const entries = new Map<string, Entry>();
    try {
      for await (const entry of file.eachEntry()) entries.set(entry.fileNameRaw.toString('utf8'), entry);
    } catch (error) {
      throw new ZipFault('its directory is damaged', { cause: error });
    }
    for (const [name, { compressionMethod, compressedSize, uncompressedSize }] of entries) {
      if (compressionMethod !== 0 || compressedSize !== uncompressedSize)
        throw new ZipFault(`its entry ${printable(name)} is compressed, which torch never does`);
    }
    return new ZipEntries(bytes, file, entries);
  }

  names(): Iterable<string> {
    return this.#entries.keys();
  }

  /** The bytes of a file, not copied. @throws {ZipFault} there is none of that name, or it is damaged. */
  async read(name: string): Promise<Buffer> {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new ZipFault(`it lacks ${printable(name)}`);
    const { fileDataStart } = await this.#file
      .readLocalFileHeaderPromise(entry, { minimal: true })
      .catch((error: unknown) => {
        throw new ZipFault(`its entry ${printable(name)} is damaged`, { cause: error });
      });
    const end = fileDataStart + entry.uncompressedSize;
    if (end > this.#bytes.length) throw new ZipFault('it is cut');
    const content = this.#bytes.subarray(fileDataStart, end);
    if (crc32(content) !== entry.crc32)
      throw new ZipFault(`its entry ${printable(name)} is damaged (the checksum differs)`);
    return content;
  }
}
