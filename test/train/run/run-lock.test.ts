import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { FileError } from '../../../src/system/errors.ts';
import { lockRun } from '../../../src/train/run/run-folder.ts';
import { AS_LOADED } from '../../helpers/as-loaded.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const MODULE = fileURLToPath(new URL('../../../src/train/run/run-folder.ts', import.meta.url));

test('a second claim is refused with the holder and a way out, and free again when released', async (t) => {
  const folder = join(await temporaryFolder(t), 'run');
  const lock = await lockRun(folder);
  await assert.rejects(lockRun(folder), (error) => {
    const text = (error as Error).message;
    return error instanceof FileError && text.includes(`process ${process.pid}`) && text.includes('run.lock');
  });
  assert.deepEqual(await readdir(folder), ['run.lock']);
  lock.release();
  lock.release();
  assert.equal(existsSync(folder), false, 'an empty folder is left');
  await writeFile(join(await mkdirp(folder), 'log.jsonl'), 'x');
  const again = await lockRun(folder);
  again.release();
  assert.deepEqual(await readdir(folder), ['log.jsonl']);
});

test('of many who claim at once, dead lock or none, one gets it', async (t) => {
  for (const dead of [false, true]) {
    const folder = await temporaryFolder(t);
    if (dead) writeFileSync(join(folder, 'run.lock'), JSON.stringify({ host: hostname(), pid: 2 ** 30 }));
    const claims = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(folder)));
    const held = claims.filter(({ status }) => status === 'fulfilled');
    assert.equal(held.length, 1);
    assert.deepEqual(await readdir(folder), ['run.lock']);
  }
});

test('locks of a killed process, of an earlier holder of our number, and half-written ones are taken over', async (t) => {
  const folder = await temporaryFolder(t);
  const child = spawn(process.execPath, [
    ...AS_LOADED,
    '--input-type=module',
    '-e',
    `const { lockRun } = await import(${JSON.stringify(MODULE)});
     await lockRun(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000);`,
  ]);
  await once(child.stdout, 'data');
  await assert.rejects(lockRun(folder), new RegExp(`process ${child.pid} `));
  child.kill('SIGKILL');
  await once(child, 'exit');
  (await lockRun(folder)).release();
  const path = join(await mkdirp(folder), 'run.lock');
  await writeFile(path, '{"host":');
  (await lockRun(folder)).release();
  if (existsSync('/proc/self/stat')) {
    const own = { host: hostname(), pid: process.pid, started: '1' };
    await writeFile(join(await mkdirp(folder), 'run.lock'), JSON.stringify(own));
    (await lockRun(folder)).release();
  }
});

test('a process of another host is believed', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'run.lock');
  await writeFile(path, JSON.stringify({ host: 'elsewhere', pid: 1 }));
  await assert.rejects(lockRun(folder), /process 1 on elsewhere/);
  assert.match(await readFile(path, 'utf8'), /elsewhere/);
});

async function mkdirp(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return folder;
}
