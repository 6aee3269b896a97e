/** Where a photo comes from: a file or standard input. Nothing but pictures gets past here, and nothing that never ends. */
import type { Readable } from 'node:stream';
import { expected, ImageError } from '../../system/errors.ts';
import { ownCommand } from '../../system/own-command.ts';
import { openPlainFile, readPlainFile } from '../../system/plain-file.ts';
import { asImageError, asUnreadable } from '../picture-errors.ts';
import { formatOfBytes, MAGIC_BYTES, type PhotoFormat } from '../picture-format.ts';
import { rawKindOfBytes, rawRefused } from './camera-raw.ts';
import { examined, type PhotoSource } from './examine.ts';

/** A picture's file, or the bytes of one with what to call them in messages. */
export type PictureInput = string | { readonly name: string; readonly bytes: Uint8Array };

/** What stands for standard input and output. */
export const STANDARD = '-';

/** What standard input may bring at most: it is held in memory. */
const MOST_PIPED = 2 ** 30;

/**
 * Looks at a photo's first bytes.
 *
 * @param path `-` is standard input. @param takesDamaged whether a picture of which a part is missing will do.
 * @throws {ImageError} no such file, no plain file, empty, or not a picture of a known format.
 */
export async function openSource(
  path: string,
  takesDamaged = false,
  stdin: Readable = process.stdin,
): Promise<PhotoSource> {
  if (path === STANDARD) {
    const name = 'standard input';
    const content = await readStream(stdin, name);
    return sourceOfBytes(content, name, takesDamaged);
  }
  const format = knownFormat(await firstBytes(path), path);
  try {
    return examined(await decodable(path), format, path, takesDamaged);
  } catch (error) {
    throw asImageError(error, path);
  }
}

/**
 * What sharp is to be given of a file: its path; where that ends as libvips writes options, `photo[1].jpg` or `x.svg[unlimited]`, its
 * bytes, as libvips would open another file by the first part of the name.
 *
 * @throws {FileError} it is too large to be read at once. The system's own errors as they are.
 */
export async function decodable(path: string): Promise<string | Uint8Array> {
  return path.endsWith(']') ? readPlainFile(path) : path;
}

/** As `openSource`, for the bytes of a photo. @param name what to call it in messages. */
export function sourceOfBytes(content: Uint8Array, name: string, takesDamaged = false): PhotoSource {
  return examined(content, knownFormat(content, name), name, takesDamaged);
}

async function firstBytes(path: string): Promise<Uint8Array> {
  try {
    const file = await openPlainFile(
      path,
      `pass what it gives through standard input: ${ownCommand('stylize -')}`,
    );
    try {
      const head = new Uint8Array(MAGIC_BYTES);
      const { bytesRead } = await file.read(head, 0, MAGIC_BYTES, 0);
      return head.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asImageError(error, path);
  }
}

type KnownFormat = PhotoFormat | 'heif';

function knownFormat(head: Uint8Array, name: string): KnownFormat {
  if (head.length === 0) throw new ImageError(`${name} is empty: it holds 0 bytes.`);
  const raw = rawKindOfBytes(head);
  if (raw !== undefined) throw rawRefused(raw, name);
  const format = formatOfBytes(head);
  if (format === 'svg') {
    throw new ImageError(`${name} is a drawing or text in XML, not a picture; save a drawing as PNG.`);
  }
  if (format === 'film') {
    throw new ImageError(`${name} is a film, not a picture; paint it by fast-style video.`);
  }
  if (format === undefined) throw asUnreadable('unsupported image format', name);
  return format;
}

async function readStream(stream: Readable, name: string): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stream) {
    parts.push(part as Buffer);
    length += (part as Buffer).length;
    if (length > MOST_PIPED) {
      throw new ImageError(
        expected('at most 1 GiB through standard input', 'more', 'save it to a file and name the file'),
      );
    }
    // What is no picture need not be read to its end, which may never come.
    if (length >= MAGIC_BYTES && parts.length === 1) knownFormat(parts[0]!, name);
  }
  return Buffer.concat(parts);
}
