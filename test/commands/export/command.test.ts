import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { callCommand } from '../../helpers/call-command.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';

const refused = async (args: readonly string[], message: RegExp) => {
  const { code, stderr } = await callCommand(['export', ...args]);
  assert.notEqual(code, 0);
  assert.match(stderr, message);
};

test('styles become files, checked in ONNX Runtime, in a folder or under a name', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  const out = join(folder, 'out');
  const { code, stdout, stderr } = await callCommand(['export', style, 'wave-film', '--out', out, '--check']);
  assert.equal(code, 0, stderr);
  assert.deepEqual(readdirSync(out).sort(), ['tiny.onnx', 'wave-film.onnx']);
  assert.equal(stdout.trim().split('\n').length, 2);
  // Two samples and an odd size, each.
  assert.equal(stderr.match(/differs by at most [01] of 255/g)?.length, 6, stderr);

  const file = join(folder, 'phone.onnx');
  const more = ['--layout', 'nchw', '--size', '64x48', '--weights', 'float16', '--amount-input'];
  const second = await callCommand(['export', style, '--out', file, ...more, '--check']);
  assert.equal(second.code, 0, second.stderr);
  assert.ok(existsSync(file));
  await refused([style, '--out', file], /exists already/);
  const mixed = await callCommand(['export', '--blend', `${style}:1`, '--out', join(folder, 'mixed.onnx')]);
  assert.equal(mixed.code, 0, mixed.stderr);
});

test('wrong usage is refused in a line, and nothing is written', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  const out = join(folder, 'x.onnx');
  await refused(['--out', out], /Expected either styles or --blend but received neither/);
  await refused([style, '--blend', 'great-wave:1', '--out', out], /received both/);
  await refused([style, 'wave-film', '--out', out], /Expected a folder as --out for several styles/);
  await refused([style, '--out', join(folder, 'x.png')], /ends in \.onnx/);
  await refused([style, '--size', '64', '--out', out], /Expected a size for --size .*1280x720/);
  await refused([style, '--size', '8x64', '--out', out], /Expected sides of 16 to 65535 px/);
  await refused(
    [style, style, '--out', folder],
    /Expected styles of different names but received tiny twice/,
  );
  await refused(['no-such-style', '--out', out], /no-such-style/);
  assert.deepEqual(readdirSync(folder), ['tiny.safetensors']);
});
