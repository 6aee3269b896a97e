import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** Bytes that are read at a time. */
const PIECE = 2 ** 20;

/** A file's digest in lower-case hexadecimal. @throws the system's error where it cannot be read. */
export async function digestOfFile(path: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: PIECE }), hash);
  return hash.digest('hex');
}

/** Throws as `digestOfFile`. */
export const sha256OfFile = (path: string): Promise<string> => digestOfFile(path, 'sha256');
