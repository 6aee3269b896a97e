import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDataset } from '../../../src/data/dataset.ts';
import { synthesizeDataset } from '../../../src/data/synthesize-dataset.ts';
import { cacheFolder } from '../../../src/system/cache-folder.ts';
import { syntheticData } from '../../../src/train/run/data.ts';
import { loadRunState } from '../../../src/train/run/run-state.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { expectUserError, runCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

const SETTINGS = {
  count: 9,
  seed: 1,
  size: 40,
  quality: 92,
  shardSize: { amount: 4, unit: 'records' },
} as const;

async function filesIn(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')]),
    ),
  );
}

test('dataset synth writes a data set that inspect finds whole, and does not replace it', async (t) => {
  const folder = await temporaryFolder(t);
  const out = join(folder, 'drawn');
  const call = ['dataset', 'synth', '--out', out, '--count', '9', '--size', '40', '--shard-size', '4'];
  const made = await runCli(call);
  assert.equal(made.code, 0, made.stderr);
  assert.match(
    made.stdout,
    /^9 pictures in [\d.]+ s, \d+ a second\.\n.*9 pictures, short side 40 px.*\n.*in 3 shards/,
  );
  const [inspected, again, other] = await Promise.all([
    callCommand(['dataset', 'inspect', out, '--verify']),
    callCommand(call),
    callCommand(['dataset', 'synth', '--out', out, '--count', '5', '--size', '48']),
  ]);
  assert.match(inspected.stdout, /all 9 pictures are whole\n$/);
  assert.match(again.stdout, /^The data set exists already\./);
  expectUserError(other, /was built with other settings or photos \(--size, --shard-size, --count\)/, 2);
});

test('wrong numbers get one line', async (t) => {
  const out = join(await temporaryFolder(t), 'drawn');
  expectUserError(
    await callCommand(['dataset', 'synth', '--out', out, '--count', '0']),
    /for --count but received 0/,
    2,
  );
  assert.equal(existsSync(out), false);
});

test('an interrupted synthesis continues to the same bytes', async (t) => {
  const folder = await temporaryFolder(t);
  const [straight, broken] = [join(folder, 'a', 'set'), join(folder, 'b', 'set')];
  await synthesizeDataset({ ...SETTINGS, out: straight });
  const crash = ({ done }: { readonly done: number }) => {
    if (done === 6) throw new Error('crash');
  };
  await assert.rejects(synthesizeDataset({ ...SETTINGS, out: broken, onProgress: crash }), /crash/);
  const { resumedAfter } = await synthesizeDataset({ ...SETTINGS, out: broken });
  assert.equal(resumedAfter, 4);
  assert.deepEqual(await filesIn(broken), await filesIn(straight));
});

test('a layer that the loss network lacks is reported before pictures are made', async (t) => {
  const cache = join(await temporaryFolder(t), 'cache');
  const painting = fileURLToPath(new URL('../../../samples/harbour.jpg', import.meta.url));
  const layers = ['--style-layers', 'relu7_1'];
  const call = ['train', '--style', painting, '--loss-network', 'compact', ...layers];
  // Nor is the TensorFlow runtime missed, which a cache of its own lacks.
  const result = await runCli(call, { env: { FAST_STYLE_CACHE: cache } });
  expectUserError(result, /Expected a layer of vgg16 but received relu7_1/, 2);
  assert.ok(!existsSync(cache));
});

test('a plan without data makes no pictures, but measures a step', async (t) => {
  const folder = await temporaryFolder(t);
  const cache = join(folder, 'cache');
  await mkdir(cache);
  const real = cacheFolder();
  for (const name of await readdir(real).catch((): string[] => []))
    if (name !== 'synthetic') await symlink(join(real, name), join(cache, name));
  const lossNetwork = await writeTinyLossNetwork(join(folder, 'vgg.safetensors'));
  await drawnPhoto(join(folder, 'wave.png'), 60, 48, { seed: 9 });
  const layers = '--style-layers relu1_1 --content-layers relu2_2 --architecture c3s1-4,c3s1-3';
  const call = `train --style wave.png --plan --steps 60 --image-size 32 --style-weight 4 --precision f32 ${layers}`;
  const before = await readdir(cache);
  const { code, stdout, stderr } = await callCommand([...call.split(' '), '--loss-network', lossNetwork], {
    cwd: folder,
    env: { FAST_STYLE_CACHE: cache },
  });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^No --data given: training would first make 1000 synthetic pictures \(.*-40px\)/m);
  assert.match(stdout, /^ {2}time +\S+ s a step \(measured\), \d+ s for 60 steps$/m);
  assert.deepEqual(await readdir(cache), before);
  assert.deepEqual((await readdir(folder)).sort(), ['cache', 'vgg.safetensors', 'wave.png']);
});

test('training without data makes pictures in the cache once, says so, and resumes on them', async (t) => {
  const folder = await temporaryFolder(t);
  const cache = join(folder, 'cache');
  // The TensorFlow runtime lies in the real one.
  const before = process.env.FAST_STYLE_CACHE;
  const real = cacheFolder();
  process.env.FAST_STYLE_CACHE = cache;
  t.after(() => {
    if (before === undefined) delete process.env.FAST_STYLE_CACHE;
    else process.env.FAST_STYLE_CACHE = before;
  });
  const lines: string[] = [];
  const made = await syntheticData(32, { say: (line) => lines.push(line) }, 12);
  assert.equal(lines.length, 1);
  assert.match(
    lines[0]!,
    /^No --data given: training on 12 synthetic pictures \(.*v\d+-40px\); photos are better/,
  );
  assert.deepEqual(await readdir(join(cache, 'synthetic')), [made.split('/').at(-1)], 'nothing else is left');
  const { index } = await openDataset(made);
  assert.deepEqual([index.count, index.settings.size], [12, 40]);
  assert.equal(await syntheticData(32, { say: () => undefined }, 12), made);

  for (const name of await readdir(real).catch((): string[] => []))
    if (name !== 'synthetic') await symlink(join(real, name), join(cache, name));
  const lossNetwork = await writeTinyLossNetwork(join(folder, 'vgg.safetensors'));
  await drawnPhoto(join(folder, 'wave.png'), 60, 48, { seed: 9 });
  const ofBoth = '--style wave.png --style-layers relu1_1 --content-layers relu2_2 --image-size 32';
  const options =
    '--style-weight 4 --style-size 64 --warmup 1 --precision f32 --preview-every 0 --architecture c3s1-4,c3s1-3';
  const call = (...args: string[]) =>
    [
      [...args, ...ofBoth.split(' '), '--loss-network', lossNetwork],
      { cwd: folder, env: { FAST_STYLE_CACHE: cache } },
    ] as const;
  const train = (...more: string[]) => call('train', ...options.split(' '), ...more);
  const first = await callCommand(...train('--steps', '3'));
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stderr,
    /^No --data given: .*\nTraining wave: 3 steps of 1 picture at 32 px in f32, 12 pictures in .*v\d+-40px\n/,
  );
  const resumed = await callCommand(...train('--steps', '5', '--resume'));
  assert.equal(resumed.code, 0, resumed.stderr);
  const { state } = await loadRunState(join(folder, 'runs', 'wave'));
  assert.deepEqual([state.step, state.dataset], [5, index.id]);

  const grid = '--strengths 2 --style-sizes 48 --photos 1 --try-steps 2 --out grid.png'.split(' ');
  const calibrated = await callCommand(...call('calibrate', ...grid));
  assert.equal(calibrated.code, 0, calibrated.stderr);
  assert.match(calibrated.stderr, /^No --data given: .*v\d+-40px/);
  assert.match(calibrated.stdout, /^fast-style train --style wave\.png (?!.*--data).* --style-size 48\n$/);
  assert.equal(JSON.parse(await readFile(join(folder, 'grid.json'), 'utf8')).data, made);
});
