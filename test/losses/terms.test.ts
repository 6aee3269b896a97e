import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import * as tf from '../../src/engine/tensorflow.ts';
import { relativeContentLoss } from '../../src/losses/content-loss.ts';
import { gramMatrix, relativeStyleLoss } from '../../src/losses/gram-matrix.ts';
import { type LayerLosses, lossesOf } from '../../src/losses/term.ts';
import { TERM_WEIGHTS } from '../../src/losses/term-table.ts';
import { loadMakers, type ObjectiveWeights, type TableMakers, termsOf } from '../../src/losses/terms.ts';
import { totalVariation } from '../../src/losses/total-variation.ts';
import { expectGradientMatches } from '../helpers/finite-differences.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';

const drawn = (shape: [number, number, number, number], seed: number) =>
  tf.randomNormal<tf.Rank.R4>(shape, 0, 1, 'float32', seed);
const image = drawn([1, 4, 4, 3], 1);
const features = { low: drawn([1, 4, 4, 2], 2), high: drawn([1, 2, 2, 3], 3) };
const photo = { low: drawn([1, 4, 4, 2], 4), high: drawn([1, 2, 2, 3], 5) };
const painting = { low: gramMatrix(drawn([1, 5, 3, 2], 6)), high: gramMatrix(drawn([1, 3, 3, 3], 7)) };
const targets = { content: photo, paintings: { 0: { statistics: painting } } };
type Weights = Omit<ObjectiveWeights, 'makers'>;
const weights: Weights = {
  contentWeight: 2,
  styleWeight: 30,
  tvWeight: 0.1,
  contentLayers: { high: 5 },
  styleLayers: { low: 3, high: 1 },
};

let makers: TableMakers;
before(async () => {
  makers = await loadMakers();
});

function values(chosen: Weights, shown = features, from = image) {
  const losses = lossesOf(termsOf({ ...chosen, makers }), from, shown, targets);
  const { contentLayers, styleLayers, ...terms } = losses;
  const read = (scalars: object) =>
    Object.fromEntries(
      Object.entries(scalars as LayerLosses).map(([name, scalar]) => [name, number(scalar)]),
    );
  const layers = { content: read(contentLayers!), style: read(styleLayers!) };
  const { total, content, style, tv } = read(terms);
  tf.dispose(losses);
  return { total: total!, content: content!, style: style!, tv: tv!, layers };
}

const number = (scalar: tf.Tensor) => scalar.dataSync()[0]!;

test('terms are weighted means over layers, and the total is their weighted sum', async () => {
  await expectNoLeak(() => {
    const { total, content, style, tv, layers } = values(weights);
    tf.tidy(() => {
      const styleOf = (layer: 'low' | 'high') =>
        number(relativeStyleLoss(gramMatrix(features[layer]), painting[layer]));
      const wanted = {
        content: number(relativeContentLoss(features.high, photo.high)),
        style: 0.75 * styleOf('low') + 0.25 * styleOf('high'),
        tv: number(totalVariation(image)),
      };
      expectTensorClose([content, style, tv], [wanted.content, wanted.style, wanted.tv]);
      expectTensorClose([layers.content.high!], [content]);
      expectTensorClose([layers.style.low!, layers.style.high!], [styleOf('low'), styleOf('high')]);
      expectTensorClose([total], [2 * wanted.content + 30 * wanted.style + 0.1 * wanted.tv]);
    });
  });
});

test('each weight that has a row weighs a term of its name, of a single picture', () => {
  for (const name of Object.keys(TERM_WEIGHTS)) {
    const terms = termsOf({ ...weights, makers, [name]: 0.5 });
    const term = terms.find((one) => `${one.name}Weight` === name);
    assert.equal(term?.weight, 0.5, `the maker in the row ${name} makes no term weighed by it`);
    assert.equal(
      term.notOfPicture,
      undefined,
      `${name}: what needs two pictures has its row in src/train/settings.ts`,
    );
  }
});

test('only the balance of layer weights counts', () => {
  const scaled = { ...weights, styleLayers: { low: 0.3, high: 0.1 }, contentLayers: { high: 0.01 } };
  const terms = ({ total, content, style, tv }: ReturnType<typeof values>) => [total, content, style, tv];
  expectTensorClose(terms(values(scaled)), terms(values(weights)));
});

test('the photo has no content loss, a picture with the Gram matrices of the painting no style loss', () => {
  assert.equal(values(weights, photo).content, 0);
  const maps = { low: drawn([1, 5, 3, 2], 6), high: drawn([1, 3, 3, 3], 7) };
  const styleOnly = { ...weights, contentLayers: {} };
  expectTensorClose([values(styleOnly, maps).style], [0], { absolute: 1e-9 });
  assert.equal(values(styleOnly, maps).content, 0, 'no layers, no loss');
  tf.dispose(maps);
});

test('the gradient of the total to image and feature maps is right', async () => {
  await expectNoLeak(() =>
    expectGradientMatches(
      (x, low, high) => {
        const maps = { low: low as tf.Tensor4D, high: high as tf.Tensor4D };
        return lossesOf(termsOf({ ...weights, makers }), x as tf.Tensor4D, maps, targets).total;
      },
      [image, features.low, features.high],
      { coordinates: 12 },
    ),
  );
});

test('a layer without feature maps is named', () => {
  assert.throws(() => values({ ...weights, styleLayers: { middle: 1 } }), /No feature maps at middle/);
});
