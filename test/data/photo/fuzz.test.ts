import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AS_LOADED } from '../../helpers/as-loaded.ts';

const PROCESS = fileURLToPath(new URL('fuzz-process.ts', import.meta.url));

test('a damaged photo is painted or refused in one line, within bounds of time and memory, and never ends the process', async (t) => {
  const args = [...AS_LOADED, PROCESS, '1', '280'];
  // A crash of the decoders rejects.
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 120_000 });
  const { painted, refused, faults, peak, slowest, messages } = JSON.parse(stdout);
  t.diagnostic(`${painted} painted, ${refused} refused, slowest ${slowest} ms, peak ${peak >> 20} MiB`);
  assert.deepEqual(faults, []);
  assert.equal(painted + refused, 280);
  assert.ok(painted > 30 && refused > 100 && messages.length > 5, 'both happen, and for many reasons');
  assert.ok(peak < 400 * 2 ** 20, `${peak} bytes`);
});
