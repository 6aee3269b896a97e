/** The look of a style on a photo, as given. Loads nothing heavy. */
import type { PictureInput } from '../data/photo/source.ts';
import { isPlainLook, type Look } from '../infer/finish/look.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { CallValues } from '../system/settings.ts';
import type { LOOK_SETTINGS } from './stylize-settings.ts';

/** By the names of the options in camelCase. */
export interface LookCall extends Omit<CallValues<typeof LOOK_SETTINGS>, 'mask'> {
  readonly mask?: PictureInput | undefined;
}

/** Long side, px, that a mask is brought to where it is larger: beyond, its edges are soft. */
const LARGEST_MASK = 4096;

/**
 * Reads the mask.
 *
 * @returns undefined for the style alone.
 * @throws {ConfigError} no mask to invert. {ImageError} the mask cannot be read.
 */
export async function openLook(args: LookCall): Promise<Look | undefined> {
  const { stroke, amount, colors, mask, invertMask } = args;
  if (invertMask && mask === undefined)
    throw new ConfigError(expected('a picture for --mask with --invert-mask', 'none'));
  const look = { amount, colors, invertMask, ...(stroke === undefined ? {} : { stroke }) };
  if (mask === undefined) return isPlainLook(look) ? undefined : look;
  const { readPicture } = await import('../data/image-file.ts');
  const { openPhoto, photoOfBytes } = await import('../data/photo/read-photo.ts');
  const photo = typeof mask === 'string' ? openPhoto(mask) : photoOfBytes(mask.bytes, mask.name);
  const { width, height } = (await photo).head;
  const isLarge = Math.max(width, height) > LARGEST_MASK;
  return { ...look, mask: await readPicture(mask, isLarge ? { longSide: LARGEST_MASK } : {}) };
}
