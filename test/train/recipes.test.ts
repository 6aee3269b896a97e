/** The published settings of training, number by number: each objective compared with the program's own sums in plain JavaScript. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { random } from '../../src/data/random.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { LOSS_UNITS } from '../../src/losses/loss-units.ts';
import { STYLE_STATISTICS } from '../../src/losses/style-statistic.ts';
import { lossesOf } from '../../src/losses/term.ts';
import { type ObjectiveWeights, termsOf } from '../../src/losses/terms.ts';
import { FULL_WIDTH } from '../../src/networks/architecture.ts';
import { canonicalWeights } from '../../src/networks/layer-names.ts';
import { namesOf, onLossNetwork } from '../../src/networks/published-network.ts';
import { parseTrainConfig } from '../../src/train/config.ts';
import { TRAIN_RECIPES, type TrainRecipe, type TrainRecipeName } from '../../src/train/recipes.ts';
import { weightsOf } from '../../src/train/step/objective.ts';
import { expectGradientMatches } from '../helpers/finite-differences.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { tinyLossNetwork } from '../helpers/tiny-loss-network.ts';

/** Numbers of [height, width, channels]. */
interface Maps {
  readonly shape: readonly [number, number, number];
  readonly values: readonly number[];
}
interface Photo {
  readonly picture: Maps;
  /** Of what is painted, of the photo, of the painting, by layer. */
  readonly shown: Readonly<Record<string, Maps>>;
  readonly content: Readonly<Record<string, Maps>>;
  readonly painting: Readonly<Record<string, Maps>>;
}

function drawn(shape: Maps['shape'], seed: number, scale: number): Maps {
  const next = random(seed);
  const values = Array.from({ length: shape[0] * shape[1] * shape[2] }, () =>
    Math.fround(scale * (next() - 0.3)),
  );
  return { shape, values };
}

/** A batch of the program's size, of small feature maps at a recipe's layers; every layer of another shape. */
function batchFor({ settings }: TrainRecipe): readonly Photo[] {
  const layers = [...new Set([...Object.keys(settings.contentLayers), ...Object.keys(settings.styleLayers)])];
  const at = (seed: number) =>
    Object.fromEntries(
      layers.map((layer, i) => [layer, drawn([2 + i, 3, 2 + (i % 2)], seed * 10 + i, 2)] as const),
    );
  return Array.from({ length: settings.batch }, (_, i) => ({
    picture: drawn([5, 6, 3], 900 + i, 255),
    shown: at(3 * i + 1),
    content: at(3 * i + 2),
    // One painting for all photos.
    painting: at(1000),
  }));
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, x) => total + x, 0);
const squares = (a: readonly number[], b: readonly number[]) => sum(a.map((x, i) => (x - b[i]!) ** 2));
/** Sum over positions of every product of two channels. */
function plainGram({ shape: [height, width, channels], values }: Maps): number[] {
  const gram = Array.from({ length: channels ** 2 }, () => 0);
  for (let at = 0; at < height * width; at++)
    for (let a = 0; a < channels; a++)
      for (let b = 0; b < channels; b++)
        gram[a * channels + b]! += values[at * channels + a]! * values[at * channels + b]!;
  return gram;
}
/** Divided by all numbers of the feature maps: `gram / (C * H * W)`. */
const dividedGram = (maps: Maps) => plainGram(maps).map((x) => x / maps.values.length);
/** Squared differences to the neighbours below and to the right. */
function steps({ shape: [height, width, channels], values }: Maps) {
  const at = (y: number, x: number, c: number) => values[(y * width + x) * channels + c]!;
  const both = { down: 0, right: 0, down2: 0, right2: 0 };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) {
        const down = y + 1 < height ? (at(y + 1, x, c) - at(y, x, c)) ** 2 : 0;
        const right = x + 1 < width ? (at(y, x + 1, c) - at(y, x, c)) ** 2 : 0;
        both.down += down;
        both.right += right;
        // Where a pixel has both neighbours.
        if (y + 1 < height && x + 1 < width) {
          both.down2 += down;
          both.right2 += right;
        }
      }
  return both;
}

/** Mean squared error over a whole batch. */
function meanSquaredError(pairs: readonly (readonly [readonly number[], readonly number[]])[]): number {
  return sum(pairs.map(([a, b]) => squares(a, b))) / sum(pairs.map(([a]) => a.length));
}
const contentError = (batch: readonly Photo[], layer: string) =>
  meanSquaredError(batch.map(({ shown, content }) => [shown[layer]!.values, content[layer]!.values]));
const gramError = (batch: readonly Photo[], layer: string) =>
  meanSquaredError(
    batch.map(({ shown, painting }) => [dividedGram(shown[layer]!), dividedGram(painting[layer]!)]),
  );

/** What each program minimises on a batch, as it writes it. */
const PUBLISHED: Readonly<Record<TrainRecipeName, (batch: readonly Photo[]) => number>> = {
  // PerceptualCriterion.lua with MSECriterion; of the total variation's gradient the integral, summed over the batch.
  johnson: (batch) =>
    1.0 * contentError(batch, 'relu3_3') +
    sum(['relu1_2', 'relu2_2', 'relu3_3', 'relu4_3'].map((layer) => 5.0 * gramError(batch, layer))) +
    1e-6 * sum(batch.map(({ picture }) => 0.5 * (steps(picture).down2 + steps(picture).right2))),
  // src/optimize.py, whose l2_loss is half a sum of squares, and which gives both sums and counts over the batch.
  lengstrom: (batch) => {
    const count = batch.length;
    const content = batch.map(({ shown, content }) =>
      squares(shown.relu4_2!.values, content.relu4_2!.values),
    );
    const style = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'].map((layer) => {
      const grams = batch.map(({ shown, painting }) => {
        const wanted = dividedGram(painting[layer]!);
        return squares(dividedGram(shown[layer]!), wanted) / wanted.length;
      });
      return sum(grams);
    });
    const [height, width, channels] = batch[0]!.picture.shape;
    const tv = batch.map(({ picture }) => {
      const { down, right } = steps(picture);
      return right / (height * (width - 1) * channels) + down / ((height - 1) * width * channels);
    });
    return (
      (7.5 * sum(content)) / (batch[0]!.shown.relu4_2!.values.length * count) +
      (1e2 * sum(style)) / count +
      (2e2 * sum(tv)) / count
    );
  },
  // neural_style.py: mse_loss of features and of gram_matrix.
  pytorch: (batch) =>
    1e5 * contentError(batch, 'relu2_2') +
    1e10 * sum(['relu1_2', 'relu2_2', 'relu3_3', 'relu4_3'].map((layer) => gramError(batch, layer))),
  // Equations 1, 4, 5 and 7, of which a batch has the mean.
  gatys: (batch) => {
    const each = batch.map(({ shown, content, painting }) => {
      const ofContent = 0.5 * squares(shown.relu4_2!.values, content.relu4_2!.values);
      const ofStyle = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'].map((layer) => {
        const [height, width, n] = shown[layer]!.shape;
        const m = height * width;
        const far = squares(plainGram(shown[layer]!), plainGram(painting[layer]!));
        return far / (5 * 4 * n ** 2 * m ** 2);
      });
      return ofContent + 1e3 * sum(ofStyle);
    });
    return sum(each) / batch.length;
  },
};

const tensor = ({ shape, values }: Maps) => tf.tensor4d([...values], [1, ...shape]);
const tensors = (maps: Readonly<Record<string, Maps>>) =>
  Object.fromEntries(Object.entries(maps).map(([layer, map]) => [layer, tensor(map)]));
const grams = (maps: Readonly<Record<string, Maps>>) =>
  Object.fromEntries(
    Object.entries(maps).map(([layer, map]) => [layer, STYLE_STATISTICS.gram.of(tensor(map))]),
  );

function weightsFor({ settings, lossNetwork }: TrainRecipe): Promise<ObjectiveWeights> {
  return weightsOf(parseTrainConfig({ ...settings }), lossNetwork.kind);
}

for (const [name, recipe] of Object.entries(TRAIN_RECIPES) as [TrainRecipeName, TrainRecipe][]) {
  test(`${name}: the objective of a batch is the program's own`, async () => {
    const batch = batchFor(recipe);
    const weights = await weightsFor(recipe);
    await expectNoLeak(() => {
      const totals = batch.map(({ picture, shown, content, painting }) =>
        tf.tidy(() => {
          const targets = { content: tensors(content), paintings: { 0: { statistics: grams(painting) } } };
          return lossesOf(termsOf(weights), tensor(picture), tensors(shown), targets).total.dataSync()[0]!;
        }),
      );
      const [ours, theirs] = [sum(totals) / batch.length, PUBLISHED[name](batch)];
      assert.ok(Math.abs(ours - theirs) < 1e-4 * theirs, `${ours}, published ${theirs}`);
    });
  });

  test(`${name}: its gradient is right`, async () => {
    const { shown, content, painting, picture } = batchFor(recipe)[0]!;
    const weights = await weightsFor(recipe);
    await expectNoLeak(() =>
      tf.tidy(() => {
        const layers = Object.keys(shown);
        const targets = { content: tensors(content), paintings: { 0: { statistics: grams(painting) } } };
        // A flat picture, as rounding of a large total variation would drown the rest.
        const flat = tf.fill([1, 5, 6, 3], 100) as tf.Tensor4D;
        const scale = 1 / (weights.contentWeight + (weights.styleWeight as number));
        expectGradientMatches(
          (...maps) => {
            const features = Object.fromEntries(layers.map((layer, i) => [layer, maps[i] as tf.Tensor4D]));
            return tf.mul(lossesOf(termsOf(weights), flat, features, targets).total, scale);
          },
          layers.map((layer) => tensor(shown[layer]!)),
          { coordinates: 12 },
        );
        if (weights.tvWeight === 0) return;
        const alone = { ...weights, contentWeight: 0, styleWeight: 0, tvWeight: 1 };
        expectGradientMatches(
          (x) => lossesOf(termsOf(alone), x as tf.Tensor4D, tensors(shown), targets).total,
          [tensor(picture)],
          { coordinates: 12, step: 2 },
        );
      }),
    );
  });

  test(`${name}: full width, four crops of 256 px, an even 10⁻³, nothing of ours`, () => {
    const { settings, lossNetwork } = recipe;
    const config = parseTrainConfig({ ...settings });
    assert.deepEqual(
      [config.architecture, config.batch, config.imageSize, config.learningRate, config.decay],
      [FULL_WIDTH, 4, 256, 1e-3, 'none'],
    );
    assert.deepEqual(
      [config.latticeWeight, config.stabilityWeight, config.averaging, config.warmup, config.clipNorm],
      [0, 0, 0, 0, 0],
    );
    assert.deepEqual([config.styleStatistic, config.smallCrops, config.strength], ['gram', 0, 0]);
    // The published network has every layer.
    canonicalWeights(lossNetwork.kind, { ...config.contentLayers, ...config.styleLayers });
  });
}

test('loss network, pooling, weights, size of the painting and length, as published', () => {
  const { johnson, lengstrom, pytorch, gatys } = TRAIN_RECIPES;
  const facts = ({ settings, lossNetwork, styleSize }: TrainRecipe) => {
    const { contentWeight, styleWeight, tvWeight, pooling, steps, units } = settings;
    return [units, ...namesOf(lossNetwork), contentWeight, styleWeight, tvWeight, pooling, styleSize, steps];
  };
  assert.deepEqual(facts(johnson), ['johnson', 'vgg16', 1, 5, 4e-6, 'max', 256, 40_000]);
  assert.deepEqual(facts(lengstrom), ['lengstrom', 'vgg19', 7.5, 100, 200, 'max', 'own', 41_390]);
  assert.deepEqual(facts(pytorch), [
    ...['pytorch', 'vgg16-torchvision', 'vgg16'],
    ...[1e5, 1e10, 0, 'max', 'own', 41_392],
  ]);
  assert.deepEqual(facts(gatys), ['gatys', 'vgg19', 1, 1000, 0, 'average', 256, 40_000]);
});

test('every unit has its form of total variation; shares stay what they were', () => {
  assert.deepEqual(
    Object.entries(LOSS_UNITS).map(([name, { tv, layers }]) => [name, tv, layers]),
    [
      ['relative', 'squared', 'mean'],
      ['gatys', 'squared', 'sum'],
      ['pytorch', 'squared', 'sum'],
      ['johnson', 'sum', 'sum'],
      ['lengstrom', 'directions', 'sum'],
      ['slim', 'squared', 'sum'],
      ['coursera', 'squared', 'sum'],
      ['keras', 'power', 'sum'],
    ],
  );
});

test('another loss network than the published one is named in one sentence, with the layers that replace missing ones', () => {
  const johnson = TRAIN_RECIPES.johnson as TrainRecipe;
  const { settings } = johnson;
  const input = { channels: 'BGR', scale: 1, mean: [104, 117, 124], std: [1, 1, 1] } as const;
  const wide = (weights: ReturnType<typeof tinyLossNetwork>) => {
    const layers = new Map(weights.layers);
    const first = layers.get('conv1_1')!;
    return {
      ...weights,
      layers: layers.set('conv1_1', { ...first, kernelShape: [3, 3, 3, 64] as const }),
    };
  };
  const same = onLossNetwork(settings, johnson, wide(tinyLossNetwork({ kind: 'vgg16', input })));
  assert.deepEqual(same.layers, {
    contentLayers: settings.contentLayers,
    styleLayers: settings.styleLayers,
  });
  assert.equal(same.note, undefined);
  const other = onLossNetwork(settings, johnson, tinyLossNetwork({ kind: 'vgg19' }));
  assert.equal(
    other.note,
    'The recipe johnson was published with vgg16 for pixels in 0..255; this is vgg19 with 3 channels in its first layer instead of 64 for pixels in 0..1, so its losses differ in scale; its layers of the same names stand in.',
  );
  const short = onLossNetwork(
    settings,
    johnson,
    wide(tinyLossNetwork({ kind: 'vgg16', input, last: 'conv4_2' })),
  );
  assert.deepEqual(short.layers.styleLayers, { relu1_2: 1, relu2_2: 1, relu3_3: 1, relu4_2: 1 });
  assert.equal(
    short.note,
    'The recipe johnson was published with vgg16 for pixels in 0..255; this is vgg16; it takes relu4_2 for relu4_3.',
  );
  // Two layers with one stand-in: both weights.
  const two = { contentLayers: { relu1_1: 1 }, styleLayers: { conv3_3: 2, conv3_4: 3 } };
  const lacking = tinyLossNetwork({ kind: 'vgg19', last: 'conv3_2' });
  assert.deepEqual(onLossNetwork(two, johnson, lacking).layers.styleLayers, { conv3_2: 5 });
});
