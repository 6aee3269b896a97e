import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFileAtomically } from '../src/atomic-file.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';

test('what a killed process has left is swept, what may still be written is not', async (t) => {
  const folder = await temporaryFolder(t);
  const dead = spawnSync(process.execPath, ['--version']).pid;
  const put = async (name: string, old: boolean) => {
    const path = join(folder, name);
    await writeFile(path, 'half');
    const then = new Date(Date.now() - (old ? 2 : 0.5) * 3600_000);
    await utimes(path, then, then);
  };
  await put(`gone.png.${dead}-0123abcd.part`, true);
  await put(`young.png.${dead}-0123abcd.part`, false);
  await put(`running.png.${process.ppid}-0123abcd.part`, true);
  await put('a download.part', true);
  await writeFileAtomically(join(folder, 'whole.png'), 'whole');
  assert.deepEqual((await readdir(folder)).sort(), [
    'a download.part',
    `running.png.${process.ppid}-0123abcd.part`,
    'whole.png',
    `young.png.${dead}-0123abcd.part`,
  ]);
});
