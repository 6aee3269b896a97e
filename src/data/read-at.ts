/** Parts of a file, or of the bytes of one. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes at a place. @throws {RangeError} they are not all there. */
export type ReadAt = (at: number, length: number) => Uint8Array;

/**
 * Lends a file's parts for the time of some work.
 *
 * @param content a path, or the bytes of a file. @param work gets the length of the file, too.
 */
export function readingParts<T>(content: string | Uint8Array, work: (read: ReadAt, length: number) => T): T {
  if (typeof content !== 'string') return work(readBytesAt(content), content.length);
  const descriptor = openSync(content, 'r');
  try {
    const length = fstatSync(descriptor).size;
    return work((at, wanted) => {
      if (!(at >= 0 && wanted >= 0 && at + wanted <= length)) throw new RangeError('Beyond the end.');
      const bytes = new Uint8Array(wanted);
      if (readSync(descriptor, bytes, 0, wanted, at) < wanted) throw new RangeError('Beyond the end.');
      return bytes;
    }, length);
  } finally {
    closeSync(descriptor);
  }
}

/** Parts of bytes in memory, not copied. */
export function readBytesAt(bytes: Uint8Array): ReadAt {
  return (at, wanted) => {
    if (!(at >= 0 && wanted >= 0 && at + wanted <= bytes.length)) throw new RangeError('Beyond the end.');
    return bytes.subarray(at, at + wanted);
  };
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
