import type { LayerWeights } from './term.ts';

/** What is known of a layer's feature maps and of the picture they belong to. */
export interface LayerExtent {
  /** Channels of the layer: Gatys' N. */
  readonly channels: number;
  /** Positions of the layer, height times width: Gatys' M. */
  readonly positions: number;
  /** Pixels of the picture, height times width. */
  readonly pixels: number;
}

/** The form of total variation, in `TOTAL_VARIATIONS`. */
export type TotalVariationForm = 'squared' | 'sum' | 'directions' | 'power';

/**
 * The units of the losses: what the plain sums of squared differences are multiplied by, per layer, and how
 * layers are put together. Style sums are of Gram matrices averaged over positions, Ḡ = 1/M · Σ φφᵀ, so that picture
 * and painting may differ in size; where they do not, each form is exactly the published one.
 */
export interface LossUnits {
  /** Factor on Σ(F − P)²; 'share' divides by ΣP². */
  readonly content: 'share' | ((layer: LayerExtent) => number);
  /** Factor on Σ(Ḡ − Ā)²; 'share' divides by the painting's own (`STYLE_STATISTICS`). */
  readonly style: 'share' | ((layer: LayerExtent) => number);
  /** Layers' terms times their weights: the weighted mean, or the plain sum. */
  readonly layers: 'mean' | 'sum';
  /** The form of total variation that goes with them. */
  readonly tv: TotalVariationForm;
}

/** Mean squared error of features, and of Gram matrices divided by their number of feature values. */
const MEAN_SQUARED_ERRORS = {
  content: ({ channels, positions }) => 1 / (channels * positions),
  style: ({ channels }) => 1 / channels ** 4,
  layers: 'sum',
} as const satisfies Partial<LossUnits>;

/** Keras' example writes 3 for the number of channels at every layer. */
const KERAS_CHANNELS = 3;

/** The units in use, by name. docs/losses.md says which program has which. */
export const LOSS_UNITS = {
  /** Shares. */
  relative: { content: 'share', style: 'share', layers: 'mean', tv: 'squared' },
  /** ½ Σ(F − P)², 1/(4N²M²) Σ(G − A)² with plain sums (Gatys et al. 2016, eq. 1 and 4). */
  gatys: {
    content: () => 0.5,
    style: ({ channels }) => 1 / (4 * channels ** 2),
    layers: 'sum',
    tv: 'squared',
  },
  /** Mean squared errors: the PyTorch tutorial's, and those of PyTorch's fast_neural_style. */
  pytorch: { ...MEAN_SQUARED_ERRORS, tv: 'squared' },
  /** Mean squared errors, and total variation as half a plain sum (Johnson's fast-neural-style). */
  johnson: { ...MEAN_SQUARED_ERRORS, tv: 'sum' },
  /** Mean squared errors, and total variation as a mean for each direction (Engstrom's fast-style-transfer). */
  lengstrom: { ...MEAN_SQUARED_ERRORS, tv: 'directions' },
  /** Summed squared difference of features; mean squared difference of Gram matrices over H·W. */
  slim: {
    content: () => 1,
    style: ({ channels }) => 1 / channels ** 2,
    layers: 'sum',
    tv: 'squared',
  },
  /** 1/(4·H·W·C) Σ(F − P)², 1/(4·C²·(H·W)²) Σ(G − A)² with plain sums. */
  coursera: {
    content: ({ channels, positions }) => 1 / (4 * channels * positions),
    style: ({ channels }) => 1 / (4 * channels ** 2),
    layers: 'sum',
    tv: 'squared',
  },
  /** Σ(F − P)², Σ(G − A)²/(4·3²·(H·W)²) with plain sums and the H·W of the picture, not of the layer. */
  keras: {
    content: () => 1,
    style: ({ positions, pixels }) => positions ** 2 / (4 * KERAS_CHANNELS ** 2 * pixels ** 2),
    layers: 'sum',
    tv: 'power',
  },
} as const satisfies Readonly<Record<string, LossUnits>>;

export type LossUnitsName = keyof typeof LOSS_UNITS;

/** The losses of Gatys et al. 2016, §2 and 3, in their units: α/β = 10⁻³, a fifth for each style layer. */
export const GATYS_LOSSES = {
  contentWeight: 1,
  styleWeight: 1000,
  tvWeight: 0,
  contentLayers: { relu4_2: 1 },
  styleLayers: { relu1_1: 0.2, relu2_1: 0.2, relu3_1: 0.2, relu4_1: 0.2, relu5_1: 0.2 },
} as const;

/** Shares of layers in their term: of the units' weighted mean, so that weights change the balance and not the strength, or of its sum. */
export function layerShares(units: LossUnitsName, weights: LayerWeights): LayerWeights {
  const entries = Object.entries(weights);
  const sum =
    LOSS_UNITS[units].layers === 'mean' ? entries.reduce((total, [, weight]) => total + weight, 0) : 1;
  return Object.fromEntries(entries.map(([layer, weight]) => [layer, weight / sum]));
}
