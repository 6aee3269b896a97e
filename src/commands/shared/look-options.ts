/** Options of how a style is to look on a photo. */

import { requireAmount } from '../../infer/amount.ts';
import { type ColorsOf, isPlainLook, type Look, requireStroke } from '../../infer/finish/look.ts';
import { ConfigError, expected } from '../../system/errors.ts';

/** As the command line has them. */
export interface LookArguments {
  readonly stroke?: number | undefined;
  readonly amount: number;
  readonly colors: ColorsOf;
  readonly mask?: string | undefined;
  readonly invertMask?: boolean | undefined;
}

export const lookOptions = {
  stroke: {
    type: 'number',
    describe:
      'Size of strokes relative to the picture: 1 is their size on a picture of 512 pixels, 2 twice that',
    defaultDescription: 'strokes keep their size in pixels',
  },
  amount: { type: 'number', default: 1, describe: 'How much of the style: 0 is the photo, 1 the style' },
  colors: {
    choices: ['style', 'photo', 'histogram'] as const,
    default: 'style' as const,
    describe: "Whose colours: the style's, the photo's in each place, or the photo's as a palette",
  },
  mask: {
    type: 'string',
    describe: 'Picture that says where to paint: white is painted, black stays the photo',
  },
  'invert-mask': { type: 'boolean', default: false, describe: 'Paint what is black in --mask' },
} as const;

/** Long side, px, that a mask is brought to where it is larger: beyond, its edges are soft. */
const LARGEST_MASK = 4096;

/**
 * Checks the options and reads the mask.
 *
 * @returns undefined where nothing but the style is asked for.
 * @throws {ConfigError} a value that cannot be used. {ImageError} the mask cannot be read.
 */
export async function openLook(args: LookArguments): Promise<Look | undefined> {
  const { stroke, amount, colors, mask: path, invertMask = false } = args;
  if (stroke !== undefined) requireStroke(stroke);
  requireAmount(amount);
  if (invertMask && path === undefined)
    throw new ConfigError(expected('a picture for --mask with --invert-mask', 'none'));
  const look = { amount, colors, invertMask, ...(stroke === undefined ? {} : { stroke }) };
  if (path === undefined) return isPlainLook(look) ? undefined : look;
  const { readPicture } = await import('../../data/image-file.ts');
  const { openPhoto } = await import('../../data/photo/photo-file.ts');
  const { width, height } = (await openPhoto(path)).head;
  const isLarge = Math.max(width, height) > LARGEST_MASK;
  return { ...look, mask: await readPicture(path, isLarge ? { longSide: LARGEST_MASK } : {}) };
}
