import type { BUILD_SETTINGS, SYNTH_SETTINGS } from '../data/dataset-settings.ts';
import type { BuildProgress, BuildResult } from '../data/write-dataset.ts';
import type { SettingsTable, SettingValues } from '../system/settings.ts';

/** Options of `fast-style dataset build` by their names in camelCase. */
export interface BuildDatasetOptions extends Partial<SettingValues<typeof BUILD_SETTINGS>>, MakingDataset {
  /** Takes a line for each folder that cannot be read, and is passed over. */
  readonly onNote?: (note: string) => void;
}

/** Options of `fast-style dataset synth` by their names in camelCase. */
export interface SynthDatasetOptions extends Partial<SettingValues<typeof SYNTH_SETTINGS>>, MakingDataset {}

interface MakingDataset {
  readonly onProgress?: (progress: {
    readonly done: number;
    readonly total: number;
    readonly setAside: number;
  }) => void;
  /** Ends the making; the same call continues it. */
  readonly signal?: AbortSignal;
}

export interface BuiltDataset {
  readonly folder: string;
  /** Pictures in it. */
  readonly count: number;
  /** Photos that are not in it, by reason. */
  readonly setAside: Readonly<Record<string, number>>;
}

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
  // Only now: importing the library loads neither sharp nor what reads records.
  const { BUILD_SETTINGS, buildSettingsOf } = await import('../data/dataset-settings.ts');
  const { buildPhotoDataset } = await import('../data/build-dataset.ts');
  return makeDataset('buildDataset', BUILD_SETTINGS, out, options, ({ overwrite, ...values }, onProgress) =>
    buildPhotoDataset({
      folders: typeof folders === 'string' ? [folders] : folders,
      out,
      settings: buildSettingsOf(values),
      overwrite,
      onProgress,
      ...(options.onNote === undefined ? {} : { onUnreadable: options.onNote }),
    }),
  );
}

/**
 * Makes a data set of synthetic pictures, as `fast-style dataset synth` does, or continues one that was interrupted.
 *
 * @param out folder of the data set. @throws {ConfigError} an unknown or invalid option, or another data set is in `out`.
 * {FileError} `out` cannot be written. The signal's reason, where it is aborted.
 */
export async function synthDataset(out: string, options: SynthDatasetOptions = {}): Promise<BuiltDataset> {
  const { SYNTH_SETTINGS, synthSettingsOf } = await import('../data/dataset-settings.ts');
  const { synthesizeDataset } = await import('../data/synthesize-dataset.ts');
  return makeDataset('synthDataset', SYNTH_SETTINGS, out, options, ({ overwrite, ...values }, onProgress) =>
    synthesizeDataset({ out, ...synthSettingsOf(values), overwrite, onProgress }),
  );
}

/** Checks the options by the rows of the command, and makes the data set. @param what it is called for, for messages. */
async function makeDataset<Table extends SettingsTable>(
  what: string,
  table: Table,
  folder: string,
  options: MakingDataset,
  make: (values: SettingValues<Table>, onProgress: (progress: BuildProgress) => void) => Promise<BuildResult>,
): Promise<BuiltDataset> {
  const { checkOptions, givenOf, unchecked } = await import('./option-rows.ts');
  const { valuesOf } = await import('../system/settings.ts');
  const { byOptionNames } = await import('./by-option-names.ts');
  const callbacks = { onProgress: unchecked, onNote: unchecked, signal: unchecked };
  checkOptions({ ...table, ...callbacks }, options, what);
  const { onProgress, signal } = options;
  signal?.throwIfAborted();
  return byOptionNames(Object.keys(table), async () => {
    const { index } = await make(valuesOf(table, givenOf(options)), (progress) => {
      onProgress?.(progress);
      signal?.throwIfAborted();
    });
    return { folder, count: index.count, setAside: { ...index.setAside } };
  });
}
