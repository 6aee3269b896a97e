import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, beforeEach, type TestContext, test } from 'node:test';
import { libraryNames, ownSourcesDigest } from '../../../src/engine/runtime/compile-binding.ts';
import { examineRuntime } from '../../../src/engine/runtime/examine-runtime.ts';
import { findCompiler } from '../../../src/engine/runtime/find-tools.ts';
import {
  bindingPackage,
  fromManifestPath,
  type RuntimeManifest,
  readManifest,
  runtimeFolder,
  writeManifest,
} from '../../../src/engine/runtime/manifest.ts';
import { requireRoomForWheels } from '../../../src/engine/runtime/obtain-library.ts';
import { planWheels, platformName, TENSORFLOW_VERSION } from '../../../src/engine/runtime/pinned-wheels.ts';
import { setUpRuntime } from '../../../src/engine/runtime/set-up-runtime.ts';
import {
  type Machine,
  type RuntimeSetupOptions,
  type SetupReporter,
  SYSTEM_TOOLS,
} from '../../../src/engine/runtime/setup-options.ts';
import { RuntimeSetupError } from '../../../src/system/errors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** The folder of a whole TensorFlow of this machine, with its headers: what set-up itself has unpacked. */
function unpackedTensorFlow(): string | undefined {
  const manifest = readManifest(runtimeFolder());
  const library = manifest?.files.find(({ path }) => path.endsWith(libraryNames()[0] ?? ''));
  const folder = library && dirname(fromManifestPath(runtimeFolder(), library.path));
  return folder && existsSync(join(folder, 'include', 'tensorflow', 'c', 'c_api.h')) ? folder : undefined;
}

const installed = unpackedTensorFlow();
const compiler = await findCompiler();
const cacheBefore = process.env.FAST_STYLE_CACHE;
const bindingBefore = process.env.FAST_STYLE_BINDING;
delete process.env.FAST_STYLE_BINDING;

let folder: string;
beforeEach(async (t) => {
  folder = await temporaryFolder(t as TestContext);
  process.env.FAST_STYLE_CACHE = folder;
});
after(() => {
  if (cacheBefore === undefined) delete process.env.FAST_STYLE_CACHE;
  else process.env.FAST_STYLE_CACHE = cacheBefore;
  if (bindingBefore !== undefined) process.env.FAST_STYLE_BINDING = bindingBefore;
});

function recorder() {
  const news: string[] = [];
  const reporter: SetupReporter = {
    stage: (title) => news.push(`stage: ${title}`),
    bytes: () => {},
    note: (text) => news.push(`note: ${text}`),
  };
  return { news, reporter };
}

/** Tools of a machine that has nothing; nothing is fetched. */
const BARE = {
  ...SYSTEM_TOOLS,
  findPip: async () => undefined,
  findCompiler: async () => undefined,
  findPython: async () => undefined,
  hasNvidiaGpu: async () => false,
};

async function writeReady(
  variant: 'cpu' | 'gpu' = 'cpu',
  ownSources = ownSourcesDigest(),
): Promise<RuntimeManifest> {
  const home = join(runtimeFolder(), 'home');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'tfjs_binding.node'), 'binding');
  const manifest: RuntimeManifest = {
    format: 1,
    tensorflow: TENSORFLOW_VERSION,
    source: 'wheel',
    origin: 'a test',
    variant,
    platform: platformName(),
    bindingPackage: bindingPackage().version,
    ownSources,
    binding: 'home/tfjs_binding.node',
    files: [{ path: 'home/tfjs_binding.node', bytes: 7, sha256: 'ab' }],
  };
  await writeManifest(runtimeFolder(), manifest);
  return manifest;
}

test('a runtime that is ready returns at once, without a stage', async () => {
  const manifest = await writeReady();
  const { news, reporter } = recorder();
  assert.deepEqual(await setUpRuntime({}, reporter, BARE), manifest);
  assert.deepEqual(await setUpRuntime({ gpu: false }, reporter, BARE), manifest);
  assert.deepEqual(news, []);
});

test("a runtime with an earlier version's C++ is compiled again, and kept where there is no compiler", async () => {
  const manifest = await writeReady('cpu', 'of an earlier version');
  const { news, reporter } = recorder();
  let searches = 0;
  const tools = { ...BARE, findCompiler: async () => void searches++ };
  assert.deepEqual(await setUpRuntime({}, reporter, tools), manifest);
  assert.equal(searches, 1);
  assert.deepEqual(news, []);
});

test('--gpu on a machine without a GPU says so and keeps the CPU runtime', async () => {
  const manifest = await writeReady();
  const { news, reporter } = recorder();
  assert.deepEqual(await setUpRuntime({ gpu: true }, reporter, BARE), manifest);
  assert.equal(news.length, 1);
  assert.match(news[0] ?? '', /There is no NVIDIA GPU|has no GPU runtime/);
});

test('a container image gets the GPU runtime where no GPU is seen', {
  skip: planWheels('gpu') === undefined && 'no GPU runtime for this platform',
}, async () => {
  await writeReady();
  const { reporter } = recorder();
  const installPublishedBinding = async (variant: string) => {
    throw new RuntimeSetupError(`asked for the ${variant}`);
  };
  const attempt = setUpRuntime({ gpu: true, withoutDevice: true }, reporter, {
    ...BARE,
    installPublishedBinding,
  });
  await assert.rejects(attempt, /asked for the gpu/);
});

test('without pip and compiler the installer of tfjs-node is tried, and its files are recorded', async () => {
  const { news, reporter } = recorder();
  const asked: unknown[] = [];
  const tools = {
    ...BARE,
    installPublishedBinding: async (...request: unknown[]) => {
      asked.push(request);
      throw new RuntimeSetupError('it failed too');
    },
  };
  await assert.rejects(setUpRuntime({}, reporter, tools), /it failed too/);
  const hasWheel = planWheels('cpu') !== undefined;
  assert.deepEqual(asked, [['cpu', { pip: hasWheel, compiler: hasWheel }]]);
  assert.deepEqual(news, ["stage: Trying tfjs-node's own installer"]);
  assert.equal(readManifest(runtimeFolder()), undefined);
  assert.equal(existsSync(join(runtimeFolder(), 'setup.lock')), false);
});

test('a machine on which TensorFlow cannot run is refused before any search or download', async () => {
  const { news, reporter } = recorder();
  const linux = { platform: 'linux', arch: 'x64', glibc: '2.36' } as const;
  const untouched = async () => assert.fail('something was looked for');
  const attempt = (machine: Partial<Machine>, options: RuntimeSetupOptions = {}) =>
    setUpRuntime(
      options,
      { ...reporter, begin: untouched },
      {
        ...BARE,
        thisMachine: () => ({ ...linux, ...machine }),
        findCompiler: untouched,
        findPip: untouched,
        findPython: untouched,
      },
    );
  const refused = (message: RegExp) => (error: Error) =>
    error instanceof RuntimeSetupError && message.test(error.message);
  await assert.rejects(
    attempt({ glibc: undefined }),
    refused(/with glibc .* but received .*musl.*; use a container of Debian/),
  );
  await assert.rejects(attempt({ glibc: '2.17' }), refused(/glibc 2\.27 or newer .* but received 2\.17/));
  const windows = { platform: 'win32', glibc: undefined } as const;
  await assert.rejects(attempt(windows), refused(/but received win32 x64; use WSL2/));
  await assert.rejects(attempt(windows, { fromPython: 'python' }), refused(/win32 x64/));
  const intel = { platform: 'darwin', glibc: undefined } as const;
  await assert.rejects(attempt(intel), refused(/but received darwin x64; use --from-python/));
  assert.deepEqual(news, []);
  assert.equal(existsSync(join(runtimeFolder(), 'setup.lock')), false);
  // The others go on to look for tools.
  for (const machine of [
    {},
    { glibc: '2.27' },
    { platform: 'darwin', arch: 'arm64', glibc: undefined },
  ] as const)
    await assert.rejects(attempt(machine), /something was looked for/);
  await assert.rejects(attempt(intel, { fromPython: 'python' }), /something was looked for/);
});

test('something that is no Python is refused by name', async () => {
  const { reporter } = recorder();
  const tools = { ...BARE, findCompiler };
  const attempt = setUpRuntime({ fromPython: join(folder, 'no-python') }, reporter, tools);
  const skip = compiler === undefined;
  await assert.rejects(
    attempt,
    skip ? /There is no C\+\+ compiler/ : /with TensorFlow for --from-python but .*no-python/,
  );
});

test('too little disk space is reported before anything is fetched', async () => {
  const [wheel] = planWheels('gpu', 'linux-x64') ?? [];
  assert.ok(wheel);
  await requireRoomForWheels(folder, [{ ...wheel, bytes: 10, unpackedBytes: 10 }]);
  await assert.rejects(
    requireRoomForWheels(folder, [{ ...wheel, unpackedBytes: 1e18 }]),
    /^RuntimeSetupError: Expected 1000000001\.\d GB free for the TensorFlow runtime in .* but there are [\d.]+ GB/,
  );
});

/** A program that answers set-up's question as a Python with that TensorFlow would. */
function pythonWith(version: string, tensorflow: string): string {
  const path = join(folder, 'python');
  writeFileSync(path, `#!/bin/sh\necho '${JSON.stringify({ version, folder: tensorflow })}'\n`);
  chmodSync(path, 0o755);
  return path;
}

test('an installed TensorFlow of another release is refused', {
  skip: process.platform === 'win32' ? 'no sh' : compiler === undefined && 'no compiler',
}, async () => {
  const { reporter } = recorder();
  const fromPython = pythonWith('2.9.1', folder);
  await assert.rejects(
    setUpRuntime({ fromPython }, reporter),
    /Expected TensorFlow 2\.16 to 2\.21 but received 2\.9\.1/,
  );
  const empty = pythonWith('2.20.0', folder);
  await assert.rejects(setUpRuntime({ fromPython: empty }, reporter), /lacks libtensorflow_cc/);
});

test('an installed TensorFlow is compiled against, tested, used, and found damaged when it is', {
  skip:
    installed === undefined ? 'no unpacked TensorFlow in the cache' : compiler === undefined && 'no compiler',
}, async () => {
  assert.ok(installed);
  const { news, reporter } = recorder();
  const fromPython = pythonWith(TENSORFLOW_VERSION, installed);
  const manifest = await setUpRuntime({ fromPython }, reporter);
  assert.equal(manifest.source, 'python');
  assert.match(manifest.tensorflow, /^2\.\d+/);
  assert.deepEqual(news.slice(-2), ['stage: Compiling the binding', 'stage: Trying it']);
  const state = await examineRuntime(true);
  assert.equal(state.fault, undefined);
  assert.equal(state.filesHashed, 4);

  // Same size, another content: sizes alone do not tell, checksums do.
  const binding = fromManifestPath(runtimeFolder(), manifest.binding);
  const { bytes } = manifest.files[0] ?? { bytes: 0 };
  writeFileSync(binding, Buffer.alloc(bytes));
  assert.match((await examineRuntime(true)).fault ?? '', /tfjs_binding\.node has changed: its SHA-256 is/);
  assert.match((await examineRuntime(false)).fault ?? '', /TensorFlow does not run on this machine/);
});
