import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { temporaryBeside, withinBytes, writeFileAtomically } from '../../src/system/atomic-file.ts';
import { lockOrRefuse } from '../../src/system/lock-file.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('files of killed processes are removed, files still being written are not', async (t) => {
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

test('a name may be as long as the file system lets it', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of [`${'x'.repeat(251)}.png`, `${'画'.repeat(80)}.png`, '🖼'.repeat(63)]) {
    const path = join(folder, name);
    await writeFileAtomically(path, 'old');
    await writeFileAtomically(path, 'whole', { overwrite: true });
    assert.equal(await readFile(path, 'utf8'), 'whole');
    const lock = await lockOrRefuse(`${path.slice(0, -4)}.l`, { what: 'w', place: 'p', remedy: 'r' });
    lock.release();
  }
  assert.equal((await readdir(folder)).length, 3);
  const tooLong = join(folder, 'x'.repeat(256));
  await assert.rejects(
    writeFileAtomically(tooLong, ''),
    /^FileError: Cannot write .*: the name is too long\.$/,
  );
});

test('names are cut between letters, and keep their ending', () => {
  assert.equal(withinBytes('画画画', 8), '画画');
  assert.equal(withinBytes('🖼🖼', 7), '🖼');
  const beside = basename(temporaryBeside(`a/${'画'.repeat(85)}`, '.part'));
  assert.equal(beside, `${'画'.repeat(83)}.part`);
  assert.equal(temporaryBeside(join('a', 'b.png'), '.part'), join('a', 'b.png.part'));
});
