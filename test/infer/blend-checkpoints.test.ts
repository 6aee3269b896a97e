import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { blendCheckpoints, parseBlend, partsOfBlend } from '../../src/infer/blend.ts';
import { openStyle } from '../../src/infer/open-style.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { CheckpointError, ConfigError } from '../../src/system/errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';
import { tinyParameters, writeTinyCheckpoint, writeTinyStyles } from '../helpers/tiny-checkpoint.ts';

test('weights of separate files are interpolated by their shares', async (t) => {
  const folder = await temporaryFolder(t);
  const one = await loadCheckpoint(await writeTinyCheckpoint(join(folder, 'one.safetensors')));
  const two = { ...one, parameters: tinyParameters(one.architecture, 2) };
  const mixed = blendCheckpoints(parseBlend('one:3,two:1'), [one, two]);
  assert.equal(mixed.name, 'one-0.75-two-0.25');
  for (const [i, { values }] of mixed.parameters.entries()) {
    const [a, b] = [one.parameters[i]!.values, two.parameters[i]!.values];
    for (const [k, value] of values.entries())
      assert.ok(Math.abs(value - (0.75 * a[k]! + 0.25 * b[k]!)) < 1e-6);
  }
  const other = await loadCheckpoint(
    await writeTinyCheckpoint(join(folder, 'other.safetensors'), 'c3s1-4,d6,R6,u4,c3s1-3'),
  );
  assert.throws(
    () => blendCheckpoints(parseBlend('one,other'), [one, other]),
    (error) =>
      error instanceof CheckpointError && /one architecture for --blend \(one has/.test(error.message),
  );
});

test('styles and mixtures have names; files are mixed by path, and styles of one file by name', async (t) => {
  const folder = await temporaryFolder(t);
  await assert.rejects(openStyle(undefined), ConfigError);
  const path = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  await assert.rejects(openStyle(undefined, `${path}:2,great-wave:2`), CheckpointError);
  const { checkpoint, label } = await openStyle(undefined, path);
  assert.equal(label, 'tiny-1');
  assert.deepEqual(checkpoint.parameters, (await loadCheckpoint(path)).parameters);
  const pair = await writeTinyStyles(join(folder, 'pair.safetensors'), ['a', 'b']);
  const across = await openStyle(undefined, `${pair}:a:1,${pair}:b:3`);
  const within = await openStyle(pair, 'a:1,b:3');
  assert.equal(across.label, 'pair-a-0.25-pair-b-0.75');
  across.checkpoint.parameters.forEach(({ values }, i) => {
    expectTensorClose([...values], [...within.checkpoint.parameters[i]!.values]);
  });
});

test('a mixture is taken apart at weights and times, whatever names hold', () => {
  assert.deepEqual(partsOfBlend('wave:0.7,x/trio.safetensors:scream:.3,ink'), [
    ['wave', ':0.7'],
    ['x/trio.safetensors:scream', ':.3'],
    ['ink', ''],
  ]);
  assert.deepEqual(partsOfBlend('wave@0s, scream@1:30'), [
    ['wave', '@0s'],
    ['scream', '@1:30'],
  ]);
});
