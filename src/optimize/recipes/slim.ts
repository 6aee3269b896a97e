import { DEFAULT_OPTIMIZE_CONFIG } from '../config.ts';
import type { Recipe } from './recipe.ts';

/**
 * VGG16 on TensorFlow's slim, whose layer conv4_2 includes the ReLU (relu4_2 here). Content: summed squared difference,
 * weight 10⁻³ (5·10⁻⁴ to 10⁻² were tried). Style: Gram matrices over H·W, mean squared difference, a fifth for each layer.
 * From normal noise about the loss network's mean pixel, of a tenth of the photo's deviation; Adam at rate 1, times 0.95
 * after every 100 of 1,000 steps. Average pooling cures the fine noise that maximum pooling leaves (`pooling: 'average'`).
 */
export const SLIM_RECIPE: Recipe = {
  name: 'slim',
  title: 'VGG16 on TensorFlow slim: relu4_2, Adam at rate 1 from faint noise, 1,000 steps',
  lossNetwork: { kind: 'vgg16', pixels: '0..255' },
  config: {
    ...DEFAULT_OPTIMIZE_CONFIG,
    recipe: 'slim',
    units: 'slim',
    statistic: 'gram',
    contentWeight: 1e-3,
    styleWeight: 1,
    tvWeight: 0,
    contentLayers: { relu4_2: 1 },
    styleLayers: { relu1_1: 0.2, relu2_1: 0.2, relu3_1: 0.2, relu4_1: 0.2, relu5_1: 0.2 },
    pooling: 'max',
    styleScale: 1,
    styleFit: 'aspect',
    start: { kind: 'normal', mean: [123.68, 116.779, 103.939], deviation: { shareOfContent: 0.1 } },
    optimizer: {
      kind: 'adam',
      learningRate: 1,
      decay: 'staircase',
      decayRate: 0.95,
      decaySteps: 100,
      epsilon: 1e-8,
    },
    clamp: false,
    scales: [{ scale: 1, share: 1 }],
    iterations: 1000,
    averaging: 0,
  },
};
