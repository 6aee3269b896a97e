/** The formats that films are written in, by the names of their files. */
import { extname } from 'node:path';
import { ConfigError, expected } from '../system/errors.ts';
import type { Film, WriteFilmOptions } from './film.ts';

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
