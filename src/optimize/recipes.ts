import type { PublishedNetwork } from '../networks/published-network.ts';
import { DEFAULT_OPTIMIZE_CONFIG, type OptimizeConfig, type RecipeName } from './config.ts';

/** A published way of optimising, as data. */
export interface Recipe {
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** Longer side in pixels of the published pictures; any if not stated. */
  readonly longSide?: number;
  /** What its weights and numbers were published for. */
  readonly lossNetwork: PublishedNetwork;
  /** Total above which its publication no longer trusts the result. */
  readonly saneTotal?: number;
  readonly config: OptimizeConfig;
}

/** Ours. Its numbers are in `DEFAULT_OPTIMIZE_CONFIG`. */
const DEFAULT_RECIPE: Recipe = {
  name: 'default',
  title: 'ours: covariance and mean of features in relative units, average pooling, L-BFGS from the photo',
  lossNetwork: { kind: 'vgg19', pixels: '0..255' },
  config: DEFAULT_OPTIMIZE_CONFIG,
};

/**
 * The PyTorch tutorial's, after Gatys et al. 2016. Layers are counted convolutions, before the ReLU: content conv_4
 * (conv2_2), styles conv_1 … conv_5. Mean squared error of features, and of Gram matrices over N·C·H·W; style to content
 * 10⁶. From standard-normal noise in units of [0, 1] (here: 255 grey levels about 0), clamped to [0, 1] before each
 * evaluation.
 *
 * Torch's L-BFGS takes every step at full length, so that the total may rise on the way, and its clamp moves the picture
 * without the minimiser's knowledge; its rounds of 20 iterations continue one another, as one run here.
 *
 * Differs from the tutorial: the best picture is the result, not the last.
 */
const PYTORCH_RECIPE: Recipe = {
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

/**
 * VGG16 on TensorFlow's slim, whose layer conv4_2 includes the ReLU (relu4_2 here). Content: summed squared difference,
 * weight 10⁻³ (5·10⁻⁴ to 10⁻² were tried). Style: Gram matrices over H·W, mean squared difference, a fifth for each layer.
 * From normal noise about the loss network's mean pixel, of a tenth of the photo's deviation; Adam at rate 1, times 0.95
 * after every 100 of 1,000 steps. Average pooling cures the fine noise that maximum pooling leaves (`pooling: 'average'`).
 */
const SLIM_RECIPE: Recipe = {
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

/**
 * The course's exercise: VGG19 on TensorFlow, pictures of 400×300. Content 1/(4·H·W·C)·Σ(a_C − a_G)² at one deep layer
 * (conv4_2 with its ReLU), style 1/(4·C²·(H·W)²)·Σ(G_S − G_G)² with layer weights that sum to 1; α = 10, β = 40. From the
 * photo; Adam at rate 2, 2,000 steps; clipped to [0, 255] at the end. A little noise in the start is allowed:
 * `start: { kind: 'blend', share: 0.1 }`.
 */
const COURSERA_RECIPE: Recipe = {
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

/** Rounds of L-BFGS-B, and the most evaluations of each. */
const [ROUNDS, EVALUATIONS] = [50, 20];

/**
 * VGG19 on Keras with SciPy's L-BFGS-B, pictures of 670×670. Style only, guided by the start, which is the photo:
 * Σ(S − C)²/(4·3²·(H·W)²) with plain Gram sums, weight 5/5 for each of five layers after their ReLU; total variation
 * 0.2·Σ((Δx)² + (Δy)²)^1.25. L-BFGS with 10 corrections in 50 rounds of at most 20 evaluations, each of which starts
 * without memory; free, clipped at the end.
 *
 * As published: red is lessened by 103.939 and blue by 123.68, the wrong way round against Keras' own weights.
 */
const KERAS_RECIPE: Recipe = {
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

/** All recipes by name. */
export const RECIPES = {
  default: DEFAULT_RECIPE,
  pytorch: PYTORCH_RECIPE,
  slim: SLIM_RECIPE,
  coursera: COURSERA_RECIPE,
  keras: KERAS_RECIPE,
} as const satisfies Readonly<Record<RecipeName, Recipe>>;

/**
 * The PyTorch recipe's warm-ups, which teach the method one part at a time; all from noise, with L-BFGS.
 *
 * Differs from the tutorial: the line is searched. Torch's fixed steps make no progress on a loss as small as that of
 * copying, least on large pictures.
 */

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
