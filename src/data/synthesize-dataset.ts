/** Builds a data set of synthetic pictures: for training where there are no photos. */
import { createHash } from 'node:crypto';
import { DatasetError } from '../system/errors.ts';
import { type BuildSettings, INDEX_VERSION } from './dataset-index.ts';
import { encodePicture } from './image-file.ts';
import { type PreparedPhoto, toRecord } from './prepare-photo.ts';
import { SYNTHESIS_VERSION, syntheticPicture } from './synth/picture.ts';
import { type BuildProgress, type BuildResult, writeDataset } from './write-dataset.ts';

export interface SynthesisOptions {
  /** Folder of the data set. */
  readonly out: string;
  readonly count: number;
  /** Seed of the pictures. */
  readonly seed: number;
  /** Side of the square pictures, px. */
  readonly size: number;
  /** JPEG quality that they are stored with, 1 to 100. */
  readonly quality: number;
  readonly shardSize: BuildSettings['shardSize'];
  /** Replaces an existing data set. @default false: continues the same one, refuses another */
  readonly overwrite?: boolean;
  readonly onProgress?: (progress: BuildProgress) => void;
}

/**
 * Writes the first `count` pictures of a seed's series as `dataset build` writes photos, or continues where an interrupted
 * run ended.
 *
 * @throws {ConfigError} another data set is in `out`. {FileError} it cannot be written.
 */
export async function synthesizeDataset({
  out,
  count,
  overwrite = false,
  onProgress = () => {},
  ...given
}: SynthesisOptions): Promise<BuildResult> {
  const settings: BuildSettings = { ...given, limit: null, count };
  const { seed, size, quality } = given;
  return writeDataset({
    out,
    plan: { version: INDEX_VERSION, settings, photos: `synthetic ${SYNTHESIS_VERSION}` },
    sources: Array.from({ length: count }, (_, i) => i),
    prepare: (i) => preparePicture(i, seed, size, quality),
    overwrite,
    onProgress,
    nothingUsable: () => new DatasetError('No picture came out.'),
  });
}

async function preparePicture(
  index: number,
  seed: number,
  size: number,
  quality: number,
): Promise<PreparedPhoto> {
  const picture = syntheticPicture(seed, index, size);
  // Of the pixels, which are the same everywhere, and not of the JPEG, which depends on the encoder.
  const sourceId = createHash('sha256').update(picture.pixels).digest('hex');
  const name = `synthetic-${seed}-${index}.jpg`;
  const encoded = await encodePicture(picture, 'jpeg', quality);
  return { photo: { name }, sourceId, record: toRecord(picture, encoded, name, sourceId) };
}
