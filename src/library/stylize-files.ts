import { requireObject } from './option-rows.ts';
import type {
  StylizedFiles,
  StylizeFilesCallbacks,
  StylizeFilesOptions,
  WatchFolderCallbacks,
  WatchFolderOptions,
} from './stylize-files-options.ts';

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
