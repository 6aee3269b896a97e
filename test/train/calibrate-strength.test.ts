import assert from 'node:assert/strict';
import test from 'node:test';
import { ConfigError } from '../../src/errors.ts';
import { calibrateStrength } from '../../src/train/calibrate-strength.ts';
import { parseTrainConfig } from '../../src/train/config.ts';
import { contentLostAt } from '../../src/train/strength.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';
import { tinyLossNetwork } from '../helpers/tiny-loss-network.ts';

const config = parseTrainConfig({
  contentLayers: { relu2_2: 1 },
  styleLayers: { relu1_1: 1, relu2_1: 1 },
  tvWeight: 0,
});
const options = {
  config,
  lossNetwork: tinyLossNetwork(),
  painting: drawnPicture(80, 60, 9),
  photos: [drawnPicture(48, 48, 1), drawnPicture(48, 48, 2)],
};

test('strengths are shares of content lost, evenly spaced', () => {
  assert.equal(contentLostAt(5), 0.3);
  const ratios = [1, 3, 7, 9].map((s) => contentLostAt(s + 1) / contentLostAt(s));
  for (const ratio of ratios) assert.ok(Math.abs(ratio - 1.22) < 1e-9);
  for (const wrong of [0, 10.5, Number.NaN]) assert.throws(() => contentLostAt(wrong), ConfigError);
});

test('a stronger style has a larger weight, loses more and misses less; the same again is the same', async () => {
  const [weak, strong, again] = [
    await calibrateStrength({ ...options, strength: 1 }),
    await calibrateStrength({ ...options, strength: 3 }),
    await calibrateStrength({ ...options, strength: 1 }),
  ];
  assert.ok(weak.styleWeight < strong.styleWeight, `${weak.styleWeight} < ${strong.styleWeight}`);
  assert.ok(weak.losses.content < strong.losses.content);
  assert.ok(weak.losses.style > strong.losses.style);
  for (const [strength, { losses }] of [
    [1, weak],
    [3, strong],
  ] as const) {
    const ratio = losses.content / contentLostAt(strength);
    assert.ok(ratio > 0.55 && ratio < 1.8, `strength ${strength}: ${losses.content} of content lost`);
  }
  assert.deepEqual(again, weak);
});

test('the weight makes up for the scale of the content weight', async () => {
  const one = await calibrateStrength({ ...options, strength: 2 });
  const ten = await calibrateStrength({
    ...options,
    config: parseTrainConfig({ ...config, contentWeight: 10 }),
    strength: 2,
  });
  assert.ok(
    Math.abs(ten.styleWeight / one.styleWeight / 10 - 1) < 0.1,
    `${ten.styleWeight / one.styleWeight}`,
  );
});

test('without content there is no strength', async () => {
  const without = { ...options, config: parseTrainConfig({ ...config, contentWeight: 0 }), strength: 5 };
  await assert.rejects(calibrateStrength(without), /content weight above 0 for a strength/);
});

test('nothing is left behind', async () => {
  await expectNoLeak(async () => {
    await calibrateStrength({ ...options, strength: 5 });
  });
});
