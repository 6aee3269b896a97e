import { extname } from 'node:path';
import type { Picture, PictureSize } from '../picture.ts';
import { ConfigError, expected } from '../system/errors.ts';

/** A film in the making. Frames are written as they come; nothing is at its path before `finish`. */
export interface Film {
  /** Appends a frame; resolves when there is room for the next. @throws {FileError} it cannot be written. */
  add(frame: Picture): Promise<void>;
  /** Ends the film and puts it in its place. @throws {ConfigError} it has no frame. {FileError} it cannot be written. */
  finish(): Promise<void>;
  /** Gives the film up: nothing is left of it. Idempotent, and of no effect after `finish`. */
  discard(): Promise<void>;
}

export interface WriteFilmOptions extends PictureSize {
  /** Size of every frame, px. */
  /** Frames per second. */
  readonly rate: number;
  /** Seconds for which the last frame stays. Defaults to 2. */
  readonly hold?: number;
  readonly overwrite?: boolean;
}

/** The format that a film's name stands for. @throws {ConfigError} neither .mp4 nor .gif. */
export function filmFormat(path: string): 'mp4' | 'gif' {
  const extension = extname(path).toLowerCase();
  if (extension === '.mp4' || extension === '.gif') return extension === '.mp4' ? 'mp4' : 'gif';
  throw new ConfigError(expected('a film name that ends in .mp4 or .gif', path));
}

/**
 * Starts a film: MP4 (H.264, by the system's ffmpeg) or GIF, by the path's extension.
 *
 * @throws {ConfigError} another extension. {FileError} the file exists and may not be replaced, or there is no ffmpeg.
 */
export async function openFilm(path: string, options: WriteFilmOptions): Promise<Film> {
  if (filmFormat(path) === 'gif') {
    const { GifFilm } = await import('./film-gif.ts');
    return GifFilm.open(path, options);
  }
  const { Mp4Film } = await import('./film-mp4.ts');
  return Mp4Film.open(path, options);
}

/** Fails unless a frame has the film's size. */
export function checkFrame(
  { width, height }: Picture,
  film: Pick<WriteFilmOptions, 'width' | 'height'>,
): void {
  if (width !== film.width || height !== film.height)
    throw new RangeError(`A film of ${film.width}×${film.height} cannot take a frame of ${width}×${height}.`);
}
