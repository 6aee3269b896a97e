/** The look of a style on a photo, as given. Loads nothing heavy. */
import type { PictureInput } from '../data/photo/source.ts';
import { type ColorsOf, isPlainLook, type Look, requireAmount, requireStroke } from '../infer/finish/look.ts';
import { ConfigError, expected } from '../system/errors.ts';

/** By the names of the options in camelCase. */
export interface LookCall {
  readonly stroke?: number | undefined;
  readonly amount: number;
  readonly colors: ColorsOf;
  readonly mask?: PictureInput | undefined;
  readonly invertMask?: boolean | undefined;
}

/** Long side, px, that a mask is brought to where it is larger: beyond, its edges are soft. */
const LARGEST_MASK = 4096;

/**
 * Checks the options and reads the mask.
 *
 * @returns undefined for the style alone.
 * @throws {ConfigError} a value that cannot be used. {ImageError} the mask cannot be read.
 */
export async function openLook(args: LookCall): Promise<Look | undefined> {
  const { stroke, amount, colors, mask, invertMask = false } = args;
  if (stroke !== undefined) requireStroke(stroke);
  requireAmount(amount);
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
