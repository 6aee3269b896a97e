import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withLock } from '../../../src/engine/runtime/setup-lock.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fast-style-lock-'));
  path = join(folder, 'sub', 'setup.lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('is held while the work runs and gone after it, also after an error', async () => {
  await withLock(path, async () => assert.equal(JSON.parse(readFileSync(path, 'utf8')).pid, process.pid));
  assert.equal(existsSync(path), false);
  await assert.rejects(
    withLock(path, async () => {
      throw new Error('work failed');
    }),
    /work failed/,
  );
  assert.equal(existsSync(path), false);
});

test('takes over the lock of a process that is gone', async () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  await withLock(path, async () => {});
  writeFileSync(path, JSON.stringify({ pid: gone, host: hostname() }));
  let waited = false;
  const answer = await withLock(
    path,
    async () => 7,
    () => {
      waited = true;
    },
  );
  assert.equal(answer, 7);
  assert.equal(waited, false);
});

test('takes over a lock that nobody has touched for long, whoever held it', async () => {
  await withLock(path, async () => {});
  writeFileSync(path, JSON.stringify({ pid: process.pid, host: 'elsewhere' }));
  const old = new Date(Date.now() - 120_000);
  utimesSync(path, old, old);
  assert.equal(await withLock(path, async () => 'mine'), 'mine');
});

test('waits for a living holder and says so', async () => {
  await withLock(path, async () => {});
  writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname() }));
  setTimeout(() => rmSync(path), 400);
  const holders: unknown[] = [];
  await withLock(
    path,
    async () => {},
    (holder) => holders.push(holder),
  );
  assert.deepEqual(holders, [{ pid: process.pid, host: hostname() }]);
});

test('two processes are never inside at once', async () => {
  const log = join(folder, 'log');
  const program = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as delay } from 'node:timers/promises';
    import { fileURLToPath } from 'node:url';
import { withLock } from './src/engine/runtime/setup-lock.ts';
    for (let i = 0; i < 5; i++) await withLock(${JSON.stringify(path)}, async () => {
      appendFileSync(${JSON.stringify(log)}, 'in ');
      await delay(10);
      appendFileSync(${JSON.stringify(log)}, 'out ');
    });`;
  const ends = [1, 2, 3].map(
    () =>
      new Promise<number | null>((resolve) => {
        const args = ['--import', 'tsx', '--input-type=module', '-e', program];
        spawn(process.execPath, args, { cwd: repository, stdio: 'inherit' }).on('close', resolve);
      }),
  );
  assert.deepEqual(await Promise.all(ends), [0, 0, 0]);
  assert.equal(readFileSync(log, 'utf8'), 'in out '.repeat(15));
});
