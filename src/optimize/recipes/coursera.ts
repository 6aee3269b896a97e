import { DEFAULT_OPTIMIZE_CONFIG } from '../config.ts';
import type { Recipe } from './recipe.ts';

/**
 * The course's exercise: VGG19 on TensorFlow, pictures of 400×300. Content 1/(4·H·W·C)·Σ(a_C − a_G)² at one deep layer
 * (conv4_2 with its ReLU), style 1/(4·C²·(H·W)²)·Σ(G_S − G_G)² with layer weights that sum to 1; α = 10, β = 40. From the
 * photo; Adam at rate 2, 2,000 steps; clipped to [0, 255] at the end. A little noise in the start is allowed:
 * `start: { kind: 'blend', share: 0.1 }`.
 */
export const COURSERA_RECIPE: Recipe = {
  name: 'coursera',
  title: "the course's exercise: VGG19, α = 10, β = 40, Adam at rate 2 from the photo, 2,000 steps",
  longSide: 400,
  lossNetwork: { kind: 'vgg19', pixels: '0..255' },
  config: {
    ...DEFAULT_OPTIMIZE_CONFIG,
    recipe: 'coursera',
    units: 'coursera',
    statistic: 'gram',
    contentWeight: 10,
    styleWeight: 40,
    tvWeight: 0,
    contentLayers: { relu4_2: 1 },
    styleLayers: { relu1_1: 0.2, relu2_1: 0.2, relu3_1: 0.2, relu4_1: 0.2, relu5_1: 0.2 },
    pooling: 'max',
    styleScale: 1,
    styleFit: 'stretch',
    start: { kind: 'content' },
    optimizer: {
      kind: 'adam',
      learningRate: 2,
      decay: 'constant',
      decayRate: 1,
      decaySteps: 1,
      epsilon: 1e-8,
    },
    clamp: false,
    scales: [{ scale: 1, share: 1 }],
    iterations: 2000,
    averaging: 0,
  },
};
