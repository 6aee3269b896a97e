import type { Picture, PictureSize } from '../picture.ts';

/** A film in the making. Frames are written as they come; nothing is at its path before `finish`. */
export interface Film {
  /** Appends a frame; resolves when there is room for the next. @throws {FileError} it cannot be written. */
  add(frame: Picture): Promise<void>;
  /** Ends the film and puts it in its place. @throws {ConfigError} it has no frame. {FileError} it cannot be written. */
  finish(): Promise<void>;
  /** Gives the film up: nothing is left of it. Idempotent, and of no effect after `finish`. */
  discard(): Promise<void>;
}

/** Width and height are those of every frame, px. */
export interface WriteFilmOptions extends PictureSize {
  /** Frames per second. */
  readonly rate: number;
  /** Seconds for which the last frame stays. Defaults to 2. */
  readonly hold?: number;
  readonly overwrite?: boolean;
}

/** Fails unless a frame has the film's size. */
export function checkFrame(
  { width, height }: Picture,
  film: Pick<WriteFilmOptions, 'width' | 'height'>,
): void {
  if (width !== film.width || height !== film.height)
    throw new RangeError(`A film of ${film.width}×${film.height} cannot take a frame of ${width}×${height}.`);
}
