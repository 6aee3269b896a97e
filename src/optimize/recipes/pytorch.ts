import { DEFAULT_OPTIMIZE_CONFIG } from '../config.ts';
import type { Recipe } from './recipe.ts';

/**
 * The PyTorch tutorial's, after Gatys et al. 2016. Layers are counted convolutions, before the ReLU: content conv_4
 * (conv2_2), styles conv_1 … conv_5. Mean squared error of features, and of Gram matrices over N·C·H·W; style to content
 * 10⁶. From standard-normal noise in units of [0, 1] (here: 255 grey levels about 0), clamped to [0, 1] before each
 * evaluation.
 *
 * Torch's L-BFGS takes every step at full length, so that the total may rise on the way, and its clamp moves the picture
 * behind the minimiser's back; rounds of 20 iterations there go on where the one before ended, as one run here.
 *
 * Differs from the tutorial: the best picture is the result, not the last.
 */
export const PYTORCH_RECIPE: Recipe = {
  name: 'pytorch',
  title: "the PyTorch tutorial's: VGG19, conv_4 and conv_1 … conv_5, L-BFGS from noise",
  longSide: 256,
  lossNetwork: { kind: 'vgg19', pixels: '0..1' },
  saneTotal: 100,
  config: {
    ...DEFAULT_OPTIMIZE_CONFIG,
    recipe: 'pytorch',
    units: 'pytorch',
    statistic: 'gram',
    contentWeight: 1,
    styleWeight: 1e6,
    tvWeight: 0,
    contentLayers: { conv2_2: 1 },
    styleLayers: { conv1_1: 1, conv1_2: 1, conv2_1: 1, conv2_2: 1, conv3_1: 1 },
    pooling: 'max',
    styleScale: 1,
    styleFit: 'stretch',
    start: { kind: 'normal', mean: 0, deviation: 255 },
    optimizer: { kind: 'lbfgs', lineSearch: 'none', history: 100, restartEvery: 0, unit: 255 },
    clamp: true,
    scales: [{ scale: 1, share: 1 }],
    iterations: 300,
    averaging: 0,
  },
};
