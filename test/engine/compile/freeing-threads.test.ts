import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { findCompiler } from '../../../src/engine/runtime/find-tools.ts';
import { runProgram } from '../../../src/engine/runtime/run-program.ts';
import { AS_LOADED } from '../../helpers/as-loaded.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));

test("arrays that TensorFlow borrows are given back in JavaScript's thread, however often variables are assigned", async (t) => {
  if (process.platform !== 'linux') return t.skip('preloading a library is done on Linux only');
  const compiler = await findCompiler();
  if (compiler === undefined) return t.skip('there is no compiler');
  const watch = join(await temporaryFolder(t), 'freeing-threads.so');
  const source = beside('freeing-threads.cc');
  const options = ['-std=c++17', '-shared', '-fPIC', source, '-o', watch, '-ldl'];
  const built = await runProgram(compiler.program, [...compiler.args, ...options]);
  assert.equal(built.code, 0, built.stderr);

  // With more threads than cores variables are assigned by several at once, on any machine.
  const env = { ...process.env, LD_PRELOAD: watch, TF_NUM_INTEROP_THREADS: '8' };
  const args = [...AS_LOADED, beside('assign-process.ts')];
  const { code, stderr } = await runProgram(process.execPath, args, { env });
  assert.equal(code, 0, stderr);
  const counts = /^given back: (\d+) in their own thread, (\d+) in others$/m.exec(stderr);
  assert.ok(counts, stderr);
  const [own, others] = counts.slice(1).map(Number) as [number, number];
  t.diagnostic(`${own} in their own thread, ${others} in others`);
  assert.ok(own > 100, `${own}: some were borrowed, and the library saw it`);
  assert.equal(others, 0);
});
