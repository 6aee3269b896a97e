import assert from 'node:assert/strict';
import test from 'node:test';
import { givenConfig, trainConfigFlags } from '../../src/commands/train/call.ts';
import { ConfigError } from '../../src/system/errors.ts';
import {
  DEFAULT_TRAIN_CONFIG,
  parseTrainConfig,
  resumedConfig,
  type TrainConfig,
} from '../../src/train/config.ts';
import {
  BEFORE,
  BOUND,
  DECIDING_STRENGTH,
  LEFT_OUT,
  TRAIN_SETTINGS,
  type TrainSetting,
} from '../../src/train/settings.ts';

const ROWS: Readonly<Record<string, TrainSetting>> = TRAIN_SETTINGS;

function refuses(act: () => unknown, message: RegExp, what?: string): void {
  assert.throws(act, (error) => error instanceof ConfigError && message.test(error.message), what);
}

test('values at the bounds fit, and come as they are', () => {
  for (const [key, { bounds, choices }] of Object.entries(ROWS)) {
    const fitting = choices ?? (bounds === undefined ? [] : [bounds.least, bounds.most]);
    for (const value of fitting) {
      const others = { contentWeight: 1, styleStatistic: 'gram', strength: 0 };
      const config = parseTrainConfig({ ...(key === 'units' && others), [key]: value });
      assert.deepEqual(config[key as keyof TrainConfig], value, key);
    }
  }
});

test('values of settings with a check of their own', () => {
  const cases: Readonly<Record<string, readonly [good: readonly unknown[], bad: readonly unknown[]]>> = {
    architecture: [['c3s1-4,c3s1-3'], ['', 'spoons', 3, null, 'c3s1-4,c3s1-3,linear']],
    lossNetwork: [
      ['vgg16', './a.safetensors'],
      ['', 7, undefined],
    ],
    stabilityChanges: [
      [{ shift: 8 }, { zoom: 0.5, brightness: 0.01, noise: 64, shift: 64 }],
      [{}, { shift: 0 }, { shift: 65 }, { spin: 1 }, { noise: '3' }, [], 'noise', null, { constructor: 1 }],
    ],
    contentLayers: [
      [{ relu4_2: 1 }, { a: 0.1, b: 7 }],
      [{}, { relu4_2: 0 }, { a: -1 }, { a: '1' }, ['relu4_2'], 'relu4_2', null],
    ],
    styleLayers: [[{ relu1_1: 1e-3 }], [{}, { relu1_1: Number.NaN }, { a: Infinity }, 5]],
  };
  for (const [key, [good, bad]] of Object.entries(cases)) {
    for (const value of good)
      assert.deepEqual(parseTrainConfig({ [key]: value })[key as keyof TrainConfig], value, key);
    for (const value of bad)
      refuses(() => parseTrainConfig({ [key]: value }), /Expected .* received/, `${key}: ${String(value)}`);
  }
  refuses(() => parseTrainConfig({ steps: Number.NaN }), /for steps but received NaN/);
});

test('every value that a row names fits its own bounds', () => {
  for (const [name, { checked, ...row }] of Object.entries(ROWS))
    for (const value of [row.default, row.off, row.before])
      if (value !== undefined) assert.deepEqual(checked(value, name), value, name);
});

test('rows say what depends on a setting', () => {
  for (const name of ['architecture', 'lossNetwork', 'styleSize', 'seed'] as const)
    assert.ok(BOUND.includes(name), name);
  assert.ok(!BOUND.includes('steps') && !BOUND.includes('styleWeight'));
  for (const name of ['pooling', 'strength', 'contentWeight', 'contentLayers'] as const)
    assert.ok(DECIDING_STRENGTH.includes(name), name);
  assert.ok(!DECIDING_STRENGTH.includes('styleWeight') && !DECIDING_STRENGTH.includes('steps'));
  assert.equal(BEFORE.units, 'relative');
  assert.equal(BEFORE.stabilityFrom, 0, 'stability was weighed from the first step on');
  const { latticeWeight, averaging, decay } = LEFT_OUT;
  assert.deepEqual([latticeWeight, averaging, decay], [0, 0, 'none']);
});

test('defaults are a configuration, and fill what is not given', () => {
  assert.deepEqual(parseTrainConfig({}), DEFAULT_TRAIN_CONFIG);
  assert.deepEqual(parseTrainConfig({ batch: 2 }), { ...DEFAULT_TRAIN_CONFIG, batch: 2 });
  assert.deepEqual(parseTrainConfig({ ...DEFAULT_TRAIN_CONFIG }), DEFAULT_TRAIN_CONFIG);
});

test('an unknown setting is refused with the list of those there are', () => {
  for (const key of ['stepz', 'toString', '__proto__x', 'constructor'])
    refuses(() => parseTrainConfig({ [key]: 1 }), /the settings are architecture, lossNetwork/, key);
  refuses(() => parseTrainConfig({ stepz: 1 }), /received stepz; perhaps you mean steps; the settings are/);
  refuses(() => parseTrainConfig({ styelWeight: 1 }), /perhaps you mean styleWeight/);
  refuses(() => parseTrainConfig({ spoons: 1 }), /received spoons; the settings are/);
});

test('a run without content and style is refused', () => {
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

test('a resumed run keeps its own settings, and changes only those on which its state does not depend', () => {
  const own = parseTrainConfig({ steps: 10, seed: 3 });
  assert.deepEqual(resumedConfig(own, {}), own);
  assert.deepEqual(resumedConfig(own, { steps: 20, learningRate: 1e-4 }), {
    ...own,
    steps: 20,
    learningRate: 1e-4,
  });
  assert.deepEqual(resumedConfig(own, { seed: 3 }), own);
  refuses(() => resumedConfig(own, { seed: 4 }), /the run's own seed \(3\) with --resume but received 4/);
  for (const bound of BOUND)
    refuses(
      () => resumedConfig(own, { [bound]: 'another' }),
      /the run's own [-a-z]+ \(.*\) with --resume/,
      bound,
    );
  refuses(() => resumedConfig(own, { lossNetwork: 'vgg16' }), /the run's own loss-network/);
  refuses(() => resumedConfig(own, { steps: 0 }), /for steps/);
});
