import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findCompiler } from '../../../src/engine/runtime/find-tools.ts';
import { fromManifestPath, readManifest, runtimeFolder } from '../../../src/engine/runtime/manifest.ts';
import { withoutNotices } from '../../../src/engine/runtime/quiet-load.ts';
import { AS_LOADED } from '../../helpers/as-loaded.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Runs a program that imports from the repository, in a process of its own. */
function runProgram(program: string, env: Record<string, string>, loader = AS_LOADED) {
  const args = [...loader, '--input-type=module', '-e', program];
  return spawnSync(process.execPath, args, {
    cwd: repository,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

const CONVOLUTION = `
  import * as tf from './src/engine/tensorflow.ts';
  import { device, softwareVersions } from './src/engine/versions.ts';
  const sum = tf.conv2d(tf.ones([1, 5, 5, 1]), tf.ones([3, 3, 1, 1]), 1, 'valid').sum().dataSync()[0];
  console.log(JSON.stringify({ sum, device: device(), ...softwareVersions() }));`;

/** Whether the runtime in use has the addon that silences it: one that experts name with FAST_STYLE_BINDING may not. */
function silenced(): boolean {
  const manifest = readManifest(runtimeFolder());
  const binding =
    process.env.FAST_STYLE_BINDING || (manifest && fromManifestPath(runtimeFolder(), manifest.binding));
  return Boolean(binding) && existsSync(join(dirname(binding || ''), 'quiet.node'));
}

test('TensorFlow computes, reports its version, and lets the process end', () => {
  const { status, stdout, stderr } = runProgram(CONVOLUTION, {});
  assert.equal(status, 0, stderr);
  const answer = JSON.parse(stdout);
  assert.equal(answer.sum, 81);
  assert.match(answer.tensorflow, /^2\.\d+\.\d+/);
  assert.match(answer.device, /^(CPU|GPU)$/);
  assert.equal(answer.tfjs, '4.22.0');
});

test('TensorFlow is silent while it is loaded and used', {
  skip: !silenced() && 'this binding has no quiet.node',
}, () => {
  assert.equal(runProgram(CONVOLUTION, {}).stderr, '');
  // Who asks for TensorFlow's log gets it.
  assert.match(runProgram(CONVOLUTION, { TF_CPP_MIN_LOG_LEVEL: '0' }).stderr, /cpu_feature_guard|oneDNN/);
});

const compiler = await findCompiler();
const manifest = readManifest(runtimeFolder());
const library = manifest?.files.find(({ path }) => path.includes('libtensorflow_cc'));

test('TensorFlow is silent in worker threads that load it first, too', {
  skip:
    (process.platform !== 'linux' || !compiler || !manifest || !library) &&
    'takes Linux, a C++ compiler and a runtime that set-up has made',
}, async (t) => {
  // The addon as it is in the sources: the one in the cache may be older.
  const folder = await temporaryFolder(t);
  const binding = join(folder, 'tfjs_binding.node');
  copyFileSync(fromManifestPath(runtimeFolder(), manifest!.binding), binding);
  const include = dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json'));
  const source = join(repository, 'src/engine/runtime/quiet.cc');
  const options = ['-std=c++17', '-shared', '-fPIC', '-DNAPI_VERSION=8', `-I${join(include, 'include')}`];
  const output = ['-o', join(folder, 'quiet.node'), '-ldl'];
  const made = spawnSync(compiler!.program, [...compiler!.args, ...options, source, ...output]);
  assert.equal(made.status, 0, String(made.stderr));
  const program = `
    import { Worker } from 'node:worker_threads';
    const code = "import('tsx/esm/api').then(({ register }) => register())" +
      ".then(() => import(process.cwd() + '/src/engine/tensorflow.ts')).then((tf) => " +
      "console.log(tf.conv2d(tf.ones([1, 5, 5, 1]), tf.ones([3, 3, 1, 1]), 1, 'valid').sum().dataSync()[0]))";
    for (let i = 0; i < 2; i++) {
      const worker = new Worker(code, { eval: true });
      await new Promise((resolve) => worker.on('exit', resolve));
    }`;
  const env = {
    FAST_STYLE_BINDING: binding,
    LD_LIBRARY_PATH: dirname(fromManifestPath(runtimeFolder(), library!.path)),
  };
  const { stdout, stderr } = runProgram(program, env, ['--import', 'tsx']);
  assert.equal(stdout, '81\n81\n', stderr);
  assert.equal(stderr, '');
});

test("a GPU's memory is taken as it is needed, unless the user wants it otherwise", () => {
  const program = `
    await import('./src/engine/tensorflow.ts');
    console.log(process.env.TF_FORCE_GPU_ALLOW_GROWTH);`;
  assert.equal(runProgram(program, {}).stdout.trim(), 'true');
  assert.equal(runProgram(program, { TF_FORCE_GPU_ALLOW_GROWTH: 'false' }).stdout.trim(), 'false');
});

test('without a set-up, the command to run is named', async (t) => {
  const program = `await import('./src/engine/tensorflow.ts').catch((error) => console.log(error.name + ': ' + error.message));`;
  const empty = await temporaryFolder(t);
  const { stdout } = runProgram(program, { FAST_STYLE_BINDING: '', FAST_STYLE_CACHE: empty });
  assert.equal(
    stdout.trim(),
    'RuntimeSetupError: The TensorFlow runtime is not set up; run: npx --no-install fast-style setup',
  );
});

test('functions that newer Node lacks are there once TensorFlow is loaded', () => {
  const program = `
    import { createRequire } from 'node:module';
    const util = createRequire(process.cwd() + '/')('node:util');
    delete util.isNullOrUndefined; delete util.isArray;
    const tf = await import('./src/engine/tensorflow.ts');
    console.log(util.isNullOrUndefined(null), util.isNullOrUndefined(0), util.isArray([]), tf.tensor([1, 2]).dataSync()[1]);`;
  const { stdout, stderr } = runProgram(program, {});
  assert.equal(stdout.trim(), 'true false true 2', stderr);
});

test('of the output while loading, notices are dropped and errors stay', () => {
  const preamble = 'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n';
  const notice = 'I0000 00:00:1795256591.988057    6498 port.cc:153] oneDNN custom operations are on.\n';
  const old =
    '2025-01-31 12:00:00.123456: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.\n';
  const features =
    'To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow\n';
  const error = 'E0000 00:00:1795257873.848057   18402 cuda_platform.cc:52] failed call to cuInit\n';
  assert.equal(withoutNotices(preamble + notice + old + features), '');
  assert.equal(withoutNotices(preamble + notice + error), error);
  assert.equal(withoutNotices('an unknown word'), 'an unknown word');
});
