import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { nameOfBlend, parseBlend } from '../../src/infer/blend.ts';
import { openStyle, resolveStyle } from '../../src/infer/open-style.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import { loadCheckpoint, readCheckpoint } from '../../src/networks/checkpoint.ts';
import { parametersOfStyle } from '../../src/networks/conditional-parameters.ts';
import { CheckpointError, ConfigError } from '../../src/system/errors.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint, writeTinyStyles } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

test('a mixture is read with shares that sum to 1', () => {
  assert.deepEqual(parseBlend('wave:1, scream:3'), [
    { style: 'wave', share: 0.25 },
    { style: 'scream', share: 0.75 },
  ]);
  assert.deepEqual(parseBlend('a,b:0,c'), [
    { style: 'a', share: 0.5 },
    { style: 'b', share: 0 },
    { style: 'c', share: 0.5 },
  ]);
  assert.equal(nameOfBlend(parseBlend('a:2,b:1')), 'a-0.667-b-0.333');
  for (const bad of ['', ':1', 'a:', 'a:x', 'a:-1,b:2', 'a:0', 'a:NaN', 'a:Infinity', 'a,', 'a:1,a:2'])
    assert.throws(() => parseBlend(bad), ConfigError, bad);
});

test('a style of several is addressed by file and name, and paints as it would alone', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await writeTinyStyles(join(folder, 'pair.safetensors'), ['wave', 'scream']);
  const whole = await readCheckpoint(path);
  assert.deepEqual(
    whole.styles!.map(({ name }) => name),
    ['wave', 'scream'],
  );
  const { checkpoint, label } = await openStyle(`${path}:scream`);
  assert.equal(label, 'pair-scream');
  assert.equal(checkpoint.name, 'scream');
  assert.deepEqual(checkpoint.style, { file: 'scream.png' });
  assert.equal(checkpoint.training.styleWeight, 2, 'its own weight');
  assert.deepEqual(checkpoint.parameters, parametersOfStyle(whole.parameters, 1));

  const single = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  const cases = [
    [
      () => openStyle(path),
      /one of the 2 styles in .*pair\.safetensors \(wave, scream\) .*pair\.safetensors:wave/,
    ],
    [() => openStyle(`${path}:iris`), /one of the styles in .* received iris; it holds wave, scream/],
    [() => openStyle(`${single}:iris`), /the one style in .*tiny\.safetensors \(tiny\)/],
    [() => openStyle(single, 'a,b'), /a file of several styles for --blend/],
    [() => openStyle(`${path}:wave`, 'wave,scream'), /no style before --blend/],
    [() => openStyle(path, 'wave,iris'), /received iris/],
    [() => openStyle('spoons:wave'), /received spoons; available styles/],
    [() => loadCheckpoint(path), /a file of one style in .* received one of 2: wave, scream/],
  ] as const;
  for (const [opening, message] of cases)
    await assert.rejects(
      opening(),
      (error) => error instanceof CheckpointError && message.test(error.message),
      String(message),
    );
});

test('a mixture paints between its styles, and one share alone is that style', async (t) => {
  const path = await writeTinyStyles(join(await temporaryFolder(t), 'pair.safetensors'), ['a', 'b']);
  const photo = drawnPicture(24, 20);
  const paint = async (reference: string, blend?: string) => {
    const { checkpoint } = await openStyle(reference, blend);
    const stylizer = new StyleNetwork(checkpoint);
    const { pixels } = stylizer.stylize(photo);
    stylizer.dispose();
    return Buffer.from(pixels);
  };
  await expectNoLeak(async () => {
    const [a, b, half] = [await paint(`${path}:a`), await paint(`${path}:b`), await paint(path, 'a,b')];
    assert.ok(!a.equals(b) && !half.equals(a) && !half.equals(b));
    assert.ok((await paint(path, 'a:3,b:0')).equals(a));
  });
});

test("a drive's colon and one in a file's name are no style's", async (t) => {
  const folder = await temporaryFolder(t);
  const odd = await writeTinyCheckpoint(join(folder, 'a:b.safetensors'));
  assert.deepEqual(await resolveStyle(odd), { path: odd });
  const [pair] = [await writeTinyStyles(join(folder, 'pair.safetensors'), ['a', 'b'])];
  assert.deepEqual(await resolveStyle('pair:b', [folder]), { path: pair, style: 'b' });
  assert.deepEqual(await resolveStyle('a:b', [folder]), { path: odd });
  await assert.rejects(resolveStyle('C:\\x\\none.safetensors'), /received C:\\x\\none\.safetensors;/);
});
