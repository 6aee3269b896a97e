/** A training that workers die of is the training that one machine does, to the byte. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { trainKind as train } from '../../../src/farm/kinds/train.ts';
import { openFolderStore } from '../../../src/farm/store/folder-store.ts';
import { AS_LOADED } from '../../helpers/as-loaded.ts';
import { inScratch, runTask, tasksOf } from '../../helpers/farm-job.ts';
import { signalAtFile } from '../../helpers/signal-at-file.ts';
import { sharedFolder } from '../../helpers/temporary-folder.ts';
import { drawnPhoto, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

const folder = sharedFolder();
const at = (...names: string[]) => join(folder, ...names);
const PROCESS = fileURLToPath(new URL('./train-process.ts', import.meta.url));

/** What `submit` makes of a command line: steps take milliseconds. */
const JOB = {
  style: ['paintings/wave.png'],
  ...{ data: 'dataset/', lossNetwork: 'vgg.safetensors', out: 'checkpoints/', run: 'runs/wave/' },
  ...{ architecture: 'c3s1-4,c3s1-3', imageSize: 32, styleSize: 64, batch: 2, steps: 9, warmup: 5 },
  ...{ styleLayers: 'relu1_1', contentLayers: 'relu2_2', styleWeight: 4 },
  ...{
    previewEvery: 4,
    checkpointEvery: 3,
    precision: 'f32',
    resume: false,
    plan: false,
    tensorboard: false,
  },
};

before(async () => {
  await mkdir(at('straight', 'paintings'), { recursive: true });
  await tinyDataset(at('straight'), 5);
  await writeTinyLossNetwork(at('straight', 'vgg.safetensors'));
  for (const [i, name] of ['wave', 'iris'].entries())
    await drawnPhoto(at('straight', 'paintings', `${name}.png`), 60, 48, { seed: 9 + i });
  for (const name of ['broken', 'other']) await cp(at('straight'), at(name), { recursive: true });
});

test('killed with kill -9, it goes on elsewhere to the same bytes; where it cannot, it says so', async () => {
  const straight = await openFolderStore(at('straight'));
  const [task, ...more] = await tasksOf(train, JOB, straight);
  assert.equal(more.length, 0);
  assert.equal(task!.items, JOB.steps);
  assert.ok(task!.needs.bytes > 1e8);
  const trained = (await runTask(train, task!, straight)) as object;
  const { name, checkpoint, steps, notes } = trained as Record<string, unknown>;
  assert.deepEqual([name, checkpoint, steps, notes], ['wave', 'checkpoints/wave.safetensors', JOB.steps, []]);

  const broken = await openFolderStore(at('broken'));
  const args = [...AS_LOADED, PROCESS, broken.url, JSON.stringify(task!.data)];
  const killing = signalAtFile(/broken\/runs\/wave\/state-000000003/, 'SIGKILL');
  const env = { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${killing.NODE_OPTIONS}` };
  const [, signal] = await once(spawn(process.execPath, args, { env, stdio: 'inherit' }), 'exit');
  assert.equal(signal, 'SIGKILL');
  await cp(at('broken', 'runs'), at('other', 'runs'), { recursive: true });

  const begun: number[] = [];
  const again = await runTask(train, task!, broken, { onProgress: (step) => void begun.push(step) });
  assert.equal(begun[0], 4, 'from the state after step 3');
  assert.deepEqual(again, trained);
  const bytes = (store: string) => readFile(at(store, 'checkpoints', 'wave.safetensors'));
  assert.ok((await bytes('broken')).equals(await bytes('straight')), 'the same bytes');
  assert.deepEqual(await runTask(train, task!, broken), trained, 'done twice, the same');
  assert.ok((await bytes('broken')).equals(await bytes('straight')));
  const files = await readdir(at('broken', 'runs', 'wave'));
  const states = files.filter((file) => file.startsWith('state-'));
  assert.deepEqual(states, ['state-000000006.safetensors', 'state-000000009.safetensors']);
  for (const file of ['log.jsonl', 'report.html', 'run.json']) assert.ok(files.includes(file), file);
  assert.equal((await readdir(at('broken', 'runs', 'wave', 'previews'))).length, 2);

  const other = await openFolderStore(at('other'));
  const owner = JSON.parse(await readFile(at('other', 'runs', 'wave', 'farm.json'), 'utf8'));
  const computed = [{ ...owner.computed[0], arithmetic: 'f32 · on an abacus' }];
  await writeFile(at('other', 'runs', 'wave', 'farm.json'), JSON.stringify({ ...owner, computed }));
  const elsewhere = (await runTask(train, task!, other)) as { readonly notes: readonly string[] };
  assert.match(
    elsewhere.notes.join(),
    /^From step 3 on it was computed on a processor, or with a number of threads, that may differ .*abacus/,
  );

  await inScratch(straight, async (context) => {
    await assert.rejects(
      train.admit!(train.check(JOB), context),
      /wave\.safetensors or a run in runs\/wave exists/,
    );
  });
  const foreign = { ...task!, data: { ...(task!.data as object), id: '0'.repeat(32) } };
  await assert.rejects(runTask(train, foreign, straight), /Expected this training in runs\/wave of file:/);
  await inScratch(straight, (context) => train.admit!(train.check({ ...JOB, overwrite: true }), context));
  assert.deepEqual(await readdir(at('straight', 'runs', 'wave')), ['previews']);
});

test('several paintings are as many tasks, each with its own run', async () => {
  const store = await openFolderStore(at('other'));
  const style = ['paintings/wave.png', 'paintings/iris.png'];
  const tasks = await tasksOf(train, { ...JOB, style, run: 'runs' }, store);
  const jobs = tasks.map(({ data }) => (data as { job: { name: string; run: string; style: string[] } }).job);
  assert.deepEqual(
    jobs.map(({ name, run, style }) => [name, run, style]),
    [
      ['wave', 'runs/wave', ['paintings/wave.png']],
      ['iris', 'runs/iris', ['paintings/iris.png']],
    ],
  );
});

test('data is checked as a command line is, and names nothing outside the store', () => {
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ style: [] }, /Expected a painting for --style/],
    [{ style: ['/etc/passwd'] }, /Expected the key of a painting/],
    [{ data: '../photos' }, /Expected the key of a data set/],
    [{ lossNetwork: '/tmp/vgg.safetensors' }, /Expected the key of a loss network's \.safetensors file/],
    [{ lossNetwork: 'vgg.pth' }, /Expected a loss network's name, or the key/],
    [{ config: '../a.json' }, /Expected the key of a configuration/],
    [{ from: 'great-wave' }, /Expected the key of a style's \.safetensors file/],
    [{ addTo: '/a.safetensors' }, /Expected the key of a style/],
    [{ previewPhoto: ['/a.jpg'] }, /Expected the key of a photo/],
    [{ out: '/tmp' }, /Expected the key of a folder to write/],
    [{ run: 'a/../../b' }, /Expected the key of a folder to write/],
    [{ name: '../wave' }, /--name/],
    [{ resume: true }, /Expected no such option for a farm but received resume/],
    [{ steps: 0 }, /Expected a whole number .* for steps but received 0/],
    [{ styleLayers: 'relu1_1:x' }, /Expected layers like .* for --style-layers/],
    [{ keep: 0 }, /Expected a whole number of at least 1 for keep/],
    [{ epochs: 2 }, /Expected epochs or steps but received both/],
    [{ colour: 'red' }, /Expected a setting of training but received colour/],
    [{ bytes: {} }, /Expected a setting of training but received bytes/],
  ];
  for (const [part, message] of refused)
    assert.throws(() => train.check({ ...JOB, ...part }), message, JSON.stringify(part));
  assert.deepEqual(train.check(train.check(JOB)), train.check(JOB));
});
