import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FileError } from '../../src/system/errors.ts';
import { lockOrRefuse, ownHolder, refuseLocked, whileLocked } from '../../src/system/lock-file.ts';
import { AS_LOADED } from '../helpers/as-loaded.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
let path: string;
beforeEach(async (t) => {
  folder = await temporaryFolder(t as TestContext);
  path = join(folder, 'sub', 'work.lock');
});

test('is held while the work runs and gone after it, also after an error', async () => {
  await whileLocked(path, async () => assert.equal(JSON.parse(readFileSync(path, 'utf8')).pid, process.pid));
  assert.equal(existsSync(path), false);
  await assert.rejects(
    whileLocked(path, async () => {
      throw new Error('work failed');
    }),
    /work failed/,
  );
  assert.equal(existsSync(path), false);
});

test('takes over the lock of a process that is gone', async () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  await whileLocked(path, async () => {});
  writeFileSync(path, JSON.stringify({ pid: gone, host: hostname() }));
  let waited = false;
  const answer = await whileLocked(
    path,
    async () => 7,
    () => {
      waited = true;
    },
  );
  assert.equal(answer, 7);
  assert.equal(waited, false);
});

test('takes over a lock that has not been touched for long, of any holder', async () => {
  await whileLocked(path, async () => {});
  writeFileSync(path, JSON.stringify({ pid: process.pid, host: 'elsewhere' }));
  const old = new Date(Date.now() - 120_000);
  utimesSync(path, old, old);
  assert.equal(await whileLocked(path, async () => 'mine'), 'mine');
});

test('waits for a living holder and says so', async () => {
  await whileLocked(path, async () => {});
  writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname() }));
  const holders: unknown[] = [];
  await whileLocked(
    path,
    async () => assert.equal(holders.length, 1, 'waited'),
    (holder) => {
      holders.push(holder);
      rmSync(path);
    },
  );
  assert.deepEqual(holders, [{ pid: process.pid, host: hostname(), started: undefined }]);
});

test('two processes are never inside at once, even after a dead lock', async () => {
  const log = join(folder, 'log');
  await whileLocked(path, async () => {});
  writeFileSync(path, JSON.stringify({ pid: 2 ** 30, host: hostname() }));
  const program = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as delay } from 'node:timers/promises';
    import { whileLocked } from './src/system/lock-file.ts';
    for (let i = 0; i < 5; i++) await whileLocked(${JSON.stringify(path)}, async () => {
      appendFileSync(${JSON.stringify(log)}, 'in ');
      await delay(10);
      appendFileSync(${JSON.stringify(log)}, 'out ');
    });`;
  const ends = [1, 2, 3].map(
    () =>
      new Promise<number | null>((resolve) => {
        const args = [...AS_LOADED, '--input-type=module', '-e', program];
        spawn(process.execPath, args, { cwd: repository, stdio: 'inherit' }).on('close', resolve);
      }),
  );
  assert.deepEqual(await Promise.all(ends), [0, 0, 0]);
  assert.equal(readFileSync(log, 'utf8'), 'in out '.repeat(15));
});

test('a refusal names the holder; a lock that was taken over is not released by its former holder', async () => {
  const refusal = { what: 'a free place', place: folder, remedy: 'go elsewhere' };
  await refuseLocked(path, refusal);
  assert.equal(existsSync(path), false, 'asking makes nothing');
  const lock = await lockOrRefuse(path, refusal);
  const wanted = new RegExp(
    `^Expected a free place but received ${folder}, where process ${process.pid} on .* is using it; wait for it, go elsewhere, or remove ${path} if`,
  );
  for (const ask of [lockOrRefuse, refuseLocked])
    await assert.rejects(
      ask(path, refusal),
      (error: Error) => error instanceof FileError && wanted.test(error.message),
    );
  const { started } = ownHolder();
  writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname(), started, id: 'another' }));
  lock.release();
  assert.ok(existsSync(path));
});

test('a guard that a killed process has left does not keep others out', async () => {
  await whileLocked(path, async () => {});
  const dead = JSON.stringify({ pid: 2 ** 30, host: hostname() });
  writeFileSync(path, dead);
  writeFileSync(`${path}.breaking`, dead);
  const lock = await lockOrRefuse(path, { what: 'a', place: 'b', remedy: 'c' });
  assert.deepEqual(readdirSync(dirname(path)), ['work.lock']);
  lock.release();
  assert.deepEqual(readdirSync(dirname(path)), []);
});
