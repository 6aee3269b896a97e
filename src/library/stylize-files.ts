import type { STYLIZE_SETTINGS } from '../paint/stylize-settings.ts';
import type { GivenSettings } from '../system/settings.ts';
import { requireObject } from './option-rows.ts';
import type { PhotoSourceInput } from './options.ts';

type Stylizing = GivenSettings<typeof STYLIZE_SETTINGS>;

/** What painting photos into files takes, however the photos are found; options of `fast-style stylize` by their names in camelCase. */
export interface IntoFilesOptions
  extends Omit<Stylizing, 'photo' | 'out' | 'mask' | 'painting' | 'skipExisting' | 'sheet' | 'watch'> {
  /** A folder; of a single painting also the file to write. */
  readonly out: string;
  /** Where to paint: white is painted, black stays the photo. Stretched over each photo. */
  readonly mask?: PhotoSourceInput;
  /** The painting of the style, for `refine`: the style's file holds a thumbnail only. */
  readonly painting?: PhotoSourceInput;
}

export interface StylizeFilesOptions extends IntoFilesOptions, Pick<Stylizing, 'skipExisting' | 'sheet'> {
  /** Files, folders (with the folders in them) and patterns such as `in/**\/*.jpg`. */
  readonly photo: string | readonly string[];
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
 * only photo, the mask or the painting cannot be read. {CheckpointError} a style does not exist or cannot paint. {WeightsError} the loss
 * network for `refine` cannot be read. {RuntimeSetupError} TensorFlow is
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
