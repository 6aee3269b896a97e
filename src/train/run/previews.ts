import { basename, extname, join } from 'node:path';
import type { PictureInput } from '../../data/photo/source.ts';
import { SAMPLE } from '../../data/sample-photos.ts';
import type { Precision } from '../../engine/compile/compile.ts';
import type { CheckpointDescription } from '../../networks/checkpoint.ts';
import type { NamedArray } from '../../networks/safetensors.ts';
import type { Picture } from '../../picture.ts';
import { withinBytes } from '../../system/atomic-file.ts';
import { ConfigError, expected, ImageError } from '../../system/errors.ts';
import type { NetworkTrainer } from '../trainer.ts';
import { previewFile } from './run-folder.ts';

export interface PreviewPhoto {
  readonly name: string;
  /** Or what a picture that is no file is called. */
  readonly path: string;
  readonly picture: Picture;
}

/** Bytes of a photo's and of a style's name in that of a preview: room is left for the step and a temporary name's suffix. */
const MOST_OF_NAME = 100;

/**
 * Reads the photos to preview, the project's sample unless some are given, so that what would fail at
 * the first preview, hours later, fails now.
 *
 * @param smallest least side that the network takes, px.
 * @throws {ConfigError} two of one name. {ImageError} one cannot be read or is too small.
 */
export async function readPreviewPhotos(
  given: readonly PictureInput[] = [SAMPLE],
  smallest: number,
): Promise<readonly PreviewPhoto[]> {
  const { readPicture } = await import('../../data/image-file.ts');
  const photos = await Promise.all(
    given.map(async (photo) => {
      const path = typeof photo === 'string' ? photo : photo.name;
      return {
        name: withinBytes(basename(path, extname(path)), MOST_OF_NAME),
        path,
        picture: await readPicture(photo, { longSide: 768 }),
      };
    }),
  );
  const names = photos.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new ConfigError(expected('preview photos of different names', `two named ${twice}`));
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

interface NamedStyle {
  readonly name: string;
}

/** The previews of a step: a photo each, and with several styles each photo in each of them. */
export function previewsOf(
  photos: readonly PreviewPhoto[],
  styles: readonly NamedStyle[] | undefined,
): readonly PreviewPhoto[] {
  if (styles === undefined) return photos;
  return styles.flatMap((style) =>
    photos.map((photo) => ({ ...photo, name: `${photo.name}-${withinBytes(style.name, MOST_OF_NAME)}` })),
  );
}

export interface PreviewOptions {
  readonly trainer: NetworkTrainer;
  readonly description: Omit<CheckpointDescription, 'steps' | 'images' | 'losses'>;
  readonly photos: readonly PreviewPhoto[];
  /** Of a network that several styles share. */
  readonly styles: readonly NamedStyle[] | undefined;
  readonly runFolder: string;
  readonly precision: Precision;
}

/** What paints the previews of a step into the run's folder. */
export async function previewPainter(
  options: PreviewOptions,
): Promise<(step: number, parameters: readonly NamedArray[]) => Promise<void>> {
  const { trainer, description, photos, styles, runFolder, precision } = options;
  const { StyleNetwork } = await import('../../infer/style-network.ts');
  const { parametersOfStyle } = await import('../../networks/conditional-parameters.ts');
  const { writePicture } = await import('../../data/image-file.ts');
  const paint = async (
    step: number,
    parameters: readonly NamedArray[],
    previews: readonly PreviewPhoto[],
  ) => {
    const { layers, images } = trainer;
    const shown = { ...description, styles: undefined, layers, parameters };
    const stylizer = new StyleNetwork({ ...shown, steps: step, images, losses: {} }, { precision });
    try {
      for (const { name, picture } of previews) {
        const target = join(runFolder, previewFile(name, step));
        await writePicture(target, stylizer.stylize(picture), { overwrite: true });
      }
    } finally {
      stylizer.dispose();
    }
  };
  return async (step, parameters) => {
    if (styles === undefined) return paint(step, parameters, photos);
    for (const [i, style] of styles.entries())
      await paint(step, parametersOfStyle(parameters, i), previewsOf(photos, [style]));
  };
}
