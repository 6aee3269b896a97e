/**
 * The PyTorch recipe's warm-ups, which teach the method one part at a time; all from noise, with L-BFGS.
 *
 * Differs from the tutorial: the line is searched. Torch's fixed steps stand still on a loss as small as that of copying,
 * the more the larger the picture.
 */
import type { OptimizeConfig } from '../config.ts';
import { PYTORCH_RECIPE } from './pytorch.ts';

const NONE: OptimizeConfig = {
  ...PYTORCH_RECIPE.config,
  contentWeight: 0,
  styleWeight: 0,
  tvWeight: 0,
  pixelWeight: 0,
  optimizer: { kind: 'lbfgs', lineSearch: 'strong-wolfe', history: 100, restartEvery: 0 },
};

/** Noise to the photo by the mean squared error of pixels alone. */
export function copyByPixels(): OptimizeConfig {
  return { ...NONE, pixelWeight: 1 };
}

/** Noise to the features of one layer: nearly a copy from a shallow one, shapes without texture from a deep one. */
export function contentReconstruction(layer: string): OptimizeConfig {
  return { ...NONE, contentWeight: 1, contentLayers: { [layer]: 1 } };
}

/** Noise to the Gram matrices of some layers: the painting's texture without its objects. Defaults to all five. */
export function styleReconstruction(
  layers: readonly string[] = Object.keys(PYTORCH_RECIPE.config.styleLayers),
): OptimizeConfig {
  const styleLayers = Object.fromEntries(layers.map((layer) => [layer, 1]));
  return { ...NONE, styleWeight: PYTORCH_RECIPE.config.styleWeight, styleLayers };
}
