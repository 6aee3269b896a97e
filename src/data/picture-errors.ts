/** What went wrong with a picture file, in one line for the user. */
import { appendFileSync, statfsSync } from 'node:fs';
import type { PictureSize } from '../picture.ts';
import { asFileError } from '../system/atomic-file.ts';
import { DamagedImageError, FileError, ImageError } from '../system/errors.ts';
import { readNames } from './picture-format.ts';

/** A picture file that the file system does not give out. */
export function asImageError(error: unknown, path: string): unknown {
  const reason = asFileError(error, `read ${path}`);
  return reason instanceof FileError ? new ImageError(reason.message, { cause: error }) : reason;
}

/** A picture that could not be encoded. */
export function asUnwritable(error: unknown, { width, height }: PictureSize, format: string): ImageError {
  return new ImageError(`Cannot write ${width} x ${height} px as ${format}: ${firstLine(error)}.`, {
    cause: error,
  });
}

/** A picture that could not be decoded. */
export function asUnreadable(error: unknown, name: string): ImageError {
  const reason = firstLine(error);
  const options = { cause: error };
  if (reason.includes('unsupported image format'))
    return new ImageError(`${name} is not a picture that can be read (${readNames()}).`, options);
  if (reason.includes('pixel limit'))
    return new ImageError(`${name} is too large: more than 268 million pixels.`, options);
  return new DamagedImageError(`${name} is damaged or cut short (${reason}).`, options);
}

/** libvips appends a line for each layer that failed; the first names the cause. */
function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!.trim();
}

/**
 * Why the system lets no more be written to a file that is there: libvips does not say. What it answers, `asFileError` puts the
 * file's name to; undefined where the system lets.
 */
export function refusedBySystem(path: string): unknown {
  const { bavail, bsize, blocks } = statfsSync(path);
  // File systems of the kernel's own have no blocks. What is left may be too little for the encoder, and enough for a byte.
  if (blocks > 0 && bavail * bsize < 2 ** 20)
    return Object.assign(new Error('no room is left'), { code: 'ENOSPC' });
  try {
    appendFileSync(path, Uint8Array.of(0));
    return undefined;
  } catch (error) {
    return error;
  }
}
