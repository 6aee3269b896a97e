import assert from 'node:assert/strict';
import test from 'node:test';
import { luminanceOf, withLuminance } from '../../src/data/luminance.ts';
import { random } from '../../src/data/random.ts';
import {
  DEFAULT_OPTIMIZE_CONFIG,
  type OptimizeConfig,
  type OptimizeInputs,
} from '../../src/optimize/config.ts';
import { ADAM_SETTINGS, FIXED_STEP_SETTINGS, LBFGS_SETTINGS } from '../../src/optimize/minimizer-settings.ts';
import { optimizePixels } from '../../src/optimize/optimization.ts';
import type { OptimizeProgress, OptimizeResult } from '../../src/optimize/progress.ts';
import { contentReconstruction, copyByPixels, styleReconstruction } from '../../src/optimize/recipes.ts';
import { OPTIMIZE_SETTINGS } from '../../src/optimize/settings.ts';
import type { Picture } from '../../src/picture.ts';
import type { Setting } from '../../src/system/settings.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { outside } from '../helpers/outside-settings.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';
import { tinyLossNetwork } from '../helpers/tiny-loss-network.ts';

function drawn(width: number, height: number, seed: number): Picture {
  const next = random(seed);
  const phases = [next() * 6, next() * 6, next() * 6];
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return (
      128 + 70 * Math.sin(x / 3 + phases[i % 3]!) * Math.cos(y / 4 + phases[i % 3]!) + 50 * (next() - 0.5)
    );
  });
  return { pixels, width, height };
}

const inputs: OptimizeInputs = {
  lossNetwork: tinyLossNetwork(),
  content: drawn(40, 33, 1),
  styles: [{ picture: drawn(50, 70, 2) }],
};
const QUICK: OptimizeConfig = {
  ...DEFAULT_OPTIMIZE_CONFIG,
  contentLayers: { relu2_2: 1 },
  styleLayers: { relu1_1: 1, relu2_1: 1 },
  scales: [{ scale: 1, share: 1 }],
  iterations: 12,
};

async function run(
  config: OptimizeConfig,
  given: OptimizeInputs = inputs,
  each?: (progress: OptimizeProgress) => void,
) {
  const steps: OptimizeProgress[] = [];
  const running = optimizePixels(config, given);
  for (;;) {
    const { done, value } = await running.next();
    if (done === true) return { steps, result: value as OptimizeResult };
    const progress = value as OptimizeProgress;
    steps.push(progress);
    each?.(progress);
  }
}

test('it yields the start and every iteration, lowers the total and frees everything', async () => {
  const { steps, result } = await expectNoLeak(() => run(QUICK));
  assert.deepEqual(
    steps.map(({ iteration }) => iteration),
    Array.from({ length: 13 }, (_, i) => i),
  );
  assert.ok(result.total < 0.5 * steps[0]!.total);
  assert.ok(steps.every(({ best, total }) => best <= total));
  assert.equal(result.stopped, 'iterations');
  assert.equal(result.message, 'all iterations are done');
  assert.equal(result.evaluations, steps.at(-1)!.evaluations);
  assert.deepEqual(
    [result.picture.width, result.picture.height, result.picture.pixels.length],
    [40, 33, 40 * 33 * 3],
  );
});

test('leaving early frees everything too', async () => {
  await expectNoLeak(async () => {
    for await (const { iteration } of optimizePixels(QUICK, inputs)) if (iteration === 2) break;
  });
});

test('no iterations give the start back', async () => {
  const { result } = await run({ ...QUICK, iterations: 0 });
  assert.deepEqual(result.picture.pixels, inputs.content.pixels);
});

test('the same seed gives the same picture', async () => {
  const noise: OptimizeConfig = { ...QUICK, start: { kind: 'uniform' }, iterations: 4 };
  const [a, b, c] = [await run(noise), await run(noise), await run({ ...noise, seed: 2 })];
  assert.deepEqual(a.result.picture, b.result.picture);
  assert.notDeepEqual(a.result.picture, c.result.picture);
});

const ADAM = { kind: 'adam', decay: 'exponential', decayRate: 0.5, decaySteps: 20, epsilon: 1e-12 } as const;

test('Adam works as well', async () => {
  const optimizer = { ...ADAM, learningRate: 4 };
  const { steps, result } = await expectNoLeak(() => run({ ...QUICK, optimizer, iterations: 30 }));
  assert.ok(result.total < 0.8 * steps[0]!.total);
});

test('the average of the iterates is the result with --average', async () => {
  const optimizer = { ...ADAM, learningRate: 1 };
  const seen: Uint8Array[] = [];
  const averaged = { ...QUICK, optimizer, iterations: 10, averaging: 0.999 };
  const { result } = await expectNoLeak(() => run(averaged));
  await run({ ...averaged, averaging: 0 }, inputs, (progress) => seen.push(progress.picture().pixels));
  // So few iterates are averaged plainly.
  const mean = Array.from(seen[0]!, (_, i) => seen.reduce((sum, p) => sum + p[i]!, 0) / seen.length);
  expectTensorClose(result.picture.pixels, mean, { absolute: 1.01 });
  assert.match(result.notes.join(), /the best of them/);
});

test('coarse to fine: sizes rise, iterations are shared out, the state carries over', async () => {
  const scales = [
    { scale: 0.5, share: 1 },
    { scale: 0.75, share: 1 },
    { scale: 1, share: 2 },
  ];
  for (const optimizer of [
    QUICK.optimizer,
    {
      kind: 'adam',
      learningRate: 3,
      decay: 'constant',
      decayRate: 1,
      decaySteps: 1,
      epsilon: 1e-12,
    } as const,
  ]) {
    const { steps, result } = await expectNoLeak(() => run({ ...QUICK, scales, optimizer, iterations: 16 }));
    const sizes = [...new Set(steps.map(({ scale }) => `${scale.index} ${scale.width}×${scale.height}`))];
    assert.deepEqual(sizes, ['0 20×17', '1 30×25', '2 40×33']);
    assert.equal(steps.filter(({ scale }) => scale.index === 0).length, 5);
    assert.equal(result.iterations, 16);
    assert.equal(result.picture.width, 40);
  }
});

test('an interruption between iterations gives the best picture so far', async () => {
  const control = new AbortController();
  const { result } = await run(
    { ...QUICK, iterations: 1000 },
    { ...inputs, signal: control.signal },
    ({ iteration }) => {
      // From the event loop, as a signal comes.
      if (iteration === 3) setTimeout(() => control.abort(), 0);
    },
  );
  assert.equal(result.stopped, 'aborted');
  assert.ok(result.iterations >= 3 && result.iterations < 1000);
});

test('limits of time, evaluations, change and gradient stop it and are named', async () => {
  const endless = { ...QUICK, iterations: 100_000 };
  assert.equal((await run({ ...endless, timeLimit: 0.2 })).result.stopped, 'time');
  const { result } = await run({ ...endless, evaluationLimit: 9 });
  assert.equal(result.stopped, 'evaluations');
  assert.ok(result.evaluations >= 9 && result.evaluations < 14);
  assert.equal((await run({ ...endless, tolerance: 0.01 })).result.stopped, 'tolerance');
  assert.equal((await run({ ...endless, gradientTolerance: 0.3 })).result.stopped, 'gradient');
});

test('clamped pixels stay in range; free ones are clipped at the end', async () => {
  const bright: Picture = {
    ...inputs.content,
    pixels: new Uint8Array(inputs.content.pixels.length).fill(255),
  };
  for (const clamp of [true, false]) {
    const { result } = await run({ ...QUICK, clamp, iterations: 5 }, { ...inputs, content: bright });
    assert.ok(result.picture.pixels.some((value) => value !== 255) && Number.isFinite(result.total));
  }
});

test('luminance alone changes: chroma stays the photo’s', async () => {
  const { result } = await expectNoLeak(() => run({ ...QUICK, keepColors: 'luminance' }));
  const back = withLuminance(inputs.content.pixels, luminanceOf(result.picture.pixels));
  // Where nothing was clipped at black or white.
  back.forEach((value, i) => {
    const pixel = result.picture.pixels.subarray(3 * Math.floor(i / 3), 3 * Math.floor(i / 3) + 3);
    if (pixel.every((x) => x > 0 && x < 255)) assert.ok(Math.abs(value - result.picture.pixels[i]!) <= 1.1);
  });
  assert.notDeepEqual(result.picture.pixels, inputs.content.pixels);
});

test("with the photo's colours in the painting, the result's colours come nearer to the photo's", async () => {
  const tinted: Picture = {
    ...inputs.styles[0]!.picture,
    pixels: inputs.styles[0]!.picture.pixels.map((value, i) => (i % 3 === 0 ? value : value / 4)),
  };
  const strong = { ...QUICK, styleWeight: 50, iterations: 25 };
  const means = async (keepColors: 'off' | 'histogram') => {
    const { result } = await run({ ...strong, keepColors }, { ...inputs, styles: [{ picture: tinted }] });
    return channelMeans(result.picture.pixels);
  };
  const away = (values: readonly number[]) =>
    channelMeans(inputs.content.pixels).reduce((sum, mean, c) => sum + Math.abs(mean - values[c]!), 0);
  assert.ok(away(await means('histogram')) < 0.5 * away(await means('off')));
});

function channelMeans(pixels: Uint8Array): number[] {
  return [0, 1, 2].map(
    (c) => pixels.reduce((sum, x, i) => (i % 3 === c ? sum + x : sum), 0) / (pixels.length / 3),
  );
}

test('masks of any size restrict content and paintings', async () => {
  const half = (width: number, height: number, left: boolean): Picture => ({
    width,
    height,
    pixels: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      return Math.floor(i / 3) % width < width / 2 === left ? 255 : 0;
    }),
  });
  const styles = [
    { picture: drawn(50, 70, 2), region: half(80, 60, true), source: half(25, 35, false) },
    { picture: drawn(40, 30, 3), region: half(10, 10, false) },
  ];
  const { result, steps } = await expectNoLeak(() =>
    run(QUICK, { ...inputs, styles, contentRegion: half(7, 9, true) }),
  );
  assert.ok(result.total < steps[0]!.total);
  const black = { ...half(8, 8, true), pixels: new Uint8Array(192) };
  await assert.rejects(
    run(QUICK, { ...inputs, styles: [{ picture: drawn(20, 20, 1), region: black }] }),
    /mask with something white/,
  );
});

test('warm-ups: a copy by pixels, from features, and of style alone', async () => {
  const few = { iterations: 60, seed: 4 };
  const copy = await run({ ...copyByPixels(), ...few });
  expectTensorClose(copy.result.picture.pixels, inputs.content.pixels, { absolute: 2 });
  const apart = ({ pixels }: Picture) =>
    pixels.reduce((sum, x, i) => sum + Math.abs(x - inputs.content.pixels[i]!), 0);
  const shallow = await run({ ...contentReconstruction('conv1_1'), ...few });
  const deep = await run({ ...contentReconstruction('conv4_2'), ...few });
  assert.ok(apart(shallow.result.picture) < apart(deep.result.picture));
  const style = await run({ ...styleReconstruction(['conv1_1', 'conv1_2']), ...few });
  assert.ok(style.result.terms.style < 0.01 * style.steps[0]!.terms.style);
  assert.equal(style.result.terms.content, 0);
});

test('invalid settings are refused in one line', async () => {
  const refused = async (change: Partial<OptimizeConfig>, message: RegExp, given = inputs) => {
    await expectNoLeak(() => assert.rejects(run({ ...QUICK, ...change }, given), message));
  };
  await refused({ contentLayers: { relu9_1: 1 } }, /a layer of vgg19 but received relu9_1/);
  await refused({ contentWeight: -1 }, /a number from 0 to .* for contentWeight but received -1/);
  await refused({ contentWeight: 0, styleWeight: 0, tvWeight: 0 }, /a weight above 0/);
  await refused({ units: 'gatys' }, /moments have the units relative only/);
  await refused({ styleLayers: { relu1_1: 0 } }, /a style layer with a weight above 0/);
  for (const scales of [[], [{ scale: 0.5, share: 1 }], [{ scale: 1 }], [null], [1]])
    await refused({ scales: scales as never }, /scales that ascend to 1/);
  await refused({}, /a style picture but received none/, { ...inputs, styles: [] });
  await refused({ start: { kind: 'given' } }, /a picture for the start/);
  await refused({ contentLayers: { relu5_1: 1 } }, /large enough/, { ...inputs, content: drawn(8, 8, 1) });
  await refused({ iteration: 3 } as object, /received iteration; perhaps you mean iterations/);
  for (const [name, row] of Object.entries(OPTIMIZE_SETTINGS) as [string, Setting<unknown>][])
    for (const value of [...outside(row), undefined])
      await refused({ [name]: value }, new RegExp(`\\b${name}\\b`));
  const minimizers = { adam: ADAM_SETTINGS, lbfgs: { ...LBFGS_SETTINGS, ...FIXED_STEP_SETTINGS } };
  for (const [kind, table] of Object.entries(minimizers))
    for (const [name, row] of Object.entries(table) as [string, Setting<unknown>][])
      for (const value of outside(row))
        await refused({ optimizer: { kind, [name]: value } as never }, new RegExp(`\\b${name}\\b`));
});
