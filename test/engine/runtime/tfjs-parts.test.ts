import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** What a process says that runs this program from the sources, in which `require` is that of tfjs-node-gpu's neighbours. */
async function say(program: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', program],
    { cwd: root },
  );
  return JSON.parse(stdout);
}

const LOADED = `
  const { createRequire } = await import('node:module');
  const require = createRequire(process.cwd() + '/src/engine/tensorflow.ts');
  const loaded = () => Object.keys(require.cache).filter((path) => /tfjs-(layers|data|converter|backend)/.test(path)).length;
  const kernels = () => {
    const tfjs = createRequire(require.resolve('@tensorflow/tfjs-node-gpu'))('@tensorflow/tfjs');
    return tfjs.getKernelsForBackend('tensorflow').map(({ kernelName }) => kernelName).sort();
  };
  const kernelFiles = () => Object.keys(require.cache).filter((path) => /tfjs-node-gpu.dist.kernels/.test(path)).length;`;

test('the program loads TensorFlow without the parts that it does not need, and the converter where it does', async () => {
  const found = await say(`${LOADED}
    const { leaveOutParts } = await import('./src/engine/runtime/tfjs-parts.ts');
    leaveOutParts();
    const tf = await import('./src/engine/tensorflow.ts');
    const before = loaded();
    const sum = tf.sum(tf.tensor1d([1, 2, 3])).dataSync()[0];
    const [gradient] = tf.grad((x) => tf.sum(tf.square(x)))(tf.tensor1d([3])).dataSync();
    const refused = await tf.loadGraphModel(tf.io.fileSystem('no.json')).catch((error) => error.message);
    console.log(JSON.stringify({ before, sum, gradient, refused: refused.includes('no.json'), after: loaded() }));`);
  assert.deepEqual(found, { before: 0, sum: 6, gradient: 6, refused: true, after: 1 });
});

test('the program loads a kernel when it first calls it; it has all that tfjs-node-gpu has', async () => {
  const program = (before: string) => `${LOADED}
    ${before}
    const tf = await import('./src/engine/tensorflow.ts');
    const files = [kernelFiles()];
    const product = [...tf.matMul(tf.eye(2), tf.tensor2d([[1, 2], [3, 4]])).dataSync()];
    files.push(kernelFiles());
    console.log(JSON.stringify({ product, kernels: kernels(), files }));`;
  const [lazy, whole] = (await Promise.all([
    say(program("(await import('./src/engine/runtime/tfjs-parts.ts')).leaveOutParts();")),
    say(program('')),
  ])) as { readonly product: unknown; readonly kernels: unknown; readonly files: number[] }[];
  assert.deepEqual(
    [lazy!.product, whole!.product],
    [
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ],
  );
  assert.deepEqual(lazy!.kernels, whole!.kernels);
  const [before, after] = lazy!.files;
  assert.ok(before === 0 && after! > 0 && after! < 20, `${lazy!.files}`);
  assert.ok(whole!.files[0]! > 100, `${whole!.files}`);
});

test('a project of its own shares a whole tfjs with the library', async () => {
  const found = await say(`${LOADED}
    await import('./src/engine/tensorflow.ts');
    const tf = require('@tensorflow/tfjs-node-gpu');
    console.log(JSON.stringify({ layers: typeof tf.layers.dense, data: typeof tf.data.array, parts: loaded() }));`);
  assert.deepEqual(found, { layers: 'function', data: 'function', parts: 5 });
});
