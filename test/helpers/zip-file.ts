import { writeFileSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipFileEntry {
  readonly name: string;
  readonly content: Uint8Array | string;
  /** Stored instead of deflated. */
  readonly stored?: boolean;
  /** Unix mode, for instance 0o755. */
  readonly mode?: number;
}

/** Writes a zip file, as small as the format allows: enough to stand for a wheel. */
export function writeZipFile(path: string, entries: readonly ZipFileEntry[]): void {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, stored = false, mode = 0o644 } of entries) {
    const plain = Buffer.from(content);
    const data = stored ? plain : deflateRawSync(plain);
    const nameBytes = Buffer.from(name);
    // Method, time, date, CRC, sizes, name length, extra length: shared by both headers.
    const common = Buffer.alloc(22);
    common.writeUInt16LE(stored ? 0 : 8, 0);
    common.writeUInt32LE(crc32(plain), 6);
    common.writeUInt32LE(data.length, 10);
    common.writeUInt32LE(plain.length, 14);
    common.writeUInt16LE(nameBytes.length, 18);
    const local = Buffer.alloc(8);
    local.writeUInt32LE(0x04034b50, 0);
    const central = Buffer.alloc(10);
    central.writeUInt32LE(0x02014b50, 0);
    const tail = Buffer.alloc(14);
    tail.writeUInt16LE(mode, 8);
    tail.writeUInt32LE(offset, 10);
    pieces.push(local, common, nameBytes, data);
    directory.push(central, common, tail, nameBytes);
    offset += 30 + nameBytes.length + data.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  writeFileSync(path, Buffer.concat([...pieces, list, end]));
}
