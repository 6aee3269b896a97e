import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, type TestContext, test } from 'node:test';
import { downloadWheel } from '../../../src/engine/runtime/download-wheel.ts';
import type { Tool } from '../../../src/engine/runtime/find-tools.ts';
import type { PinnedWheel } from '../../../src/engine/runtime/pinned-wheels.ts';
import { RuntimeSetupError } from '../../../src/system/errors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const content = Buffer.alloc(50_000, 'wheel');
const wheel: PinnedWheel = {
  project: 'tensorflow-cpu',
  version: '2.21.0',
  platform: 'manylinux_2_27_x86_64',
  python: 'cp311',
  abi: 'cp311',
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  unpackedBytes: 1,
};

let folder: string;
beforeEach(async (t) => {
  folder = await temporaryFolder(t as TestContext);
});

/** A program that takes pip's arguments and does what `body` says: `dest` is the folder that --dest names. */
function pip(body: string): Tool {
  const path = join(folder, 'pip.cjs');
  writeFileSync(
    path,
    `const fs = require('node:fs');
     const dest = process.argv.find((arg) => arg.startsWith('--dest=')).slice(7);
     fs.appendFileSync(${JSON.stringify(join(folder, 'calls'))}, 'called;');
     ${body}`,
  );
  return { program: process.execPath, args: [path], version: '99' };
}

const writes = (bytes: number, fill = 'wheel') =>
  pip(`fs.writeFileSync(dest + '/tensorflow_cpu.whl', Buffer.alloc(${bytes}, '${fill}'));`);
const calls = () => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : '');

test('keeps a wheel that is the pinned file, and does not fetch it twice', async () => {
  const seen: number[] = [];
  const tool = writes(content.length);
  const path = await downloadWheel(tool, wheel, join(folder, 'd'), (bytes) => seen.push(bytes));
  assert.deepEqual(readFileSync(path), content);
  assert.equal(seen.at(-1), content.length);
  assert.equal(await downloadWheel(tool, wheel, join(folder, 'd')), path);
  assert.equal(calls(), 'called;');
});

test('refuses a truncated wheel and removes it', async () => {
  const attempt = downloadWheel(writes(content.length - 1), wheel, join(folder, 'd'));
  await assert.rejects(attempt, (error: Error) => {
    assert.ok(error instanceof RuntimeSetupError);
    assert.match(
      error.message,
      /is damaged: it has 49999 bytes instead of 50000; run again: npx --no-install fast-style setup/,
    );
    return true;
  });
  assert.deepEqual(readdirSync(join(folder, 'd')), []);
});

test('refuses a wheel of the right size with other content', async () => {
  const attempt = downloadWheel(writes(content.length, 'other'), wheel, join(folder, 'd'));
  await assert.rejects(attempt, /is not the pinned file: its SHA-256 is/);
});

test('fetches a damaged wheel of an earlier run again', async () => {
  const path = await downloadWheel(writes(content.length), wheel, join(folder, 'd'));
  writeFileSync(path, Buffer.alloc(content.length, 'rot'));
  await downloadWheel(writes(content.length), wheel, join(folder, 'd'));
  assert.deepEqual(readFileSync(path), content);
  assert.equal(calls(), 'called;called;');
});

test('removes what a killed download left', async () => {
  await downloadWheel(writes(content.length), wheel, join(folder, 'd'));
  rmSync(join(folder, 'd', 'tensorflow-cpu-2.21.0.whl'));
  writeFileSync(join(folder, 'd', 'tensorflow-cpu-2.21.0.whl.12345.part'), 'half');
  await downloadWheel(writes(content.length), wheel, join(folder, 'd'));
  assert.deepEqual(readdirSync(join(folder, 'd')), ['tensorflow-cpu-2.21.0.whl']);
});

test("passes pip's own reason on in one line", async () => {
  const tool = pip(
    `console.error('WARNING: retrying\\nERROR: No matching distribution found for tensorflow-cpu==2.21.0'); process.exit(1);`,
  );
  await assert.rejects(downloadWheel(tool, wheel, join(folder, 'd')), (error: Error) => {
    assert.match(
      error.message,
      /^pip could not fetch tensorflow-cpu 2\.21\.0: No matching distribution found/,
    );
    assert.match(error.message, /npx --no-install fast-style setup$/);
    assert.equal(error.message.includes('\n'), false);
    return true;
  });
});

test('an aborted download ends pip and leaves nothing', async () => {
  const [stop, reason] = [new AbortController(), new Error('enough')];
  const endless = pip(`fs.writeFileSync(dest + '/part', 'half'); setInterval(() => {}, 1000);`);
  const onBytes = (bytes: number) => bytes > 0 && stop.abort(reason);
  await assert.rejects(
    downloadWheel(endless, wheel, join(folder, 'd'), onBytes, undefined, stop.signal),
    reason,
  );
  assert.deepEqual(readdirSync(join(folder, 'd')), []);
});
