/** Reads the pictures that `fast-style optimize` is given. */

import { readPicture } from '../../data/image-file.ts';
import type { OptimizeConfig } from '../../optimize/config.ts';
import type { OptimizeInputs, StyleInput } from '../../optimize/optimization.ts';
import { RECIPES } from '../../optimize/recipes/recipes.ts';
import type { Picture } from '../../picture.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { numberIn } from '../shared/setting-options.ts';
import { DEFAULT_SIZE, recipeNameOf } from './config.ts';
import type { OptimizeSettings } from './options.ts';
import { parseStart, parseWeightedPath } from './values.ts';

export type OptimizePictures = Pick<OptimizeInputs, 'content' | 'styles' | 'contentRegion' | 'given'>;

/** A mask's place is kept by a dash. */
const NO_MASK = '-';

/**
 * Photo, paintings, masks and a start from a file, upright and in sRGB; the photo at the size that the result shall have.
 *
 * @throws {ImageError} one cannot be read. {ConfigError} one is missing, or there are more masks than paintings.
 */
export async function readPictures(
  given: OptimizeSettings,
  config: OptimizeConfig,
): Promise<OptimizePictures> {
  const recipe: { readonly longSide?: number } = RECIPES[recipeNameOf(given)];
  const size = numberIn('--size', given.size ?? recipe.longSide ?? DEFAULT_SIZE, 0, 16_384, true);
  const paths = (given.style ?? []).map(parseWeightedPath);
  if (config.styleWeight > 0 && paths.length === 0)
    throw new ConfigError(expected('a painting for --style', 'none'));
  const regions = masksOf(given.mask, paths.length, '--mask');
  const sources = masksOf(given.styleMask, paths.length, '--style-mask');
  const content = await readPicture(contentPath(given, config, paths), size === 0 ? {} : { longSide: size });
  const styles = await Promise.all(
    paths.map(async ({ path, weight }, i): Promise<StyleInput> => {
      const [region, source] = [await readMask(regions[i]), await readMask(sources[i])];
      const picture = await readPicture(path);
      return { picture, weight, ...(region && { region }), ...(source && { source }) };
    }),
  );
  const contentRegion = await readMask(given.contentMask);
  const { file } = given.start === undefined ? {} : parseStart(given.start);
  const start = file === undefined ? undefined : await readPicture(file);
  return { content, styles, ...(contentRegion && { contentRegion }), ...(start && { given: start }) };
}

/** The photo's path; where nothing is asked of the photo but its size, the first painting's may stand in. */
function contentPath(
  { content }: OptimizeSettings,
  { contentWeight, pixelWeight, start, keepColors }: OptimizeConfig,
  styles: readonly { readonly path: string }[],
): string {
  if (content !== undefined) return content;
  const free = start.kind !== 'content' && start.kind !== 'blend' && keepColors === 'off';
  const first = styles[0]?.path;
  if (contentWeight === 0 && pixelWeight === 0 && free && first !== undefined) return first;
  throw new ConfigError(expected('a photo for --content', 'none'));
}

function masksOf(masks: readonly string[] = [], paintings: number, option: string): readonly string[] {
  if (masks.length <= paintings) return masks;
  throw new ConfigError(
    expected(`at most one ${option} for each painting (${paintings})`, `${masks.length} masks`),
  );
}

async function readMask(path: string | undefined): Promise<Picture | undefined> {
  return path === undefined || path === NO_MASK ? undefined : readPicture(path);
}
