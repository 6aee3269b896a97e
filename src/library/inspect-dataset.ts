import type { INSPECT_SETTINGS } from '../data/dataset-settings.ts';
import type { DatasetFacts } from '../data/inspect-dataset.ts';
import type { SettingValues } from '../system/settings.ts';
import { checkOptions, givenOf, unchecked } from './option-rows.ts';

/** Options of `fast-style dataset inspect`. */
export interface InspectDatasetOptions extends Partial<SettingValues<typeof INSPECT_SETTINGS>> {
  /** With `verify`, called after each picture that is checked. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Stops after the current picture. */
  readonly signal?: AbortSignal;
}

/** What a data set contains. */
export interface InspectedDataset extends DatasetFacts {
  /** Pictures that were written out, with `extract`. */
  readonly extracted?: number;
}

/**
 * What a data set contains, as `fast-style dataset inspect` shows it. With `extract`, writes its first pictures as JPEG files into `to`.
 *
 * @throws {ConfigError} an unknown or invalid option. {DatasetError} it cannot be opened, or with `verify` is not whole. {FileError} one
 * of the files exists already, or cannot be written. The signal's reason, where it is aborted.
 */
export async function inspectDataset(
  folder: string,
  options: InspectDatasetOptions = {},
): Promise<InspectedDataset> {
  const { INSPECT_SETTINGS: settings } = await import('../data/dataset-settings.ts');
  const { valuesOf } = await import('../system/settings.ts');
  const { byOptionNames } = await import('./by-option-names.ts');
  checkOptions({ ...settings, onProgress: unchecked, signal: unchecked }, options, 'inspectDataset');
  const { onProgress, signal } = options;
  const { verify, extract, to } = valuesOf(settings, givenOf(options));
  signal?.throwIfAborted();
  const { datasetFacts, extractPictures, verifyPictures } = await import('../data/inspect-dataset.ts');
  return byOptionNames(Object.keys(settings), async () => {
    const facts = await datasetFacts(folder);
    if (verify)
      await verifyPictures(folder, (done, total) => {
        onProgress?.({ done, total });
        signal?.throwIfAborted();
      });
    if (extract === 0) return facts;
    const extracted = await extractPictures(folder, extract, to, () => signal?.throwIfAborted());
    return { ...facts, extracted };
  });
}
