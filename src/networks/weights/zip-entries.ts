/**
 * Finds the files in a zip archive whose entries are stored without compression, as torch writes them. Sizes beyond
 * 4 GB are not supported. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */

import { crc32 } from 'node:zlib';
import { printable } from '../../system/printable.ts';

/** The bytes are no such archive; the message says why, without a full stop. */
export class ZipFault extends Error {}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const LONGEST_COMMENT = 65535;

interface DirectoryEntry {
  readonly crc: number;
  readonly size: number;
  readonly offset: number;
}

export class ZipEntries {
  readonly #bytes: Buffer;
  readonly #entries: ReadonlyMap<string, DirectoryEntry>;

  /** @throws {ZipFault} the bytes are cut, or no archive. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#entries = directory(bytes);
  }

  names(): Iterable<string> {
    return this.#entries.keys();
  }

  /** The bytes of a file, not copied. @throws {ZipFault} there is none of that name, or it is damaged. */
  read(name: string): Buffer {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new ZipFault(`it lacks ${printable(name)}`);
    const { crc, size, offset } = entry;
    const header = part(this.#bytes, offset, 30);
    if (header.readUInt32LE(0) !== LOCAL_HEADER)
      throw new ZipFault(`its entry ${printable(name)} is damaged`);
    const start = offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    const content = part(this.#bytes, start, size);
    if (crc32(content) !== crc)
      throw new ZipFault(`its entry ${printable(name)} is damaged (the checksum differs)`);
    return content;
  }
}

function directory(bytes: Buffer): Map<string, DirectoryEntry> {
  const end = findEnd(bytes);
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  const entries = new Map<string, DirectoryEntry>();
  for (let i = 0; i < count; i++) {
    const header = part(bytes, at, 46);
    if (header.readUInt32LE(0) !== DIRECTORY_ENTRY) throw new ZipFault('its directory is damaged');
    const nameLength = header.readUInt16LE(28);
    const name = part(bytes, at + 46, nameLength).toString('utf8');
    const size = header.readUInt32LE(24);
    if (header.readUInt16LE(10) !== 0 || header.readUInt32LE(20) !== size) {
      throw new ZipFault(`its entry ${printable(name)} is compressed, which torch never does`);
    }
    entries.set(name, { crc: header.readUInt32LE(16), size, offset: header.readUInt32LE(42) });
    at += 46 + nameLength + header.readUInt16LE(30) + header.readUInt16LE(32);
  }
  return entries;
}

function findEnd(bytes: Buffer): number {
  const first = Math.max(0, bytes.length - 22 - LONGEST_COMMENT);
  for (let at = bytes.length - 22; at >= first; at--) {
    if (bytes.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  }
  throw new ZipFault('it is cut: the directory at the end of the archive is missing');
}

function part(bytes: Buffer, start: number, length: number): Buffer {
  if (start + length > bytes.length) throw new ZipFault('it is cut');
  return bytes.subarray(start, start + length);
}
