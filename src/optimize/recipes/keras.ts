import { DEFAULT_OPTIMIZE_CONFIG } from '../config.ts';
import type { Recipe } from './recipe.ts';

/** Rounds of L-BFGS-B, and the most evaluations of each. */
const [ROUNDS, EVALUATIONS] = [50, 20];

/**
 * VGG19 on Keras with SciPy's L-BFGS-B, pictures of 670×670. Style only, guided by the start, which is the photo:
 * Σ(S − C)²/(4·3²·(H·W)²) with plain Gram sums, weight 5/5 for each of five layers behind their ReLU; total variation
 * 0.2·Σ((Δx)² + (Δy)²)^1.25. L-BFGS with 10 corrections in 50 rounds of at most 20 evaluations, each of which starts
 * without memory; free, clipped at the end.
 *
 * As published: red is lessened by 103.939 and blue by 123.68, the wrong way round against Keras' own weights.
 */
export const KERAS_RECIPE: Recipe = {
  name: 'keras',
  title: 'VGG19 on Keras with SciPy: style only from the photo, L-BFGS-B, means of red and blue swapped',
  longSide: 670,
  lossNetwork: { kind: 'vgg19', pixels: '0..255' },
  config: {
    ...DEFAULT_OPTIMIZE_CONFIG,
    recipe: 'keras',
    units: 'keras',
    statistic: 'gram',
    contentWeight: 0,
    styleWeight: 5,
    tvWeight: 0.2,
    tvForm: 'power',
    contentLayers: {},
    styleLayers: { relu1_2: 0.2, relu2_2: 0.2, relu3_4: 0.2, relu4_4: 0.2, relu5_4: 0.2 },
    pooling: 'max',
    input: 'swapped-means',
    styleScale: 1,
    styleFit: 'stretch',
    start: { kind: 'content' },
    optimizer: { kind: 'lbfgs', lineSearch: 'strong-wolfe', history: 10, restartEvery: EVALUATIONS },
    clamp: false,
    scales: [{ scale: 1, share: 1 }],
    iterations: ROUNDS * EVALUATIONS,
    evaluationLimit: ROUNDS * EVALUATIONS,
    averaging: 0,
  },
};
