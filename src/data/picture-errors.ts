/** What went wrong with a picture file, in one line for the user. */
import { statfsSync } from 'node:fs';
import { asFileError } from '../atomic-file.ts';
import { DamagedImageError, FileError, ImageError } from '../errors.ts';
import type { PictureSize } from './picture.ts';

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
    return new ImageError(
      `${name} is not a picture that can be read (JPEG, HEIC, PNG, WebP, TIFF, AVIF or GIF).`,
      options,
    );
  if (reason.includes('pixel limit'))
    return new ImageError(`${name} is too large: more than 268 million pixels.`, options);
  return new DamagedImageError(`${name} is damaged or cut short (${reason}).`, options);
}

/** libvips appends a line for each layer that failed; the first names the cause. */
function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!.trim();
}

/** Whether a disk has no room; libvips does not say why it could not write. */
export function isFull(folder: string): boolean {
  const { bavail, bsize, blocks } = statfsSync(folder);
  return blocks > 0 && bavail * bsize < 2 ** 20; // file systems of the kernel's own have no blocks
}

/** As the file system itself would say it, for `asFileError` to put the file's name to. */
export function diskFull(cause: unknown): Error {
  return Object.assign(new Error('no room is left', { cause }), { code: 'ENOSPC' });
}
