/** Text in a message moves no cursor, forges no line and floods no terminal. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { expected } from '../../src/system/errors.ts';
import { printable, printableLine, printableLines } from '../../src/system/printable.ts';
import { expectUserError, runCli } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';

/** Clears the screen, rings, sets a title, goes back, turns the writing, breaks lines in all ways. */
const EVIL = 'a\x1b[2J\x07\x1b]0;x\x07\r\b\x7f\x9b31m\u202eb\u2028\u0085\nfast-style: all is well';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

test('what controls a terminal is escaped, everything else stays', () => {
  assert.equal(printableLine("Größe 12×34 – 北斎 🌊 “x” \\ '"), "Größe 12×34 – 北斎 🌊 “x” \\ '");
  assert.equal(printableLine('a\nb\t\x1b[2J\x9b\u202e'), 'a\\nb\\t\\x1b[2J\\x9b\\u202e');
  assert.equal(printableLines('a\nb\r'), 'a\nb\\r');
  for (const text of [printable(EVIL), printableLine(EVIL), expected('a file', EVIL, EVIL)])
    assert.ok(!CONTROLS.test(text) && !text.includes('\n'), JSON.stringify(text));
});

test('long lines are cut in their middle, and what to do stays', () => {
  assert.ok(printableLine('x'.repeat(1e7)).length < 2100);
  const message = expected('a style', 'y'.repeat(2e6), 'name one of fast-style styles');
  assert.ok(message.length < 1200, `${message.length}`);
  assert.match(message, /^Expected a style but received yyy.*…; name one of fast-style styles\.$/);
  assert.equal(printable('z'.repeat(200)).length, 100);
});

test('names of files reach the terminal escaped: painted, failed and missing', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const name = EVIL.replace(';', '');
  const [good, bad] = [`1${name}.jpg`, `2${name}.jpg`];
  await drawnPhoto(join(folder, good), 40, 30, { format: 'jpeg' });
  await writeFile(join(folder, bad), 'no picture');
  const args = ['stylize', good, bad, '--style', style, '--out', 'painted/', '--precision', 'f32'];
  const { code, stdout, stderr } = await runCli(args, { cwd: folder });
  assert.equal(code, 1);
  for (const text of [stdout, stderr]) assert.ok(!CONTROLS.test(text), JSON.stringify(text));
  assert.equal(stdout.trimEnd().split('\n').length, 1);
  assert.doesNotMatch(stderr, /^fast-style: all is well/m);
  const missing = await runCli(['stylize', `3${name}`, '--style', style, '--out', 'x.png'], { cwd: folder });
  expectUserError(missing, /3a\\x1b\[2J\\x07/, 2);
  assert.ok(!CONTROLS.test(missing.stderr));
  const verbose = await runCli(['stylize', `3${name}`, '--style', style, '--out', 'x.png', '--verbose'], {
    cwd: folder,
  });
  assert.ok(!CONTROLS.test(verbose.stderr));
  const long = await runCli(['stylize', 'p.jpg', '--style', 's'.repeat(1e5), '--out', 'x.png']);
  assert.ok(long.code !== 0 && long.stderr.length < 2500, `${long.stderr.length}`);
});
