import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import * as tf from '../../src/engine/tensorflow.ts';
import { availableStyles, findStyle } from '../../src/infer/find-style.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { transformNet } from '../../src/networks/transform-net.ts';
import { CheckpointError, ImageError } from '../../src/system/errors.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

test('a picture comes out exactly as large as it went in, odd sizes too', async (t) => {
  const path = await writeTinyCheckpoint(join(await temporaryFolder(t), 'tiny.safetensors'));
  await expectNoLeak(async () => {
    const stylizer = await StyleNetwork.load(path);
    assert.equal(stylizer.checkpoint.name, 'tiny');
    // Compiled at first use.
    stylizer.stylize(drawnPicture(16, 16));
    await expectNoLeak(() => {
      for (const [width, height] of [
        [16, 16],
        [17, 16],
        [33, 50],
        [64, 31],
      ] as const) {
        const painted = stylizer.stylize(drawnPicture(width, height));
        assert.deepEqual([painted.width, painted.height], [width, height]);
        assert.equal(painted.pixels.length, width * height * 3);
        assert.ok(painted.pixels instanceof Uint8Array);
        assert.ok(new Set(painted.pixels).size > 10, 'not a flat picture');
      }
    });
    stylizer.dispose();
  });
});

test('a deep network, which needs larger pictures, paints those', async (t) => {
  const deep = `c3s1-3,${'d3,'.repeat(6)}${'u3,'.repeat(6)}c3s1-3`;
  const path = await writeTinyCheckpoint(join(await temporaryFolder(t), 'deep.safetensors'), deep);
  const stylizer = await StyleNetwork.load(path);
  const { width, height } = stylizer.stylize(drawnPicture(140, 131));
  assert.deepEqual([width, height], [140, 131]);
  assert.throws(() => stylizer.stylize(drawnPicture(140, 127)), /at least 128×128 pixels/);
  stylizer.dispose();
});

test('compiled once it paints every size as op by op', async (t) => {
  const path = await writeTinyCheckpoint(join(await temporaryFolder(t), 'tiny.safetensors'));
  const [eager, compiled] = await Promise.all([
    StyleNetwork.load(path, { engine: 'eager' }),
    StyleNetwork.load(path),
  ]);
  for (const [width, height] of [
    [16, 16],
    [33, 50],
    [64, 31],
    [33, 50],
  ] as const) {
    const picture = drawnPicture(width, height);
    const wanted = eager.stylize(picture).pixels;
    const differences = compiled.stylize(picture).pixels.map((pixel, i) => Math.abs(pixel - wanted[i]!));
    assert.ok(Math.max(...differences) <= 1, `${width}×${height}: rounding may differ by one level`);
  }
  for (const stylizer of [eager, compiled]) stylizer.dispose();
});

test('pixels are those of the transform net, rounded to the nearest', async (t) => {
  const path = await writeTinyCheckpoint(join(await temporaryFolder(t), 'tiny.safetensors'));
  const stylizer = await StyleNetwork.load(path);
  const picture = drawnPicture(20, 18);
  const painted = stylizer.stylize(picture);
  tf.tidy(() => {
    const { layers, parameters } = stylizer.checkpoint as typeof stylizer.checkpoint & {
      parameters: { name: string; shape: number[]; values: Float32Array }[];
    };
    const byName = Object.fromEntries(
      parameters.map(({ name, shape, values }) => [name, tf.tensor(values, shape)]),
    );
    const image = tf.tensor4d(Float32Array.from(picture.pixels), [1, 18, 20, 3]);
    const wanted = transformNet(layers, byName, image).dataSync();
    painted.pixels.forEach((pixel, i) => {
      assert.ok(Math.abs(pixel - wanted[i]!) <= 0.5 + 1e-3, `pixel ${i}`);
    });
  });
  assert.deepEqual(stylizer.stylize(picture), painted, 'the same photo, the same picture');
  stylizer.dispose();
});

test('a picture too small for the network is refused with one line', async (t) => {
  const folder = await temporaryFolder(t);
  const stylizer = await StyleNetwork.load(await writeTinyCheckpoint(join(folder, 'tiny.safetensors')));
  await expectNoLeak(() => {
    for (const [width, height] of [
      [15, 100],
      [100, 15],
      [1, 1],
    ] as const) {
      assert.throws(
        () => stylizer.stylize(drawnPicture(width, height)),
        (error) =>
          error instanceof ImageError &&
          error.message.includes('at least 16×16 pixels') &&
          error.message.includes(`received ${width}×${height}`),
      );
    }
  });
  stylizer.dispose();
  // Five times halved, 16 pixels are not one.
  const deep = 'c3s1-3,d3,d3,d3,d3,d3,u3,u3,u3,u3,u3,c3s1-3';
  const deeper = await StyleNetwork.load(await writeTinyCheckpoint(join(folder, 'deep.safetensors'), deep));
  assert.throws(() => deeper.stylize(drawnPicture(16, 16)), ImageError);
  assert.equal(deeper.stylize(drawnPicture(64, 64)).width, 64);
  deeper.dispose();
});

test('a style is found by name in the folders in order, or by its file', async (t) => {
  const folder = await temporaryFolder(t);
  const [mine, shipped] = [join(folder, 'mine'), join(folder, 'shipped')];
  await mkdir(mine);
  await mkdir(shipped);
  for (const file of [
    'mine/wave.safetensors',
    'shipped/wave.safetensors',
    'shipped/night.safetensors',
    'mine/notes.txt',
  ])
    await writeFile(join(folder, file), '');
  const folders = [mine, join(folder, 'none'), shipped];
  assert.deepEqual(
    [...(await availableStyles(folders))],
    [
      ['wave', join(mine, 'wave.safetensors')],
      ['night', join(shipped, 'night.safetensors')],
    ],
  );
  assert.equal(await findStyle('wave', folders), join(mine, 'wave.safetensors'));
  assert.equal(await findStyle('night', folders), join(shipped, 'night.safetensors'));
  const file = join(shipped, 'wave.safetensors');
  assert.equal(await findStyle(file, folders), file);
  await assert.rejects(findStyle('day', folders), (error) => {
    return (
      error instanceof CheckpointError && /received day; available styles: wave, night\.$/.test(error.message)
    );
  });
  await assert.rejects(findStyle(join(folder, 'gone.safetensors'), folders), /available styles: wave, night/);
  await assert.rejects(
    findStyle('wave', [join(folder, 'none')]),
    /none yet: train one with npx --no-install fast-style train/,
  );
});

test('samples of 8 bits go and come as bytes, those of 16 as floats: the same picture', async (t) => {
  const path = await writeTinyCheckpoint(join(await temporaryFolder(t), 'tiny.safetensors'));
  for (const engine of ['compiled', 'eager'] as const) {
    const stylizer = await StyleNetwork.load(path, { engine });
    for (const [width, height] of [
      [33, 50],
      [16, 17],
    ] as const) {
      const picture = drawnPicture(width, height);
      const deep = { ...picture, pixels: Uint16Array.from(picture.pixels, (value) => 257 * value) };
      const painted = stylizer.stylize(picture);
      assert.deepEqual(stylizer.stylize(deep, 8), painted);
      const { pixels } = stylizer.stylize(picture, 16);
      const farthest = Math.max(...pixels.map((value, i) => Math.abs(value - 257 * painted.pixels[i]!)));
      assert.ok(pixels instanceof Uint16Array && farthest <= 129, `${farthest} of 65535 from the bytes`);
    }
    stylizer.dispose();
  }
});

test('weights too large for the arithmetic are refused, whatever the samples', async (t) => {
  const path = await writeTinyCheckpoint(join(await temporaryFolder(t), 'tiny.safetensors'));
  const { parameters, ...rest } = await loadCheckpoint(path);
  const huge = parameters.map(({ values, ...spec }) => ({ ...spec, values: values.map(() => 1e30) }));
  await expectNoLeak(() => {
    const stylizer = new StyleNetwork({ ...rest, parameters: huge });
    for (const bits of [8, 16] as const)
      assert.throws(() => stylizer.stylize(drawnPicture(20, 20), bits), CheckpointError);
    stylizer.dispose();
  });
});
