/** Reads the pictures that `optimize` is given. */
import { readPicture } from '../../data/image-file.ts';
import type { PictureInput } from '../../data/photo/source.ts';
import type { Picture } from '../../picture.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { numberIn } from '../../system/number-in.ts';
import type { OptimizeConfig, OptimizeInputs, StyleInput } from '../config.ts';
import { RECIPES } from '../recipes.ts';
import type { OptimizeCall } from './call.ts';
import { DEFAULT_SIZE, recipeNameOf } from './called-config.ts';
import { parseStart } from './values.ts';

export type OptimizePictures = Pick<OptimizeInputs, 'content' | 'styles' | 'contentRegion' | 'given'>;

/**
 * Photo, paintings, masks and a start from a file, upright and in sRGB; the photo at the size that the result shall have.
 *
 * @throws {ImageError} one cannot be read. {ConfigError} one is missing, or there are more masks than paintings.
 */
export async function readPictures(given: OptimizeCall, config: OptimizeConfig): Promise<OptimizePictures> {
  const recipe: { readonly longSide?: number } = RECIPES[recipeNameOf(given)];
  const size = numberIn('--size', given.size ?? recipe.longSide ?? DEFAULT_SIZE, 0, 16_384, true);
  const paintings = given.style ?? [];
  if (config.styleWeight > 0 && paintings.length === 0)
    throw new ConfigError(expected('a painting for --style', 'none'));
  const regions = masksOf(given.mask, paintings.length, '--mask');
  const sources = masksOf(given.styleMask, paintings.length, '--style-mask');
  const content = await readPicture(contentOf(given, config), size === 0 ? {} : { longSide: size });
  const styles = await Promise.all(
    paintings.map(async ({ picture, weight }, i): Promise<StyleInput> => {
      const [region, source] = [await readMask(regions[i]), await readMask(sources[i])];
      return {
        picture: await readPicture(picture),
        weight,
        ...(region && { region }),
        ...(source && { source }),
      };
    }),
  );
  const contentRegion = await readMask(given.contentMask);
  const { file } = given.start === undefined ? {} : parseStart(given.start);
  const start = file === undefined ? undefined : await readPicture(file);
  return { content, styles, ...(contentRegion && { contentRegion }), ...(start && { given: start }) };
}

/** The photo; where only its size matters, the first painting may replace it. */
function contentOf(
  { content, style = [] }: OptimizeCall,
  { contentWeight, pixelWeight, start, keepColors }: OptimizeConfig,
): PictureInput {
  if (content !== undefined) return content;
  const free = start.kind !== 'content' && start.kind !== 'blend' && keepColors === 'off';
  const first = style[0]?.picture;
  if (contentWeight === 0 && pixelWeight === 0 && free && first !== undefined) return first;
  throw new ConfigError(expected('a photo for --content', 'none'));
}

function masksOf(
  masks: readonly (PictureInput | undefined)[] = [],
  paintings: number,
  option: string,
): readonly (PictureInput | undefined)[] {
  if (masks.length <= paintings) return masks;
  throw new ConfigError(
    expected(`at most one ${option} for each painting (${paintings})`, `${masks.length} masks`),
  );
}

async function readMask(mask: PictureInput | undefined): Promise<Picture | undefined> {
  return mask === undefined ? undefined : readPicture(mask);
}
