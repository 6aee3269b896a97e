import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { manifestFault, readManifest, runtimeFolder } from '../../../src/engine/runtime/manifest.ts';
import { expectUserError, runCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const manifest = readManifest(runtimeFolder());
const ready = manifest !== undefined && manifestFault(runtimeFolder(), manifest) === undefined;

test('a second set-up finds everything ready and makes nothing again', {
  skip: !ready && 'no runtime in the cache',
}, async () => {
  const made = () => statSync(join(runtimeFolder(), 'manifest.json')).mtimeMs;
  const before = made();
  const { code, stdout, stderr } = await runCli(['setup'], { env: { FAST_STYLE_BINDING: '' } });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^TensorFlow 2\.\d+\.\d+ for the (CPU|GPU) is ready: /);
  assert.equal(stderr, '');
  // What is fetched or compiled gets a manifest.
  assert.equal(made(), before);
});

test('with FAST_STYLE_BINDING there is nothing to do', async () => {
  const { code, stdout } = await runCli(['setup'], {
    env: { FAST_STYLE_BINDING: '/opt/own/tfjs_binding.node' },
  });
  assert.equal(code, 0);
  assert.match(stdout, /^FAST_STYLE_BINDING names .*\/opt\/own\/tfjs_binding\.node/);
});

test('bad input gets one line', async (t) => {
  const cache = await temporaryFolder(t);
  const env = { FAST_STYLE_BINDING: '', FAST_STYLE_CACHE: join(cache, 'new') };
  const noPython = await runCli(['setup', '--from-python', join(cache, 'no-python')], { env });
  expectUserError(noPython, /Expected a Python with TensorFlow for --from-python|There is no C\+\+ compiler/);
  const inTheWay = { ...env, FAST_STYLE_CACHE: join(import.meta.filename, 'cache') };
  expectUserError(
    await runCli(['setup'], { env: inTheWay }),
    /Cannot write .*: (a part of the path is not a folder|something)/,
  );
});
