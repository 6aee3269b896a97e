import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { lockRun } from '../../src/train/run-lock.ts';
import { runCli } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const SAMPLE = fileURLToPath(new URL('../../samples/harbour.jpg', import.meta.url));

test('a run in a folder where another process trains is refused before anything is read', async (t) => {
  const folder = await temporaryFolder(t);
  const run = join(folder, 'run');
  const lock = await lockRun(run);
  t.after(() => lock.release());
  const paths = ['--style', SAMPLE, '--data', folder, '--run', run, '--out', folder];
  const { code, stderr } = await runCli(['train', ...paths, '--overwrite']);
  assert.notEqual(code, 0);
  assert.match(stderr, /run's folder that no other process works in but received/);
  assert.deepEqual(await readdir(run), ['run.lock']);
});
