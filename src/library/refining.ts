/** What implements the library's `refine`. */
import { openRefine } from '../compare/refine.ts';
import { readPicture } from '../data/image-file.ts';
import { openStyle } from '../infer/open-style.ts';
import { StyleNetwork } from '../infer/style-network.ts';
import type { Checkpoint } from '../networks/checkpoint.ts';
import type { Picture } from '../picture.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { fileOrBytes } from './open-input.ts';
import type { PaintedPixels } from './options.ts';
import type { RefineOptions } from './refine-options.ts';

/** Throws as the library's `refine`. */
export async function refineByOptions({
  style,
  steps,
  lossNetwork,
  onNote: say = () => undefined,
  signal,
  ...pictures
}: RefineOptions): Promise<PaintedPixels> {
  signal?.throwIfAborted();
  const { checkpoint } = await openStyle(style);
  const painting = await fileOrBytes(pictures.painting, 'painting', signal);
  const polish = await openRefine(checkpoint, { steps, painting, lossNetwork, say });
  const photo = await readPicture(await fileOrBytes(pictures.photo, 'photo', signal));
  const painted =
    pictures.painted === undefined
      ? paintedBy(checkpoint, photo)
      : await readPicture(await fileOrBytes(pictures.painted, 'painted', signal));
  const { width, height } = painted;
  if (width !== photo.width || height !== photo.height)
    throw new ConfigError(
      expected(`a picture of ${photo.width}×${photo.height} px for painted`, `${width}×${height} px`),
    );
  const refined = await polish(photo, painted, signal);
  signal?.throwIfAborted();
  return refined;
}

function paintedBy(checkpoint: Checkpoint, photo: Picture): Picture {
  const network = new StyleNetwork(checkpoint, { precision: 'f32' });
  try {
    return network.stylize(photo);
  } finally {
    network.dispose();
  }
}
