import assert from 'node:assert/strict';
import test from 'node:test';
import { givenConfig, trainConfigFlags } from '../../src/commands/train/options.ts';
import { ConfigError } from '../../src/system/errors.ts';
import {
  DEFAULT_TRAIN_CONFIG,
  parseLayerWeights,
  parseTrainConfig,
  resumedConfig,
  type TrainConfig,
} from '../../src/train/config.ts';

function refuses(act: () => unknown, message: RegExp, what?: string): void {
  assert.throws(act, (error) => error instanceof ConfigError && message.test(error.message), what);
}

/** For every setting, values that fit (at the bounds) and values that do not. A new setting without a line here does not compile. */
const CASES: {
  readonly [K in keyof TrainConfig]: readonly [good: readonly unknown[], bad: readonly unknown[]];
} = {
  architecture: [['c3s1-4,c3s1-3'], ['', 'spoons', 3, null]],
  lossNetwork: [
    ['vgg16', './a.safetensors'],
    ['', 7, undefined],
  ],
  pooling: [
    ['max', 'average'],
    ['min', true],
  ],
  strength: [
    [0, 1, 7.5, 10],
    [-1, 10.1, '5'],
  ],
  // Other units have weights and a statistic with them (below).
  units: [['relative'], ['shares', '', 1, null]],
  contentWeight: [
    [0, 1e20, 0.5],
    [-1, 1.1e20, Number.NaN, '1'],
  ],
  styleWeight: [
    [0, 1e20],
    [-1e-9, Infinity, null],
  ],
  tvWeight: [
    [0, 1e-7],
    [-1, [1]],
  ],
  latticeWeight: [
    [0, 0.5],
    [-1, 'much'],
  ],
  stabilityWeight: [
    [0, 10, 1e9],
    [-1, '5', Number.NaN],
  ],
  stabilityFrom: [
    [0, 0.5, 1],
    [-0.1, 1.01, '0.5'],
  ],
  stabilityChanges: [
    [{ shift: 8 }, { zoom: 0.5, brightness: 0.01, noise: 64, shift: 64 }],
    [{}, { shift: 0 }, { shift: 65 }, { spin: 1 }, { noise: '3' }, [], 'noise', null, { constructor: 1 }],
  ],
  contentLayers: [
    [{ relu4_2: 1 }, { a: 0.1, b: 7 }],
    [{}, { relu4_2: 0 }, { a: -1 }, { a: '1' }, ['relu4_2'], 'relu4_2', null],
  ],
  styleLayers: [[{ relu1_1: 1e-3 }], [{}, { relu1_1: Number.NaN }, 5]],
  styleStatistic: [
    ['gram', 'moments'],
    ['mean', 1],
  ],
  styleSize: [
    [32, 4096],
    [31, 4097, 64.5],
  ],
  smallCrops: [
    [0, 0.5, 1],
    [-0.1, 1.01, '0.5'],
  ],
  imageSize: [
    [32, 2048],
    [31, 2049, '64'],
  ],
  batch: [
    [1, 256],
    [0, 257, 1.5],
  ],
  steps: [
    [1, 1e9],
    [0, -5, 1.5],
  ],
  learningRate: [
    [1e-9, 1],
    [0, 1.1, -1],
  ],
  decay: [
    ['none', 'cosine', 'step'],
    ['linear', 0],
  ],
  warmup: [
    [0, 1e9],
    [-1, 0.5],
  ],
  clipNorm: [
    [0, 0.5, 10],
    [-1, Number.NaN, '1'],
  ],
  averaging: [
    [0, 0.999999],
    [1, -0.1],
  ],
  seed: [
    [0, 2 ** 31 - 1],
    [-1, 2 ** 31, 0.5],
  ],
};

test('every setting takes what is in its bounds and refuses what is not, by name', () => {
  for (const [key, [good, bad]] of Object.entries(CASES)) {
    for (const value of good) {
      const config = parseTrainConfig({ [key]: value });
      assert.deepEqual(config[key as keyof TrainConfig], value, key);
    }
    for (const value of bad)
      refuses(() => parseTrainConfig({ [key]: value }), /Expected .* received/, `${key}: ${String(value)}`);
  }
  refuses(() => parseTrainConfig({ steps: Number.NaN }), /for steps but received NaN/);
});

test('defaults are a configuration, and fill what is not given', () => {
  assert.deepEqual(parseTrainConfig({}), DEFAULT_TRAIN_CONFIG);
  assert.deepEqual(parseTrainConfig({ batch: 2 }), { ...DEFAULT_TRAIN_CONFIG, batch: 2 });
  assert.deepEqual(parseTrainConfig({ ...DEFAULT_TRAIN_CONFIG }), DEFAULT_TRAIN_CONFIG);
});

test('an unknown setting is refused with the list of those there are', () => {
  for (const key of ['stepz', 'toString', '__proto__x', 'constructor'])
    refuses(() => parseTrainConfig({ [key]: 1 }), /the settings are architecture, lossNetwork/, key);
});

test('a run that follows neither photo nor painting is refused', () => {
  refuses(() => parseTrainConfig({ contentWeight: 0, styleWeight: 0 }), /a content or style weight above 0/);
  parseTrainConfig({ contentWeight: 0 });
  parseTrainConfig({ styleWeight: 0 });
});

test('published units have weights of their own and Gram matrices: neither a strength nor moments', () => {
  for (const units of ['gatys', 'pytorch', 'johnson', 'lengstrom', 'slim', 'coursera', 'keras']) {
    assert.equal(parseTrainConfig({ units, styleStatistic: 'gram' }).units, units);
    refuses(
      () => parseTrainConfig({ units, styleStatistic: 'moments' }),
      new RegExp(`the style statistic gram in the units ${units} but received moments`),
    );
    refuses(
      () => parseTrainConfig({ units, styleStatistic: 'gram', strength: 5 }),
      new RegExp(`content and style weight with the units ${units} but received a strength of 5`),
    );
  }
});

test('layers with weights are read from one argument', () => {
  assert.deepEqual(parseLayerWeights('relu1_1:0.5, relu2_1 ,relu3_1:2e-1', '--style-layers'), {
    relu1_1: 0.5,
    relu2_1: 1,
    relu3_1: 0.2,
  });
  for (const text of ['', ',', 'a:', ':1', 'a:0', 'a:-1', 'a:b', 'a:Infinity', 'a,,b'])
    refuses(() => parseLayerWeights(text, '--style-layers'), /for --style-layers but received/, text);
});

test('every setting has an option on the command line, which wins over the file', () => {
  assert.deepEqual(
    Object.keys(trainConfigFlags)
      .map((flag) => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()))
      .sort(),
    Object.keys(DEFAULT_TRAIN_CONFIG).sort(),
  );
  const given = givenConfig(
    { styleLayers: 'relu1_1:2', batch: 3, steps: undefined, style: 'wave.jpg' },
    { batch: 8, seed: 4 },
  );
  assert.deepEqual(given, { styleLayers: { relu1_1: 2 }, batch: 3, seed: 4 });
  refuses(() => givenConfig({ batch: [1, 2] }, {}), /--batch once but received 2 times/);
});

test('a resumed run keeps its own settings, and changes only what its state does not hang on', () => {
  const own = parseTrainConfig({ steps: 10, seed: 3 });
  assert.deepEqual(resumedConfig(own, {}), own);
  assert.deepEqual(resumedConfig(own, { steps: 20, learningRate: 1e-4 }), {
    ...own,
    steps: 20,
    learningRate: 1e-4,
  });
  assert.deepEqual(resumedConfig(own, { seed: 3 }), own);
  refuses(() => resumedConfig(own, { seed: 4 }), /the run's own seed \(3\) with --resume but received 4/);
  refuses(() => resumedConfig(own, { lossNetwork: 'vgg16' }), /the run's own loss-network/);
  refuses(() => resumedConfig(own, { steps: 0 }), /for steps/);
});
