import type { SettingsTable } from '../system/settings.ts';
import { checkOptions, flag, number, text, unchecked } from './option-rows.ts';

/** Options of `fast-style dataset build` by their names in camelCase. */
export interface BuildDatasetOptions {
  /** Short side of the stored pictures, px. Defaults to 288. */
  readonly size?: number;
  /** When a file is full: `64MB`, `1GB`, or a number of pictures. Defaults to `64MB`. */
  readonly shardSize?: string;
  /** JPEG quality of the stored pictures, 1 to 100. Defaults to 92. */
  readonly quality?: number;
  /** Use this many photos, drawn at random. */
  readonly limit?: number;
  /** Decides which photos `limit` draws. Defaults to 0. */
  readonly seed?: number;
  /** Replace an existing data set. */
  readonly overwrite?: boolean;
  readonly onProgress?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly setAside: number;
  }) => void;
  /** Takes a line for each folder that cannot be read, and is passed over. */
  readonly onNote?: (note: string) => void;
  /** Ends the building; the same call continues it. */
  readonly signal?: AbortSignal;
}

export interface BuiltDataset {
  readonly folder: string;
  /** Pictures in it. */
  readonly count: number;
  /** Photos that are not in it, by reason. */
  readonly setAside: Readonly<Record<string, number>>;
}

const OPTIONS = {
  ...{ size: number, shardSize: text, quality: number, limit: number, seed: number, overwrite: flag },
  ...{ onProgress: unchecked, onNote: unchecked, signal: unchecked },
} satisfies Record<keyof BuildDatasetOptions, SettingsTable[string]>;

/**
 * Makes a data set for training from folders of photos, or continues one that was interrupted: the bytes are the same.
 *
 * @param folders of photos; the folders in them are searched, too. @param out folder of the data set.
 * @throws {ConfigError} an unknown or invalid option, or another data set is in `out`.
 * {DatasetError} no pictures that can be used. {FileError} `out` cannot be written. The signal's reason, where it is aborted.
 */
export async function buildDataset(
  folders: string | readonly string[],
  out: string,
  options: BuildDatasetOptions = {},
): Promise<BuiltDataset> {
  checkOptions(OPTIONS, options, 'buildDataset');
  const { overwrite = false, onProgress, onNote, signal, ...given } = options;
  signal?.throwIfAborted();
  // Only now: importing the library loads neither sharp nor what reads records.
  const { BUILD_DEFAULTS, buildSettingsOf } = await import('../data/dataset-settings.ts');
  const { buildPhotoDataset } = await import('../data/build-dataset.ts');
  const { byOptionNames } = await import('./by-option-names.ts');
  return byOptionNames(Object.keys(OPTIONS), async () => {
    const { index } = await buildPhotoDataset({
      folders: typeof folders === 'string' ? [folders] : folders,
      out,
      settings: buildSettingsOf({ ...BUILD_DEFAULTS, ...given }),
      overwrite,
      onProgress(progress) {
        onProgress?.(progress);
        signal?.throwIfAborted();
      },
      ...(onNote === undefined ? {} : { onUnreadable: onNote }),
    });
    return { folder: out, count: index.count, setAside: { ...index.setAside } };
  });
}
