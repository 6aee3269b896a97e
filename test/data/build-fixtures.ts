import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type BuildOptions, type BuildProgress, buildPhotoDataset } from '../../src/data/build-dataset.ts';
import { type DatasetRecord, openDataset } from '../../src/data/dataset.ts';
import type { BuildSettings } from '../../src/data/dataset-index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { noisyPhotos } from './photo-fixtures.ts';

export const SETTINGS: BuildSettings = {
  size: 64,
  quality: 92,
  shardSize: { amount: 5, unit: 'records' },
  limit: null,
  seed: 0,
};

/** Builds with the settings above but for what is named. */
export function build(
  folders: string | string[],
  out: string,
  more: Partial<BuildSettings & BuildOptions> = {},
) {
  const { overwrite = false, onProgress = () => {}, ...settings } = more;
  return buildPhotoDataset({
    folders: [folders].flat(),
    out,
    settings: { ...SETTINGS, ...settings },
    overwrite,
    onProgress,
  });
}

export async function records(folder: string): Promise<DatasetRecord[]> {
  const dataset = await openDataset(folder);
  try {
    return await Promise.all(Array.from({ length: dataset.count }, (_, i) => dataset.read(i)));
  } finally {
    await dataset.close();
  }
}

export async function filesOf(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const name of (await readdir(folder)).sort()) {
    hashes[name] = createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex');
  }
  return hashes;
}

/** Stops a build after `photos` of its photos, as a crash would between two of them. */
export async function interrupted(photos: string, out: string, after: number): Promise<void> {
  const onProgress = ({ done }: BuildProgress) => {
    if (done === after) throw new Error('crash');
  };
  await assert.rejects(build(photos, out, { onProgress }), /crash/);
}

export async function photosAndOut(t: TestContext, count: number): Promise<[photos: string, out: string]> {
  const folder = await temporaryFolder(t);
  return [await noisyPhotos(join(folder, 'photos'), count), join(folder, 'datasets', 'small')];
}
