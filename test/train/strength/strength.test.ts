import assert from 'node:assert/strict';
import test from 'node:test';
import { readLossNetworkWeights } from '../../../src/networks/loss-network-weights.ts';
import { COMPACT } from '../../../src/networks/weights/weights-folder.ts';
import { ConfigError } from '../../../src/system/errors.ts';
import { parseTrainConfig } from '../../../src/train/config.ts';
import { contentScale, styleWeightOf } from '../../../src/train/strength/strength.ts';
import { relativeStyleWeight } from '../../../src/train/strength/strength-setting.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { tinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

const config = parseTrainConfig({
  contentLayers: { relu2_2: 1 },
  styleLayers: { relu1_1: 1, relu2_1: 1 },
});

test('strengths are evenly spaced weights; those out of bounds are refused', () => {
  const ratios = [1, 3, 7, 9].map((s) => relativeStyleWeight(s + 1) / relativeStyleWeight(s));
  for (const ratio of ratios) assert.ok(Math.abs(ratio - 1.7) < 1e-9);
  for (const wrong of [0, 10.5, Number.NaN]) assert.throws(() => relativeStyleWeight(wrong), ConfigError);
});

test('the content scale is what unrelated pictures lose of each other, whatever the features’ own scale', async () => {
  await expectNoLeak(() => {
    const weights = tinyLossNetwork();
    const scale = contentScale(weights, config);
    assert.ok(scale > 0 && scale < 4, `${scale}`);
    // Features twice as large, and as the mean of a layer with itself.
    const doubled = new Map(
      [...weights.layers].map(([name, { kernel, kernelShape, bias }]) => [
        name,
        name === 'conv2_2'
          ? { kernel: kernel.map((w) => 2 * w), kernelShape, bias: bias.map((b) => 2 * b) }
          : { kernel, kernelShape, bias },
      ]),
    );
    const twice = contentScale({ ...weights, layers: doubled }, config);
    assert.ok(Math.abs(twice / scale - 1) < 1e-4, `${twice} and ${scale}`);
    const two = { ...config, contentLayers: { relu1_1: 1, relu2_2: 3 } };
    const one = contentScale(weights, { ...config, contentLayers: { relu1_1: 1 } });
    assert.ok(Math.abs(contentScale(weights, two) - (one + 3 * scale) / 4) < 1e-4);
    assert.throws(() => contentScale(weights, { ...config, contentLayers: { relu9_9: 1 } }), ConfigError);
  });
});

test('a style weight grows with strength, content weight and content scale, and needs content', () => {
  const weights = tinyLossNetwork();
  const [five, six] = [styleWeightOf(5, config, weights), styleWeightOf(6, config, weights)];
  assert.ok(Math.abs(six / five / 1.7 - 1) < 0.01, `${five}, ${six}`);
  const ten = styleWeightOf(5, { ...config, contentWeight: 10 }, weights);
  assert.ok(Math.abs(ten / five / 10 - 1) < 0.01, `${ten}`);
  assert.ok(Math.abs(five / (4.6 * contentScale(weights, config)) - 1) < 0.01);
  assert.throws(
    () => styleWeightOf(5, { ...config, contentWeight: 0 }, weights),
    /content weight above 0 for a strength/,
  );
});

test('at the default a style has its weight with the shipped network, too, far from a photo and from ruin', async () => {
  const weights = await readLossNetworkWeights(COMPACT);
  const { pooling, contentLayers } = parseTrainConfig({});
  const weight = styleWeightOf(5, { contentWeight: 1, pooling, contentLayers }, weights);
  // With 0.6 the photo comes back; with 35 to 160 there is nothing left of it (docs/decisions.md). VGG16 comes to 4.6.
  assert.ok(weight > 2 && weight < 10, `${weight}`);
});
