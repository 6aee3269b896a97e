/** What follows `--` is an operand, and none is lost. */
import assert from 'node:assert/strict';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { commandLine } from '../../../src/commands/command-line.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { expectUserError, runCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';

test('photos after -- are painted, even with names that begin with a dash', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  for (const name of ['a.jpg', 'b.jpg', '-c.jpg', '--out.jpg'])
    await drawnPhoto(join(folder, name), 40, 30, { format: 'jpeg', seed: name.length });
  const args = ['stylize', 'a.jpg', '--style', style, '--out', 'painted/', '--precision', 'f32'];
  const { code, stderr } = await runCli([...args, '--', 'b.jpg', '-c.jpg', '--out.jpg'], { cwd: folder });
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    (await readdir(join(folder, 'painted'))).sort(),
    ['--out', '-c', 'a', 'b'].map((name) => `${name}-noise.jpg`),
  );
});

test('folders after -- are built into the data set', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of ['a', '-b']) {
    await mkdir(join(folder, name));
    await drawnPhoto(join(folder, name, `${name}.jpg`), 40, 30, { format: 'jpeg', seed: name.length });
  }
  const args = ['dataset', 'build', 'a', '--out', 'set', '--size', '16', '--', '-b'];
  const { code, stdout, stderr } = await callCommand(args, { cwd: folder });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^2 photos in /);
});

test('a command without operands refuses them, even after a list of values', async () => {
  for (const args of [
    ['train', '--style', 'a.jpg', '--', 'b.jpg'],
    ['doctor', '--', '-x'],
  ])
    await assert.rejects(
      async () => (await commandLine(args)).parseAsync(),
      (error: Error) => {
        assert.match(error.message, /^Unknown argument: (b\.jpg|-x)$/);
        return true;
      },
    );
  expectUserError(
    await callCommand([
      'video',
      'clip.mp4',
      '--style',
      'great-wave',
      '--out',
      'x.mp4',
      '--',
      'other.mp4',
    ]).then((result) => ({ ...result, stderr: result.stderr.replace('See: fast-style --help\n', '') })),
    /Unknown argument: other\.mp4/,
    2,
  );
});
