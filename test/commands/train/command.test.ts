import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { readPicture } from '../../../src/data/image-file.ts';
import { loadCheckpoint } from '../../../src/networks/checkpoint.ts';
import { loadRunState } from '../../../src/train/run/run-state.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { expectUserError, runCli, startCli } from '../../helpers/run-cli.ts';
import { withSmallDisk } from '../../helpers/small-disk.ts';
import { sharedFolder, temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const folder = sharedFolder();
const at = (name: string) => join(folder, name);

before(async () => {
  await tinyDataset(folder, 5);
  await writeTinyLossNetwork(at('vgg.safetensors'));
  await drawnPhoto(at('wave.png'), 60, 48, { seed: 9 });
  await drawnPhoto(at('harbour.png'), 50, 35, { seed: 10 });
});

/** Options of a run that takes a moment; those given replace them, null takes one away. */
function train(given: Readonly<Record<string, string | number | true | null>>): string[] {
  const options: typeof given = {
    style: at('wave.png'),
    data: at('dataset'),
    'loss-network': at('vgg.safetensors'),
    architecture: 'c3s1-4,c3s1-3',
    'style-layers': 'relu1_1,relu2_1:0.5',
    'content-layers': 'relu2_2',
    'style-weight': 4,
    'image-size': 32,
    'style-size': 64,
    batch: 2,
    warmup: 1,
    precision: 'f32',
    'preview-every': 0,
    ...given,
  };
  const words = Object.entries(options).flatMap(([name, value]) =>
    value === null ? [] : value === true ? [`--${name}`] : [`--${name}`, String(value)],
  );
  return ['train', ...words];
}

/** Of a network whose states fill a small disk. */
const LARGER = { architecture: 'c3s1-4,d6,R6,u4,c3s1-3' };

test('trains a checkpoint, with state, previews and a log in the folder of the run; nothing is replaced without --overwrite', async (t) => {
  const cwd = await temporaryFolder(t);
  const given = {
    steps: 4,
    'checkpoint-every': 2,
    'preview-every': 2,
    'preview-photo': at('harbour.png'),
    title: 'A Wave',
    licence: 'public domain',
  };
  const result = await runCli(train(given), { cwd });
  assert.equal(result.code, 0, result.stderr);
  const file = join('checkpoints', 'wave.safetensors');
  assert.equal(result.stdout, `${file}\n`);
  assert.match(
    result.stderr,
    /^Training wave: 4 steps of 2 pictures at 32 px in f32, 5 pictures in .*dataset\n/,
  );
  assert.deepEqual((await readdir(cwd)).sort(), ['checkpoints', 'runs']);
  assert.deepEqual((await readdir(join(cwd, 'runs', 'wave'))).sort(), [
    'log.jsonl',
    'previews',
    'report.html',
    'run.json',
    'state-000000002.safetensors',
    'state-000000004.safetensors',
  ]);
  assert.deepEqual(await readdir(join(cwd, 'runs', 'wave', 'previews')), [
    'harbour-000002.jpg',
    'harbour-000004.jpg',
  ]);
  const preview = await readPicture(join(cwd, 'runs', 'wave', 'previews', 'harbour-000002.jpg'));
  assert.ok(Math.abs(preview.width / preview.height - 50 / 35) < 0.02);
  const checkpoint = await loadCheckpoint(join(cwd, file));
  assert.equal(checkpoint.name, 'wave');
  assert.equal(checkpoint.steps, 4);
  assert.equal(checkpoint.images, 8);
  assert.deepEqual(checkpoint.style, { file: 'wave.png', title: 'A Wave', licence: 'public domain' });
  assert.deepEqual(checkpoint.training.styleLayers, { relu1_1: 1, relu2_1: 0.5 });
  assert.ok(checkpoint.losses.total! > 0);
  const said = JSON.stringify({ ...checkpoint, parameters: [] });
  assert.ok(!said.includes(folder), 'no path of this machine travels with a checkpoint');

  // Once more: refused, by the run and, without it, by the checkpoint.
  const bytes = await readFile(join(cwd, file));
  expectUserError(
    await callCommand(train(given), { cwd }),
    /wave holds an earlier run; continue with --resume, or start again with --overwrite/,
  );
  expectUserError(
    await callCommand(train({ ...given, run: 'other' }), { cwd }),
    /wave\.safetensors exists already; .*--overwrite/,
  );
  assert.deepEqual(await readFile(join(cwd, file)), bytes);

  // Afresh: the earlier run's files go, whatever else lies in the folder stays.
  await writeFile(join(cwd, 'runs', 'wave', 'notes.txt'), 'mine');
  const afresh = await callCommand(train({ steps: 1, overwrite: true }), { cwd });
  assert.equal(afresh.code, 0, afresh.stderr);
  assert.deepEqual((await readdir(join(cwd, 'runs', 'wave'))).sort(), [
    'log.jsonl',
    'notes.txt',
    'previews',
    'report.html',
    'run.json',
    'state-000000001.safetensors',
  ]);
  assert.equal((await loadCheckpoint(join(cwd, file))).steps, 1);

  // And the trained style paints.
  const painted = await callCommand(['stylize', at('harbour.png'), '-s', 'wave', '-o', 'painted.webp'], {
    cwd,
  });
  assert.equal(painted.code, 0, painted.stderr);
  const { width, height } = await readPicture(join(cwd, 'painted.webp'));
  assert.deepEqual([width, height], [50, 35]);
});

test('Ctrl-C saves and exits with 130, --resume continues, and a full disk gets one line', async (t) => {
  const cwd = await temporaryFolder(t);
  const given = { out: '.', run: 'run', 'checkpoint-every': 1000, decay: 'none' };
  const running = startCli(train({ ...given, steps: 1_000_000 }), { cwd });
  await waitFor('a log', () => existsSync(join(cwd, 'run', 'log.jsonl')), running); // 50 steps are done
  running.child.kill('SIGINT');
  const stopped = await running.done;
  assert.equal(stopped.code, 130, stopped.stderr);
  const [, done = ''] = /Stopped after step (\d+) of 1000000; everything is saved/.exec(stopped.stderr) ?? [];
  const steps = Number(done);
  assert.ok(steps >= 50, stopped.stderr);
  assert.equal(stopped.stdout, '');
  const { state } = await loadRunState(join(cwd, 'run'));
  assert.equal(state.step, steps);
  assert.equal((await loadCheckpoint(join(cwd, 'wave.safetensors'))).steps, steps);

  const resumed = await callCommand(train({ ...given, steps: steps + 3, resume: true }), { cwd });
  assert.equal(resumed.code, 0, resumed.stderr);
  const { steps: after, images } = await loadCheckpoint(join(cwd, 'wave.safetensors'));
  assert.deepEqual([after, images], [steps + 3, 2 * (steps + 3)]);

  expectUserError(
    await callCommand(train({ ...given, seed: 5, resume: true }), { cwd }),
    /Expected the run's own seed \(1\) with --resume but received 5/,
    2,
  );
  if (existsSync('/dev/full')) {
    await rm(join(cwd, 'run', 'log.jsonl'));
    await symlink('/dev/full', join(cwd, 'run', 'log.jsonl'));
    const full = await callCommand(train({ ...given, steps: steps + 4, resume: true }), { cwd });
    assert.equal(full.code, 1);
    assert.match(full.stderr, /^fast-style: Cannot write to the log in run: no room is left on the disk/m);
    assert.doesNotMatch(full.stderr, /^ {4}at /m);
    assert.equal((await loadRunState(join(cwd, 'run'))).state.step, steps + 3);
  }
});

test('a full disk leaves no half-written state', async (t) => {
  await withSmallDisk(t, 20, async (disk) => {
    const cwd = await temporaryFolder(t);
    const result = await runCli(train({ ...LARGER, steps: 2, run: join(disk, 'run'), 'ignore-plan': true }), {
      cwd,
    });
    assert.equal(result.code, 1);
    assert.match(result.stderr, /^fast-style: Cannot write .*state-000000002\.safetensors: no room is left/m);
    assert.doesNotMatch(result.stderr, /^ {4}at /m);
    assert.deepEqual(await readdir(cwd), [], 'no checkpoint of a run whose state is not saved');
    assert.deepEqual(
      (await readdir(join(disk, 'run'))).filter((name) => /state|\.part$/.test(name)),
      [],
    );
  });
});

test('the plan is printed, and what does not fit is refused before anything is computed', async (t) => {
  const cwd = await temporaryFolder(t);
  const plan = await callCommand(train({ steps: 60, plan: true }), { cwd });
  assert.equal(plan.code, 0, plan.stderr);
  const said =
    /^Training wave: 60 steps.*\n {2}memory {2}about \d\.\d GB at its peak; [\d.]+ GB are free\n {2}time {4}[\d.e-]+ s a step \(measured\), \d+ s for 60 steps\n {2}disk {4}[\d.]+ MB: 3 states of .*\n$/;
  assert.match(plan.stdout, said);
  assert.deepEqual(await readdir(cwd), [], 'a plan makes nothing');
  // Terabytes: more than any machine has that runs this test.
  const wide = { architecture: 'c9s1-1024,R1024x64,c9s1-3', 'image-size': 128, batch: 256 };
  expectUserError(
    await callCommand(train(wide), { cwd }),
    /Expected settings that fit into the [\d.]+ GB of memory that are free but received a batch of 256 at 128 px, which takes about \d{4}\.\d GB; (use|free) .* or --ignore-plan/,
    2,
  );
  assert.deepEqual(await readdir(cwd), []);
  await withSmallDisk(t, 20, async (disk) => {
    expectUserError(
      await callCommand(train({ ...LARGER, steps: 2, run: join(disk, 'run') }), { cwd }),
      /Expected [\d.]+ MB of room on the disk for states, previews and the checkpoint but received 0\.0\d+ MB; free some, choose another disk with --run/,
    );
  });
});

test('losses that are not finite end the run in one line and leave nothing half-written', async (t) => {
  const cwd = await temporaryFolder(t);
  const network = await writeTinyLossNetwork(join(cwd, 'loud.safetensors'), { gain: 1e20 });
  const result = await runCli(train({ steps: 50, 'loss-network': network }), { cwd });
  assert.equal(result.code, 1, result.stderr);
  assert.match(
    result.stderr,
    /^fast-style: Training failed for the 3rd time, at step 1: the loss is not finite .*Nothing was saved yet: start again/m,
  );
  assert.doesNotMatch(result.stderr, /^ {4}at /m);
  const left = (await readdir(cwd, { recursive: true })).filter((name) => name !== 'loud.safetensors');
  const files = ['log.jsonl', 'report.html', 'run.json'].map((name) => join('runs', 'wave', name));
  assert.deepEqual(left.sort(), ['runs', join('runs', 'wave'), ...files]);
  assert.match(
    await readFile(join(cwd, 'runs', 'wave', 'report.html'), 'utf8'),
    /<p class="state failed">Failed/,
  );
});

test('bad input gets one line and a non-zero exit, and nothing is made', async (t) => {
  const cwd = await temporaryFolder(t);
  const put = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(cwd, name), content);
    return join(cwd, name);
  };
  await mkdir(join(cwd, 'empty'));
  await mkdir(join(cwd, 'photos'));
  await drawnPhoto(join(cwd, 'photos', 'a.png'), 40, 40);
  const text = await put('text.png', 'no picture');
  const narrow = await drawnPhoto(join(cwd, 'narrow.png'), 600, 4);
  const tiny = await drawnPhoto(join(cwd, 'tiny.png'), 400, 4);
  const short = await writeTinyLossNetwork(join(cwd, 'short.safetensors'), { last: 'conv2_1' });
  const checkpoint = await writeTinyCheckpoint(join(cwd, 'style.safetensors'));
  const weights = await readFile(at('vgg.safetensors'));
  const cut = await put('cut.safetensors', weights.subarray(0, weights.length - 100));
  const cutData = join(cwd, 'cut-data');
  await mkdir(cutData);
  for (const name of await readdir(at('dataset'))) {
    const bytes = await readFile(join(at('dataset'), name));
    await writeFile(
      join(cutData, name),
      name.endsWith('.json') ? bytes : bytes.subarray(0, bytes.length - 9),
    );
  }
  const cases: readonly (readonly [given: Parameters<typeof train>[0], message: RegExp, code?: number])[] = [
    [{ style: join(cwd, 'none.jpg') }, /none\.jpg: no such file/],
    [{ style: text, name: 'x' }, /text\.png is not a picture that can be read/],
    [{ style: narrow }, /pictures large enough for/, 2],
    [{ data: join(cwd, 'empty') }, /empty is not a data set; run: fast-style dataset build/],
    [{ data: join(cwd, 'photos') }, /a folder of photos, not a data set/],
    [{ data: cutData }, /is cut short at record \d of \d/],
    [{ 'image-size': 128 }, /an image size of at most 64 px/, 2],
    [{ 'loss-network': join(cwd, 'none.safetensors') }, /Cannot read .*none\.safetensors: no such file/],
    [{ 'loss-network': 'no-such-weights' }, /no weights called no-such-weights/],
    [{ 'loss-network': checkpoint }, /style\.safetensors/],
    [{ 'loss-network': cut }, /cut\.safetensors is not a sound safetensors file/],
    [
      { 'loss-network': short },
      /weights of the loss network up to conv2_2 but received a file that ends before it/,
    ],
    [{ 'style-layers': 'relu7_1' }, /a layer of vgg19 but received relu7_1; its layers are/, 2],
    [
      { resume: true, overwrite: true },
      /--resume to continue or --overwrite to start again but received both/,
      2,
    ],
    [{ epochs: 'Infinity' }, /a whole number from 1 to 1000000000 for steps but received Infinity/, 2],
    [{ steps: 'many' }, /a number for --steps but received many/, 2],
    [{ 'preview-every': 1, 'preview-photo': tiny }, /a preview photo of at least 16/],
    [{ name: '../escape' }, /for --name but received \.\.\/escape/, 2],
    [
      { resume: true },
      /the state of a run in .* but received none that can be used; start it without --resume/,
    ],
    [{ config: join(cwd, 'none.json') }, /Cannot read the configuration .*none\.json: no such file/],
    [{ config: await put('broken.json', '{"steps": ') }, /JSON in .*broken\.json/, 2],
    [{ config: await put('other.json', '{"stepz": 5}') }, /a setting of training but received stepz/, 2],
  ];
  const earlier = await readdir(cwd);
  for (const [given, message, code = 1] of cases) {
    const { stderr, ...rest } = await callCommand(train({ run: 'run', out: 'out', ...given }), { cwd });
    // The heading of a run that fails at its first step, or its last, is no error.
    const complaint = stderr.replace(/^Training .*\n/, '');
    try {
      expectUserError({ ...rest, stderr: complaint }, message, code);
    } catch (error) {
      throw new Error(`${JSON.stringify(given)}: ${(error as Error).message}`, { cause: error });
    }
  }
  const made = (await readdir(cwd, { recursive: true })).filter((name) =>
    /\.part$|\.safetensors$/.test(name),
  );
  assert.deepEqual(made.sort(), ['cut.safetensors', 'short.safetensors', 'style.safetensors']);
  assert.deepEqual(
    (await readdir(cwd)).filter((name) => !earlier.includes(name)),
    [],
  );
});
