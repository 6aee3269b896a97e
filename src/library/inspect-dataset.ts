import type { DatasetFacts } from '../data/inspect-dataset.ts';
import type { SettingsTable } from '../system/settings.ts';
import { checkOptions, flag, unchecked } from './option-rows.ts';

export interface InspectDatasetOptions {
  /** Read, check and decode every picture. */
  readonly verify?: boolean;
  /** Called after each picture that is checked. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
  /** Stops after the current picture. */
  readonly signal?: AbortSignal;
}

const OPTIONS = { verify: flag, onProgress: unchecked, signal: unchecked } satisfies Record<
  keyof InspectDatasetOptions,
  SettingsTable[string]
>;

/**
 * What a data set contains, as `fast-style dataset inspect` shows it.
 *
 * @throws {ConfigError} an unknown option. {DatasetError} it cannot be opened, or with `verify` is not whole. The signal's
 * reason, where it is aborted.
 */
export async function inspectDataset(
  folder: string,
  options: InspectDatasetOptions = {},
): Promise<DatasetFacts> {
  checkOptions(OPTIONS, options, 'inspectDataset');
  const { verify = false, onProgress, signal } = options;
  signal?.throwIfAborted();
  const { datasetFacts, verifyPictures } = await import('../data/inspect-dataset.ts');
  const facts = await datasetFacts(folder);
  if (verify)
    await verifyPictures(folder, (done, total) => {
      onProgress?.({ done, total });
      signal?.throwIfAborted();
    });
  return facts;
}
