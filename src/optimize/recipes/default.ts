import { DEFAULT_OPTIMIZE_CONFIG } from '../config.ts';
import type { Recipe } from './recipe.ts';

/** Ours. Its numbers stand in `DEFAULT_OPTIMIZE_CONFIG`. */
export const DEFAULT_RECIPE: Recipe = {
  name: 'default',
  title: 'ours: covariance and mean of features in relative units, average pooling, L-BFGS from the photo',
  lossNetwork: { kind: 'vgg19', pixels: '0..255' },
  config: DEFAULT_OPTIMIZE_CONFIG,
};
