/** The machine set up and examined through the library. Changes its environment: where the runtime is. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { manifestFault, readManifest, runtimeFolder } from '../../src/engine/runtime/manifest.ts';
import { type Check, ConfigError, doctor, RuntimeSetupError, setup } from '../../src/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** Sets variables for a test. */
function withEnvironment(t: TestContext, variables: Readonly<Record<string, string>>): void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  t.after(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
}

const manifest = readManifest(runtimeFolder());
const ready = manifest !== undefined && manifestFault(runtimeFolder(), manifest) === undefined;

test('setup answers what is ready, and does nothing', {
  skip: !ready && 'no runtime in the cache',
}, async (t) => {
  withEnvironment(t, { FAST_STYLE_BINDING: '' });
  const stages: string[] = [];
  const found = await setup({}, { onProgress: ({ stage }) => stages.push(stage) });
  const { tensorflow, variant, origin } = manifest!;
  assert.deepEqual([found, stages], [{ tensorflow, variant, origin, made: false }, []]);
});

test('setup answers the binding that is named, and refuses what it cannot do', async (t) => {
  const folder = await temporaryFolder(t);
  withEnvironment(t, { FAST_STYLE_BINDING: '/opt/own.node' });
  assert.deepEqual(await setup(), { origin: '/opt/own.node', made: false });
  withEnvironment(t, { FAST_STYLE_BINDING: '', FAST_STYLE_CACHE: join(folder, 'cache') });
  await assert.rejects(setup({ withoutDevice: true }), /^ConfigError: Expected gpu with withoutDevice/);
  await assert.rejects(setup({ gpu: 'yes' as never }), ConfigError);
  const reason = new Error('enough');
  await assert.rejects(setup({}, { signal: AbortSignal.abort(reason) }), reason);
  assert.deepEqual(await readdir(folder), []);
  const notes: string[] = [];
  const fromPython = join(folder, 'no-python');
  await assert.rejects(
    setup({ fromPython }, { onNote: (note) => notes.push(note) }),
    (error: Error) =>
      error instanceof RuntimeSetupError &&
      /with TensorFlow for fromPython but .*no-python|There is no C\+\+ compiler/.test(error.message),
  );
  // Only films need it.
  for (const note of notes) assert.match(note, /ffmpeg/);
});

test('doctor finds that nothing is set up, check by check, and stops', async (t) => {
  const folder = await temporaryFolder(t);
  withEnvironment(t, { FAST_STYLE_BINDING: '', FAST_STYLE_CACHE: folder });
  const seen: Check[] = [];
  const { ok, checks } = await doctor({ onProgress: (check) => seen.push(check) });
  assert.deepEqual([ok, seen], [false, checks]);
  const { state, text, remedy } = checks.find(({ name }) => name === 'TensorFlow')!;
  assert.deepEqual([state, remedy], ['fault', 'npx --no-install fast-style setup']);
  assert.match(text, /it is not set up/);
  assert.deepEqual(
    checks.filter(({ state }) => state === 'fault').map(({ name }) => name),
    ['TensorFlow'],
  );
  const [stop, reason, first] = [new AbortController(), new Error('enough'), [] as string[]];
  const aborted = doctor({
    signal: stop.signal,
    onProgress({ name }) {
      first.push(name);
      stop.abort(reason);
    },
  });
  await assert.rejects(aborted, reason);
  assert.deepEqual(first, ['Node']);
});
