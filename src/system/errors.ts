import { printableLine } from './printable.ts';

/**
 * Failures that a user can cause and fix. `cli.ts` prints their message as one line; everything else is a bug
 * and is printed with its stack.
 */
export class FastStyleError extends Error {
  /** Process exit code: 2 for wrong usage, 1 for everything else. */
  readonly exitCode: number = 1;
  /** Its message has lines of its own; of any other, line breaks come from a name or a file. */
  readonly hasLines: boolean = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An option or a configuration file holds a value that cannot be used. */
export class ConfigError extends FastStyleError {
  override readonly exitCode = 2;
}

/** A picture cannot be read or written. */
export class ImageError extends FastStyleError {}

/** A picture is damaged or cut short; a part of it may be readable. */
export class DamagedImageError extends ImageError {}

/** A data set is missing, empty, cut or corrupt: the message names file and record. */
export class DatasetError extends FastStyleError {}

/** Weights of a loss network are missing, of another kind, or do not fit. */
export class WeightsError extends FastStyleError {}

/** A checkpoint of a style is missing, of another kind, or does not fit. */
export class CheckpointError extends FastStyleError {}

/** The TensorFlow runtime is not set up, or cannot be. */
export class RuntimeSetupError extends FastStyleError {}

/** The device has no memory left for what is to be computed at once. */
export class DeviceMemoryError extends FastStyleError {}

/** Training goes astray again and again. */
export class TrainingDivergedError extends FastStyleError {}

/** Training stopped before its end, with everything saved. */
export class TrainingStoppedError extends FastStyleError {}

/** Ctrl-C or the like: everything is saved, and the exit code says that the run is not through. */
export class InterruptedError extends FastStyleError {
  override readonly exitCode = 130;
}

/** A video ends before its end, or is damaged beyond decoding: what there is has been painted. */
export class VideoCutError extends FastStyleError {}

/** A file or folder cannot be read or written: missing, in the way, no permission, no room. */
export class FileError extends FastStyleError {}

/** Characters that are shown of what was got: the remedy must not drown in it. */
const MOST_RECEIVED = 1000;

/**
 * The one grammar of user errors: what was expected, what was got, what to do.
 *
 * @example expected('a positive whole number for --batch', 'spoons', 'use for instance --batch 4')
 */
export function expected(what: string, received: unknown, remedy?: string): string {
  // JSON knows neither NaN nor infinity.
  const isPlain = typeof received === 'string' || typeof received === 'number';
  const got = isPlain ? String(received) : (JSON.stringify(received) ?? String(received));
  const shown = got.length > MOST_RECEIVED ? `${got.slice(0, MOST_RECEIVED - 1)}…` : got;
  return printableLine(`Expected ${what} but received ${shown}${remedy === undefined ? '' : `; ${remedy}`}.`);
}
