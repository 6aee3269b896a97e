import { requireObject } from './option-rows.ts';
import type { EncodeOptions, LoadOptions } from './options.ts';

/** What painting photos into files takes, however the photos are found; options of `fast-style stylize` by their names in camelCase. */
export interface IntoFilesOptions
  extends Omit<LoadOptions, 'thread'>,
    Omit<EncodeOptions, 'format' | 'signal' | 'onNote'> {
  /** Name of a style or a file, or several: each photo is painted in each. */
  readonly style?: string | readonly string[];
  /** Styles to mix, as `wave:0.7,scream:0.3`. */
  readonly blend?: string;
  /** A folder; of a single painting also the file to write. */
  readonly out: string;
  /** Format to write into a folder. Defaults to the photo's. */
  readonly format?: EncodeOptions['format'];
  /** Paint in bands: if memory is short, never, always, or always with nearly the same result. Defaults to `auto`. */
  readonly tiles?: 'auto' | 'off' | 'exact' | 'fast';
  /** Replace existing files. Defaults to false. */
  readonly overwrite?: boolean;
}

export interface StylizeFilesOptions extends IntoFilesOptions {
  /** Files, folders (with the folders in them) and patterns such as `in/**\/*.jpg`. */
  readonly photo: string | readonly string[];
  /** Keep existing files and paint what is missing. Defaults to false. */
  readonly skipExisting?: boolean;
  /** File of a contact sheet: a row for each photo, a column for each style. */
  readonly sheet?: string;
}

export interface WatchFolderOptions extends IntoFilesOptions {
  /** The folder that photos come into. */
  readonly watch: string;
}

/** What has become of one photo in one style. */
export interface StylizedFile {
  readonly photo: string;
  /** Name of the style, as it is in the file's name. */
  readonly style: string;
  readonly file: string;
  /** Why it was not painted. What follows is then 0. */
  readonly error?: unknown;
  readonly width: number;
  readonly height: number;
  /** From the start of painting to the file in its place. */
  readonly seconds: number;
}

/** All photos of a call. */
export interface StylizedFiles {
  /** One for each photo and style, in the order of the photos; without those that were kept. */
  readonly files: readonly StylizedFile[];
  /** Files that existed and were kept. */
  readonly skipped: number;
  /** Folders that could not be read; `onNote` has had their names. */
  readonly unread: number;
}

export interface StylizeFilesCallbacks {
  /** Called before the first painting and after each. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Called with each painting, once its file is in its place, and each failure. */
  readonly onPainted?: (painted: StylizedFile) => void;
  /** Takes a line on what is not kept of a photo, or what is amiss, as the command line says it. */
  readonly onNote?: (note: string) => void;
  /** Stops after the current photo, or between the bands or frames of a large one. */
  readonly signal?: AbortSignal;
}

export interface WatchFolderCallbacks extends Omit<StylizeFilesCallbacks, 'onProgress'> {
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Paints photos into files, as `fast-style stylize` does: same checks, same names, same files. While one is painted, the next is read
 * and the previous one written. Painting is a native call that blocks the event loop for as long as it takes.
 *
 * @returns also the photos that could not be painted: each has its `error`, and the others are painted.
 * @throws {ConfigError} an unknown or invalid option, or no photos. {FileError} a file is in the way, or cannot be read. {ImageError} the
 * only photo, or the mask, cannot be read. {CheckpointError} a style does not exist or cannot paint. {RuntimeSetupError} TensorFlow is
 * not set up. {InterruptedError} the signal was aborted; its reason is the cause, and `skipExisting` continues.
 */
export async function stylizeFiles(
  options: StylizeFilesOptions,
  callbacks: StylizeFilesCallbacks = {},
): Promise<StylizedFiles> {
  requireObject(options);
  // Only now: importing the library loads nothing that paints.
  const { filesByOptions } = await import('./painting-files.ts');
  return filesByOptions(options, callbacks);
}

/**
 * Paints the photos in a folder and its folders, and new ones as they arrive, as `fast-style stylize --watch` does. A painting that is
 * not older than its photo is left, unless `overwrite` is given. Resolves when the signal is aborted.
 *
 * @throws {ConfigError} also where there is no such folder. Else as `stylizeFiles`.
 */
export async function watchFolder(
  options: WatchFolderOptions,
  callbacks: WatchFolderCallbacks,
): Promise<void> {
  requireObject(options);
  const { watchByOptions } = await import('./painting-files.ts');
  await watchByOptions(options, callbacks);
}
