/** `train --recipe`: a published program's settings in place of ours; options and configuration file win over them. */
import { isDeepStrictEqual } from 'node:util';
import type { LossNetworkWeights } from '../../networks/loss-network-weights.ts';
import { onLossNetwork } from '../../networks/published-network.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import type { TrainConfig } from '../config.ts';
import { TRAIN_RECIPES, type TrainRecipe, type TrainRecipeName } from '../recipes.ts';
import { TRAIN_SETTINGS } from '../settings.ts';

/** As in a configuration. */
type Settings = Readonly<Record<string, unknown>>;

/**
 * What was given over the recipe's settings.
 *
 * @param paintings files of the run. @param bytes of those that are no files. @throws {ConfigError} a strength was given. {ImageError} a painting cannot be read.
 */
export async function withRecipe(
  name: TrainRecipeName,
  given: Settings,
  paintings: readonly string[],
  bytes?: ReadonlyMap<string, Uint8Array>,
): Promise<Record<string, unknown>> {
  if (given.strength !== undefined && given.strength !== 0)
    throw new ConfigError(
      expected(
        '--recipe or a strength',
        `${name} and ${given.strength}`,
        'a recipe has weights of its own: omit the strength, or change --style-weight',
      ),
    );
  const { settings, styleSize }: TrainRecipe = TRAIN_RECIPES[name];
  const size = given.styleSize ?? (styleSize === 'own' ? await ownSize(paintings, bytes) : styleSize);
  return { ...settings, styleSize: size, ...given };
}

/** Longer side of the paintings' files, of the largest where one network learns several. */
async function ownSize(
  paintings: readonly string[],
  bytes: ReadonlyMap<string, Uint8Array> | undefined,
): Promise<number> {
  const { decodePicture, readPicture } = await import('../../data/image-file.ts');
  const { least, most } = TRAIN_SETTINGS.styleSize.bounds;
  let longest = least;
  for (const path of paintings) {
    const inMemory = bytes?.get(path);
    const { width, height } = await (inMemory ? decodePicture(inMemory, path) : readPicture(path));
    longest = Math.max(longest, width, height);
  }
  return Math.min(longest, most);
}

/**
 * The configuration for the loss network in use: layers of the recipe that it lacks are replaced, and one line says so and what
 * else differs. Layers that the user chose stay.
 */
export function onRecipeNetwork(
  name: TrainRecipeName | undefined,
  config: TrainConfig,
  weights: LossNetworkWeights,
  say: (line: string) => void,
): TrainConfig {
  if (name === undefined) return config;
  const recipe = TRAIN_RECIPES[name];
  const own = (key: 'contentLayers' | 'styleLayers') =>
    isDeepStrictEqual(config[key], recipe.settings[key]) ? config[key] : {};
  const asked = { contentLayers: own('contentLayers'), styleLayers: own('styleLayers') };
  const { layers, note } = onLossNetwork(asked, recipe, weights);
  if (note !== undefined) say(note);
  const chosen = (key: keyof typeof layers) =>
    Object.keys(asked[key]).length > 0 ? layers[key] : config[key];
  return { ...config, contentLayers: chosen('contentLayers'), styleLayers: chosen('styleLayers') };
}
