import { basename, extname, join } from 'node:path';
import type { Precision } from '../engine/compile/compile.ts';
import { ConfigError, expected, ImageError } from '../errors.ts';
import type { CheckpointDescription } from '../networks/checkpoint.ts';
import type { NamedArray } from '../networks/safetensors.ts';
import { previewFile } from '../train/run-folder.ts';
import type { Trainer } from '../train/trainer.ts';

export interface PreviewPhoto {
  readonly name: string;
  readonly path: string;
  readonly picture: { readonly pixels: Uint8Array; readonly width: number; readonly height: number };
}

/**
 * Reads the photos to preview, so that what would fail at the first preview, hours later, fails now.
 *
 * @param smallest least side that the network takes, px.
 * @throws {ConfigError} two of one name. {ImageError} one cannot be read or is too small.
 */
export async function readPreviewPhotos(
  paths: readonly string[],
  smallest: number,
): Promise<readonly PreviewPhoto[]> {
  const { readPicture } = await import('../data/image-file.ts');
  const photos = await Promise.all(
    paths.map(async (path) => ({
      name: basename(path, extname(path)),
      path,
      picture: await readPicture(path, { longSide: 768 }),
    })),
  );
  const names = photos.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new ConfigError(expected('preview photos of different names', `two that are called ${twice}`));
  for (const { path, picture } of photos) {
    if (Math.min(picture.width, picture.height) < smallest)
      throw new ImageError(
        expected(
          `a preview photo of at least ${smallest} px in height and width`,
          `${path}: ${picture.width}×${picture.height} px with its longer side at 768`,
        ),
      );
  }
  return photos;
}

export interface PreviewOptions {
  readonly trainer: Trainer;
  readonly description: Omit<CheckpointDescription, 'steps' | 'images' | 'losses'>;
  readonly photos: readonly PreviewPhoto[];
  readonly runFolder: string;
  readonly precision: Precision;
}

/** What paints the previews of a step into the run's folder. */
export async function previewPainter({
  trainer,
  description,
  photos,
  runFolder,
  precision,
}: PreviewOptions): Promise<(step: number, parameters: readonly NamedArray[]) => Promise<void>> {
  const { Stylizer } = await import('../infer/stylizer.ts');
  const { writePicture } = await import('../data/image-file.ts');
  return async (step, parameters) => {
    const { layers, images } = trainer;
    const checkpoint = { ...description, layers, parameters, steps: step, images, losses: {} };
    const stylizer = new Stylizer(checkpoint, { precision });
    try {
      for (const { name, picture } of photos) {
        const target = join(runFolder, previewFile(name, step));
        await writePicture(target, stylizer.stylize(picture), { overwrite: true });
      }
    } finally {
      stylizer.dispose();
    }
  };
}
