import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

test('folders of other formats, replaced only where nothing else is in them', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  const [model, saved] = [join(folder, 'x.tfjs'), join(folder, 'out')];
  const first = await callCommand(['export', style, '--to', 'tfjs', '--out', model, '--check']);
  assert.equal(first.code, 0, first.stderr);
  assert.equal(first.stderr.match(/differs by at most [01] of 255/g)?.length, 3, first.stderr);
  assert.deepEqual(readdirSync(model).sort(), ['group1-shard1of1.bin', 'model.json']);
  const described = JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')).userDefinedMetadata;
  assert.deepEqual([described.title, described.checkpoint_sha256.length], ['Noise', 64]);
  const second = await callCommand(['export', style, '--to', 'savedmodel', '--out', saved, '--check']);
  assert.equal(second.code, 0, second.stderr);
  assert.deepEqual(readdirSync(saved), ['tiny.savedmodel']);
  const words = JSON.parse(
    readFileSync(join(saved, 'tiny.savedmodel', 'assets.extra', 'style.json'), 'utf8'),
  );
  assert.deepEqual([words.title, words.architecture], ['Noise', 'c3s1-4,d5,d6,R6,u5,u4,c3s1-3']);

  const again = [style, '--to', 'tfjs', '--out', model];
  await refused(again, /exists already/);
  writeFileSync(join(model, 'notes.txt'), 'mine');
  await refused([...again, '--overwrite'], /received notes\.txt; choose another name/);
  rmSync(join(model, 'notes.txt'));
  const replaced = await callCommand(['export', ...again, '--overwrite', '--weights', 'float16']);
  assert.equal(replaced.code, 0, replaced.stderr);
  assert.deepEqual(readdirSync(folder).sort(), ['out', 'tiny.safetensors', 'x.tfjs']);
  await refused([style, '--to', 'tfjs', '--out', join(folder, 'x.onnx')], /ends in \.tfjs/);
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
