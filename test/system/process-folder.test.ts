/** Folders of processes that were killed go; those of others stay, wherever they run. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test from 'node:test';
import { openProcessFolder } from '../../src/system/process-folder.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('what killed processes of this machine have left is removed', async (t) => {
  const parent = await temporaryFolder(t);
  const first = basename(await openProcessFolder('farm', parent));
  const { pid } = spawnSync(process.execPath, ['--version']);
  const of = (number: number) => first.replace(String(process.pid), String(number));
  const [killed, running, before] = [of(pid), of(process.ppid), first.replace(/\w+$/, 'before')];
  const elsewhere = `fast-style-farm-another_machine-${pid}-abcdef`;
  const others = [elsewhere, `fast-style-studio-${pid}-abcdef`, running];
  for (const name of [killed, before, ...others]) await mkdir(join(parent, name));
  const second = basename(await openProcessFolder('farm', parent));
  assert.deepEqual((await readdir(parent)).sort(), [first, second, ...others].sort());
});
