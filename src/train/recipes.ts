/** Published programs' settings of training, as data. docs/training.md says what of them a network of ours cannot have. */
import { GATYS_LOSSES } from '../losses/loss-units.ts';
import { FULL_WIDTH } from '../networks/architecture.ts';
import type { PublishedNetwork } from '../networks/published-network.ts';
import type { TrainConfig } from './config.ts';
import { LEFT_OUT } from './settings.ts';

type RecipeSettings = Omit<
  TrainConfig,
  'lossNetwork' | 'seed' | 'styleSize' | 'stabilityFrom' | 'stabilityChanges'
>;

/** A published way of training. */
export interface TrainRecipe {
  readonly name: string;
  /** What its weights and numbers were published for. */
  readonly lossNetwork: PublishedNetwork;
  /** Longer side of the painting in px; `own` leaves it as large as its file. */
  readonly styleSize: number | 'own';
  readonly settings: RecipeSettings;
}

/** What all have: Adam at an even 10⁻³ on four crops of 256 px, Gram matrices, and nothing that is ours. */
const COMMON = {
  ...LEFT_OUT,
  architecture: FULL_WIDTH,
  styleStatistic: 'gram',
  imageSize: 256,
  batch: 4,
  learningRate: 1e-3,
} as const satisfies Partial<RecipeSettings>;

/** Photos of COCO 2014's training part, of which the programs take two epochs. */
const COCO_PHOTOS = 82_783;

/**
 * Johnson et al. 2016 by their own program, fast-neural-style (train.lua, PerceptualCriterion.lua, TotalVariation.lua).
 *
 * Its total variation is summed over the batch, while losses are means over it: 10⁻⁶ for four photos there is 4·10⁻⁶ here.
 */
const JOHNSON: TrainRecipe = {
  name: 'johnson',
  lossNetwork: { kind: 'vgg16', pixels: '0..255' },
  styleSize: 256,
  settings: {
    ...COMMON,
    units: 'johnson',
    pooling: 'max',
    contentWeight: 1,
    styleWeight: 5,
    tvWeight: COMMON.batch * 1e-6,
    contentLayers: { relu3_3: 1 },
    styleLayers: { relu1_2: 1, relu2_2: 1, relu3_3: 1, relu4_3: 1 },
    steps: 40_000,
  },
};

/** Logan Engstrom's fast-style-transfer (style.py, src/optimize.py). A last batch that is not full is left out. */
const LENGSTROM: TrainRecipe = {
  name: 'lengstrom',
  lossNetwork: { kind: 'vgg19', pixels: '0..255' },
  styleSize: 'own',
  settings: {
    ...COMMON,
    units: 'lengstrom',
    pooling: 'max',
    contentWeight: 7.5,
    styleWeight: 100,
    tvWeight: 200,
    contentLayers: { relu4_2: 1 },
    styleLayers: { relu1_1: 1, relu2_1: 1, relu3_1: 1, relu4_1: 1, relu5_1: 1 },
    steps: 2 * Math.floor(COCO_PHOTOS / COMMON.batch),
  },
};

/** PyTorch's own example, fast_neural_style (neural_style.py, utils.py, vgg.py). It has no total variation. */
const PYTORCH: TrainRecipe = {
  name: 'pytorch',
  lossNetwork: { kind: 'vgg16', pixels: '0..1' },
  styleSize: 'own',
  settings: {
    ...COMMON,
    units: 'pytorch',
    pooling: 'max',
    contentWeight: 1e5,
    styleWeight: 1e10,
    tvWeight: 0,
    contentLayers: { relu2_2: 1 },
    styleLayers: { relu1_2: 1, relu2_2: 1, relu3_3: 1, relu4_3: 1 },
    steps: 2 * Math.ceil(COCO_PHOTOS / COMMON.batch),
  },
};

/**
 * The losses of Gatys et al. 2016 (`GATYS_LOSSES`), average pooling, the painting as large as the photo. They optimise pixels: how a network is trained on them is as Johnson et al. have it.
 */
const GATYS = {
  name: 'gatys',
  lossNetwork: { kind: 'vgg19', pixels: '0..255' },
  styleSize: COMMON.imageSize,
  settings: {
    ...COMMON,
    ...GATYS_LOSSES,
    units: 'gatys',
    pooling: 'average',
    steps: JOHNSON.settings.steps,
  },
} as const satisfies TrainRecipe;

/** All by name. */
export const TRAIN_RECIPES = {
  johnson: JOHNSON,
  lengstrom: LENGSTROM,
  pytorch: PYTORCH,
  gatys: GATYS,
} as const satisfies Readonly<Record<string, TrainRecipe>>;

export type TrainRecipeName = keyof typeof TRAIN_RECIPES;
