import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { EngineProcess } from '../../bench/engine-process.ts';
import { enginesWithXla } from '../../bench/engines.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('an engine answers, continues after a failure, and is ended when it takes too long', async (t) => {
  const script = join(await temporaryFolder(t), 'engine.mjs');
  const program = `
    import { createInterface } from 'node:readline';
    for await (const line of createInterface({ input: process.stdin })) {
      const { command } = JSON.parse(line);
      if (command === 'sleep') setInterval(() => {}, 1000);
      else if (command === 'die') process.exit(3);
      else if (command === 'told') console.log(JSON.stringify({ flags: process.env.TF_XLA_FLAGS }));
      else console.log(JSON.stringify(command === 'run' ? { ms: 5 } : { error: 'cannot' }));
    }`;
  await writeFile(script, program);
  const engine = { name: 'e', precision: 'f32', program: 'node', script, args: [], trains: true } as const;
  const slow = new EngineProcess(engine, '');
  assert.equal(await slow.run(), 5);
  await assert.rejects(slow.ask({ command: 'other' }), /^Error: failed: cannot$/);
  assert.equal(await slow.run(), 5);
  await assert.rejects(slow.ask({ command: 'sleep' }, 0.3), /^Error: skipped: takes more than 0\.3 s$/);
  await slow.end();
  const mortal = new EngineProcess(engine, '');
  await assert.rejects(mortal.ask({ command: 'die' }), /^Error: failed: it ended without an answer/);
  await mortal.end();
  // XLA is asked for through the environment.
  const [, plain, xla] = enginesWithXla('cpu');
  for (const [{ env }, wanted] of [
    [plain!, {}],
    [xla!, { flags: '--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit' }],
  ] as const) {
    const told = new EngineProcess({ ...engine, ...(env && { env }) }, '');
    assert.deepEqual(await told.ask({ command: 'told' }), wanted);
    await told.end();
  }
});
