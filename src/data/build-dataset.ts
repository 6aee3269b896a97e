/** Builds a data set: a folder of photos becomes shards of records of one size, with an index. */
import { DatasetError } from '../system/errors.ts';
import { type BuildSettings, INDEX_VERSION, type SetAside } from './dataset-index.ts';
import { drawPhotos, findPhotos, photosId } from './photo-files.ts';
import { preparePhoto } from './prepare-photo.ts';
import { type BuildProgress, type BuildResult, countReasons, writeDataset } from './write-dataset.ts';

export type { BuildProgress, BuildResult } from './write-dataset.ts';

export interface BuildOptions {
  /** Folders of photos; every folder below them is searched. */
  readonly folders: readonly string[];
  /** Folder of the data set. */
  readonly out: string;
  readonly settings: BuildSettings;
  /** Replaces an existing data set. @default false: continues the same build, refuses another */
  readonly overwrite?: boolean;
  readonly onProgress?: (progress: BuildProgress) => void;
  /** Takes a line for each folder below that cannot be read, and is skipped. */
  readonly onUnreadable?: (line: string) => void;
}

/**
 * Builds a data set, or continues one whose building was interrupted: the bytes are the same either way.
 *
 * @throws {DatasetError} no such folder, no pictures in it, or none that can be used.
 * @throws {ConfigError} another data set is in `out`.
 * @throws {FileError} no room on the disk, or no permission. Whole shards stay for the next run.
 */
export async function buildPhotoDataset({
  folders,
  out,
  settings,
  overwrite = false,
  onProgress = () => {},
  onUnreadable = () => {},
}: BuildOptions): Promise<BuildResult> {
  const photos = drawPhotos(
    await findPhotos(folders, onUnreadable),
    settings.limit ?? undefined,
    settings.seed,
  );
  return writeDataset({
    out,
    plan: { version: INDEX_VERSION, settings, photos: photosId(photos) },
    sources: photos,
    prepare: (photo) => preparePhoto(photo, settings),
    overwrite,
    onProgress,
    nothingUsable: (setAside) => nothingUsable(photos.length, setAside),
  });
}

function nothingUsable(photos: number, setAside: readonly SetAside[]): DatasetError {
  const reasons = Object.entries(countReasons(setAside)).map(([reason, count]) => `${count} ${reason}`);
  const first = setAside[0];
  return new DatasetError(
    `None of the ${photos} pictures can be used: ${reasons.join(', ')}${first ? `; ${first.file}: ${first.detail}` : '.'}`,
  );
}
