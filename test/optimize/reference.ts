/** The reference values that fixtures/make.py computed with PyTorch and SciPy. */
import { readFileSync } from 'node:fs';
import * as tf from '../../src/engine/tensorflow.ts';
import type { ConvolutionWeights, LossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { parseSafetensors } from '../../src/networks/safetensors.ts';
import { type InputConvention, TORCHVISION_INPUT } from '../../src/networks/weights/input-convention.ts';
import { convolutionNames } from '../../src/networks/weights/vgg-layout.ts';
import { DEFAULT_OPTIMIZE_CONFIG, type OptimizeConfig } from '../../src/optimize/config.ts';
import { RECIPES } from '../../src/optimize/recipes.ts';

interface Losses {
  readonly total: number;
  readonly content: number;
  readonly style: number;
  readonly tv: number;
}
type Reached = Readonly<Record<'torch' | 'scipy', Readonly<Record<string, number>>>>;

const file = (name: string) => new URL(`fixtures/${name}`, import.meta.url);
const path = file('reference.safetensors');
const { tensors } = parseSafetensors(readFileSync(path), path.pathname);

export const {
  losses,
  reached,
}: {
  readonly losses: Readonly<Record<string, Losses>>;
  readonly reached: Readonly<Record<string, Reached>>;
} = JSON.parse(readFileSync(file('reference.json'), 'utf8'));

export const TORCHVISION = TORCHVISION_INPUT;

export function array(name: string): { readonly values: Float32Array; readonly shape: readonly number[] } {
  const found = tensors.get(name);
  if (found === undefined) throw new Error(`No ${name} in the reference values.`);
  return { values: Float32Array.from(found.values), shape: found.shape };
}

/** The tiny VGG19, or what a VGG16 has of it. */
export function referenceWeights(kind: 'vgg19' | 'vgg16', input: InputConvention): LossNetworkWeights {
  const layers = new Map(
    convolutionNames(kind).map((name): [string, ConvolutionWeights] => {
      const { values, shape } = array(`weights/${name}/kernel`);
      const kernelShape = shape as unknown as ConvolutionWeights['kernelShape'];
      return [name, { kernel: values, kernelShape, bias: array(`weights/${name}/bias`).values }];
    }),
  );
  return { kind, layers, input, padding: 'zero', source: 'reference', sha256: '', provenance: {} };
}

/** [1, H, W, 3]. Caller disposes. */
export function picture(name: 'shown' | 'photo' | 'painting' | 'other'): tf.Tensor4D {
  const { values, shape } = array(`pictures/${name}`);
  return tf.tensor4d(values, [1, shape[0]!, shape[1]!, 3]);
}

const FIVE = { relu1_1: 0.2, relu2_1: 0.2, relu3_1: 0.2, relu4_1: 0.2, relu5_1: 0.2 };
const CAFFE: InputConvention = {
  channels: 'BGR',
  scale: 1,
  mean: [103.939, 116.779, 123.68],
  std: [1, 1, 1],
};
const SHARES: OptimizeConfig = {
  ...DEFAULT_OPTIMIZE_CONFIG,
  units: 'relative',
  contentWeight: 1,
  styleWeight: 5,
  tvWeight: 1e-4,
  tvForm: 'squared',
  contentLayers: { relu3_2: 0.2, relu4_2: 0.8 },
  styleLayers: FIVE,
  pooling: 'max',
  input: 'own',
};

/** The cases of make.py as our configurations. `other` is the painting of another size. */
export const CASES: Readonly<
  Record<
    string,
    {
      readonly config: OptimizeConfig;
      readonly kind: 'vgg19' | 'vgg16';
      readonly input: InputConvention;
      readonly painting: 'painting' | 'other';
    }
  >
> = {
  pytorch: { config: RECIPES.pytorch.config, kind: 'vgg19', input: TORCHVISION, painting: 'painting' },
  slim: { config: RECIPES.slim.config, kind: 'vgg16', input: CAFFE, painting: 'painting' },
  coursera: { config: RECIPES.coursera.config, kind: 'vgg19', input: CAFFE, painting: 'painting' },
  keras: { config: RECIPES.keras.config, kind: 'vgg19', input: CAFFE, painting: 'painting' },
  gatys: {
    config: {
      ...SHARES,
      units: 'gatys',
      statistic: 'gram',
      styleWeight: 1000,
      tvWeight: 0,
      contentLayers: { relu4_2: 1 },
      pooling: 'average',
    },
    kind: 'vgg19',
    input: CAFFE,
    painting: 'other',
  },
  relative: {
    config: { ...SHARES, statistic: 'gram' },
    kind: 'vgg19',
    input: TORCHVISION,
    painting: 'other',
  },
  moments: { config: { ...SHARES, statistic: 'moments' }, kind: 'vgg19', input: CAFFE, painting: 'other' },
};
