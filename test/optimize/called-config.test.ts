import assert from 'node:assert/strict';
import test from 'node:test';
import { DEFAULT_OPTIMIZE_CONFIG } from '../../src/optimize/config.ts';
import { RECIPES } from '../../src/optimize/recipes.ts';
import type { OptimizeCall } from '../../src/optimize/run/call.ts';
import { optimizeConfigOf, recipeNameOf } from '../../src/optimize/run/called-config.ts';
import {
  parseDecay,
  parseScales,
  parseStart,
  parseTv,
  parseWeightedPath,
} from '../../src/optimize/run/values.ts';

test('with no option a recipe is exactly itself', () => {
  assert.deepEqual(optimizeConfigOf({}), DEFAULT_OPTIMIZE_CONFIG);
  for (const recipe of ['default', 'pytorch', 'slim', 'coursera', 'keras'] as const)
    assert.deepEqual(optimizeConfigOf({ recipe }), RECIPES[recipe].config, recipe);
});

test('every option changes its own setting and nothing else', () => {
  const base = optimizeConfigOf({});
  const changes: readonly (readonly [OptimizeCall, Readonly<Record<string, unknown>>])[] = [
    [{ contentWeight: 3 }, { contentWeight: 3 }],
    [{ styleWeight: 0.5 }, { styleWeight: 0.5 }],
    [{ contentLayers: 'relu2_2' }, { contentLayers: { relu2_2: 1 } }],
    [{ styleLayers: 'relu1_1=0.5, relu2_1:2' }, { styleLayers: { relu1_1: 0.5, relu2_1: 2 } }],
    [{ tv: '0.2:power' }, { tvWeight: 0.2, tvForm: 'power' }],
    [{ pooling: 'average' }, { pooling: 'average' }],
    [{ statistic: 'gram' }, { statistic: 'gram' }],
    [{ styleScale: 2 }, { styleScale: 2 }],
    [{ styleFit: 'stretch' }, { styleFit: 'stretch' }],
    [{ colors: 'photo-luminance' }, { keepColors: 'luminance' }],
    [{ colors: 'histogram' }, { keepColors: 'histogram' }],
    [{ start: 'noise' }, { start: { kind: 'uniform' } }],
    [{ seed: 7 }, { seed: 7 }],
    [{ iterations: 11 }, { iterations: 11 }],
    [{ tolerance: 1e-4 }, { tolerance: 1e-4 }],
    [{ timeLimit: 60 }, { timeLimit: 60 }],
    [{ average: 0.9 }, { averaging: 0.9 }],
    [{ clamp: true }, { clamp: true }],
    [{ clamp: false }, { clamp: false }],
    [{ free: true }, { clamp: false }],
    [
      { scales: '0.5:3,1' },
      {
        scales: [
          { scale: 0.5, share: 3 },
          { scale: 1, share: 1 },
        ],
      },
    ],
  ];
  for (const [given, changed] of changes)
    assert.deepEqual(optimizeConfigOf(given), { ...base, ...changed }, JSON.stringify(given));
});

test('units bring the layers and weights that were published with them, unless others are given', () => {
  const gatys = optimizeConfigOf({ units: 'gatys' });
  assert.deepEqual(
    [gatys.units, gatys.statistic, gatys.contentWeight, gatys.styleWeight, gatys.tvWeight],
    ['gatys', 'gram', 1, 1000, 0],
  );
  assert.equal(optimizeConfigOf({ units: 'gatys', styleWeight: 5 }).styleWeight, 5);
  const keras = optimizeConfigOf({ units: 'keras' });
  assert.deepEqual(keras.styleLayers, RECIPES.keras.config.styleLayers);
  assert.equal(keras.start.kind, DEFAULT_OPTIMIZE_CONFIG.start.kind, 'only the losses');
  assert.equal(optimizeConfigOf({ recipe: 'slim', units: 'slim', tv: '2' }).tvWeight, 2);
});

test("the minimiser: Adam's options go with Adam", () => {
  const adam = optimizeConfigOf({ method: 'adam', lr: 3, decay: 'exponential:0.9:50' }).optimizer;
  assert.equal(adam.kind, 'adam');
  assert.ok(adam.kind === 'adam');
  assert.deepEqual(
    [adam.learningRate, adam.decay, adam.decayRate, adam.decaySteps],
    [3, 'exponential', 0.9, 50],
  );
  assert.ok(adam.epsilon < 1e-10, 'relative losses have small gradients');
  const slim = optimizeConfigOf({ recipe: 'slim', lr: 4 }).optimizer;
  assert.deepEqual(slim, { ...RECIPES.slim.config.optimizer, learningRate: 4 });
  assert.equal(optimizeConfigOf({ recipe: 'slim', method: 'lbfgs' }).optimizer.kind, 'lbfgs');
  assert.throws(() => optimizeConfigOf({ lr: 3 }), /--lr with --method adam but received L-BFGS/);
  assert.throws(() => optimizeConfigOf({ decay: 'constant' }), /--decay with --method adam/);
});

test("L-BFGS's steps: searched or fixed, in the units of the loss", () => {
  const fixed = optimizeConfigOf({ lineSearch: 'none' }).optimizer;
  assert.deepEqual(fixed, {
    kind: 'lbfgs',
    lineSearch: 'none',
    history: 100,
    restartEvery: 0,
    lossScale: 1e6,
  });
  assert.deepEqual(optimizeConfigOf({ recipe: 'pytorch', lineSearch: 'none' }), RECIPES.pytorch.config);
  const searched = optimizeConfigOf({ recipe: 'pytorch', lineSearch: 'strong-wolfe' }).optimizer;
  assert.deepEqual(searched, { kind: 'lbfgs', lineSearch: 'strong-wolfe', history: 100, restartEvery: 0 });
  const rounds = optimizeConfigOf({ recipe: 'keras', lineSearch: 'none' }).optimizer;
  assert.ok(rounds.kind === 'lbfgs' && rounds.restartEvery === 20);
  assert.throws(
    () => optimizeConfigOf({ method: 'adam', lineSearch: 'none' }),
    /--line-search with --method lbfgs but received Adam/,
  );
});

test('warm-ups isolate one part of the method', () => {
  const copy = optimizeConfigOf({ warmUp: 'copy' });
  assert.deepEqual([copy.pixelWeight, copy.contentWeight, copy.styleWeight], [1, 0, 0]);
  const content = optimizeConfigOf({ warmUp: 'content:relu4_2' });
  assert.deepEqual([content.contentLayers, content.styleWeight], [{ relu4_2: 1 }, 0]);
  const all = Object.keys(RECIPES.pytorch.config.styleLayers);
  const layersOf = (warmUp: string) => Object.keys(optimizeConfigOf({ warmUp }).styleLayers);
  assert.deepEqual(layersOf('style'), all);
  assert.deepEqual(layersOf('style:2'), all.slice(0, 2));
  assert.deepEqual(layersOf('style:relu1_1,relu3_1'), ['relu1_1', 'relu3_1']);
  assert.equal(optimizeConfigOf({ warmUp: 'style', seed: 4 }).seed, 4);
  assert.equal(recipeNameOf({ warmUp: 'copy' }), 'pytorch');
  for (const warmUp of ['', 'copy:x', 'content', 'tv']) {
    assert.throws(() => optimizeConfigOf({ warmUp }), /for --warm-up/, warmUp);
  }
});

test('texts of options are read whole or refused', () => {
  assert.deepEqual(parseStart('content'), { start: { kind: 'content' } });
  assert.deepEqual(parseStart('blend:0.25'), { start: { kind: 'blend', share: 0.25 } });
  assert.deepEqual(parseStart('normal'), { start: { kind: 'normal', mean: 'content', deviation: 64 } });
  assert.deepEqual(parseStart('network:great-wave'), { start: { kind: 'given' }, network: 'great-wave' });
  assert.deepEqual(parseStart('a/b.png'), { start: { kind: 'given' }, file: 'a/b.png' });
  for (const start of ['contnt', 'noise:3', 'blend:2', 'normal:x', 'network:'])
    assert.throws(() => parseStart(start), /--start/, start);
  assert.deepEqual(
    parseScales('3').map(({ scale }) => scale),
    [0.25, 0.5, 1],
  );
  for (const scales of ['', '0,1', '0.5:x,1', '2,1'])
    assert.throws(() => parseScales(scales), /--scales/, scales);
  assert.deepEqual(parseDecay('staircase:0.5:10'), { decay: 'staircase', decayRate: 0.5, decaySteps: 10 });
  for (const decay of ['cosine', 'exponential:2', 'exponential:0.9:0', 'staircase:0.9:1:1'])
    assert.throws(() => parseDecay(decay), /--decay/, decay);
  assert.deepEqual(parseTv('5e-5'), { tvWeight: 5e-5, tvForm: 'squared' });
  for (const tv of ['', 'x', '-1', '1:cubed']) assert.throws(() => parseTv(tv), /--tv/, tv);
  assert.deepEqual(parseWeightedPath('wave.jpg:0.7'), { path: 'wave.jpg', weight: 0.7 });
  assert.deepEqual(parseWeightedPath('C:\\wave.jpg'), { path: 'C:\\wave.jpg', weight: 1 });
  assert.deepEqual(parseWeightedPath('wave.jpg'), { path: 'wave.jpg', weight: 1 });
  assert.deepEqual(optimizeConfigOf({ contentLayers: 'a,b:0.5,c:0' }).contentLayers, { a: 1, b: 0.5, c: 0 });
  for (const styleLayers of ['', 'a=', 'a=x', 'a:-1', 'a,a'])
    assert.throws(() => optimizeConfigOf({ styleLayers }), /for --style-layers|once in --style-layers/);
});

test('numbers out of bounds and contradictions are refused', () => {
  const cases: readonly (readonly [OptimizeCall, RegExp])[] = [
    [{ iterations: 1.5 }, /whole number from 0 to .* for --iterations but received 1\.5/],
    [{ styleWeight: -1 }, /--style-weight/],
    [{ average: 1 }, /--average/],
    [{ seed: Number.NaN }, /--seed/],
    [{ clamp: true, free: true }, /--clamp or --free/],
  ];
  for (const [given, message] of cases) assert.throws(() => optimizeConfigOf(given), message);
});
