/** What can be seen of a run while it goes on: JSON lines, the report, TensorBoard's event files. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { loadRunState } from '../../../src/train/run/run-state.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { readEvents } from '../../helpers/event-files.ts';
import { expectUserError, runCli, startCli } from '../../helpers/run-cli.ts';
import { sharedFolder, temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPhoto, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';
import { waitFor } from '../../helpers/wait-for.ts';
import { pageData } from '../../report/run-in-folder.ts';

const folder = sharedFolder();
const at = (name: string) => join(folder, name);

before(async () => {
  await tinyDataset(folder, 5);
  await writeTinyLossNetwork(at('vgg.safetensors'));
  await drawnPhoto(at('wave.png'), 60, 48, { seed: 9 });
  await drawnPhoto(at('<b>photo.png'), 50, 35, { seed: 10 });
});

function train(...more: readonly string[]): string[] {
  const small =
    '--architecture c3s1-4,c3s1-3 --style-layers relu1_1,relu2_1 --content-layers relu2_2 --image-size 32 --style-size 64 --batch 2 --warmup 5 --precision f32 --decay none --style-weight 4';
  const data = ['--data', at('dataset'), '--loss-network', at('vgg.safetensors')];
  const photo = ['--preview-photo', at('<b>photo.png'), '--run', 'run', '--out', '.'];
  return ['train', '--style', at('wave.png'), ...data, ...small.split(' '), ...photo, ...more];
}

/** Steps of a tag, as TensorBoard's own reader has them; undefined where Python has it not. */
function tensorBoardSteps(events: string, tag: string): number[] | undefined {
  const python = process.env.FAST_STYLE_TENSORBOARD_PYTHON ?? 'python3';
  const program = `import sys, json
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(sys.argv[1], {'scalars': 0, 'images': 0}); a.Reload()
of = a.Images if sys.argv[2].startswith('preview/') else a.Scalars
print(json.dumps([e.step for e in of(sys.argv[2])]))`;
  try {
    execFileSync(python, ['-c', 'import tensorboard'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return JSON.parse(execFileSync(python, ['-c', program, events, tag], { encoding: 'utf8', stdio: 'pipe' }));
}

test('--json reports a run line by line, and report and event files agree', async (t) => {
  const cwd = await temporaryFolder(t);
  const title = `<script>alert('title')</script>`;
  const more = ['--steps', '120', '--preview-every', '60', '--json', '--tensorboard', '--title', title];
  const result = await runCli(train(...more), { cwd });
  assert.equal(result.code, 0, result.stderr);
  assert.equal(result.stderr, '');
  const lines = result.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.slice(0, 2).map(({ event, steps }) => [event, steps]),
    [
      ['plan', 120],
      ['start', 120],
    ],
  );
  assert.deepEqual(lines[1].report, join('run', 'report.html'));
  const of = (event: string) => lines.filter((line) => line.event === event);
  assert.deepEqual(
    of('losses').map(({ step, heldOut }) => [step, heldOut !== undefined]),
    [
      [50, false],
      [60, true],
      [100, false],
      [120, true],
    ],
  );
  const [earlier, later] = of('losses').flatMap(({ heldOut }) => heldOut ?? []);
  assert.ok(later.total < earlier.total, 'what is learnt holds for other photos');
  assert.deepEqual(
    of('preview').map(({ step }) => step),
    [60, 120],
  );
  assert.deepEqual(
    of('saved').map(({ step }) => step),
    [120],
  );
  assert.equal(of('step')[0].step, 1);
  assert.equal(of('step').at(-1).step, 120);
  assert.ok(of('step').length < 30, 'one a second');
  const { time, ...ended } = lines.at(-1);
  assert.deepEqual(ended, { event: 'ended', step: 120, as: 'done' });
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);

  const run = join(cwd, 'run');
  const html = await readFile(join(run, 'report.html'), 'utf8');
  const data = pageData(html);
  assert.deepEqual(data.steps, [50, 60, 100, 120]);
  const layers = data.charts.find(({ id }) => id === 'style-layers')!.curves;
  assert.deepEqual(
    layers.map(({ name, values }) => [name, values.length]),
    [
      ['relu1_1', 4],
      ['relu2_1', 4],
    ],
  );
  assert.ok(Math.abs(layers[0]!.values[2]! / of('losses')[2].styleLayers.relu1_1 - 1) < 1e-4);
  const unseen = data.charts.find(({ id }) => id === 'held-out')!.curves;
  const figures = (name: string) =>
    unseen.find((curve) => curve.name === name)!.values.map((value) => value ?? undefined);
  const rounded = (value: number) => Number(value.toPrecision(6));
  assert.deepEqual(figures('total'), [undefined, rounded(earlier.total), undefined, rounded(later.total)]);
  assert.equal(figures('style')[3], rounded(4 * later.style), 'as it is weighed');
  assert.deepEqual(
    data.photos[0]!.frames.map(({ step }) => step),
    [60, 120],
  );
  assert.ok(!html.includes(title) && !html.includes('<b>photo'), 'names are text');
  assert.match(html, /<p class="state done">Done/);

  // Made again from what lies there, it is the same but for what only a running process knows.
  const again = await callCommand(['report', 'run', '--tensorboard'], { cwd });
  assert.equal(again.code, 0, again.stderr);
  assert.equal(again.stdout, `${join('run', 'report.html')}\n${join('run', 'tensorboard')}\n`);
  const made = pageData(await readFile(join(run, 'report.html'), 'utf8'));
  assert.deepEqual({ ...made, updated: '' }, { ...data, updated: '' });
  expectUserError(
    await callCommand(['report', folder], { cwd }),
    /a training run's folder with its log\.jsonl but received/,
  );

  const events = await readEvents(join(run, 'tensorboard'));
  const scalar = (tag: string) => events.filter((event) => event.tag === tag && event.scalar !== undefined);
  assert.deepEqual(
    scalar('loss/total').map(({ step }) => step),
    [50, 60, 100, 120],
  );
  assert.deepEqual(
    scalar('held-out/total').map(({ step }) => step),
    [60, 120],
  );
  const near = (tag: string, value: number) =>
    assert.ok(Math.abs(scalar(tag).at(-1)!.scalar! / value - 1) < 1e-6, tag);
  const last = of('losses').at(-1);
  near('loss/style', last.style);
  near('held-out/style', last.heldOut.style);
  near('style/relu2_1', last.styleLayers.relu2_1);
  near('content/relu2_2', last.contentLayers.relu2_2);
  near('run/learningRate', last.learningRate);
  near('run/imagesPerSecond', last.imagesPerSecond);
  const images = events.filter(({ image }) => image !== undefined);
  assert.deepEqual(
    images.map(({ step, tag }) => [step, tag]),
    [
      [60, 'preview/<b>photo'],
      [120, 'preview/<b>photo'],
    ],
  );
  assert.deepEqual(images[0]!.image, await readFile(join(run, 'previews', '<b>photo-000060.jpg')));
});

test('killed and resumed, report and event files show no step twice', async (t) => {
  const cwd = await temporaryFolder(t);
  const long = ['--steps', '100000', '--preview-every', '100', '--checkpoint-every', '130', '--tensorboard'];
  const running = startCli(train(...long), { cwd });
  const log = join(cwd, 'run', 'log.jsonl');
  const lines = async () =>
    existsSync(log)
      ? (await readFile(log, 'utf8')).split('\n').filter((line) => line.includes('"total"'))
      : [];
  await waitFor('four lines in the log', async () => (await lines()).length >= 4, running);
  running.child.kill('SIGKILL');
  await running.done;
  const { state } = await loadRunState(join(cwd, 'run'));
  const steps = Math.ceil((state.step + 120) / 50) * 50;
  const resumed = await callCommand(
    train('--steps', String(steps), '--preview-every', '100', '--tensorboard', '--resume'),
    { cwd },
  );
  assert.equal(resumed.code, 0, resumed.stderr);
  const wanted = Array.from({ length: steps / 50 }, (_, i) => 50 * (i + 1));
  const data = pageData(await readFile(join(cwd, 'run', 'report.html'), 'utf8'));
  assert.deepEqual(data.steps, wanted);
  assert.ok(data.marks.some(({ step, text }) => step === state.step && /Resumed/.test(text)));
  assert.deepEqual(
    data.photos[0]!.frames.map(({ step }) => step),
    wanted.filter((step) => step % 100 === 0),
  );

  const events = await readEvents(join(cwd, 'run', 'tensorboard'));
  assert.equal((await readdir(join(cwd, 'run', 'tensorboard'))).length, 2);
  assert.deepEqual(
    events.filter(({ isStart }) => isStart).map(({ step }) => step),
    [state.step + 1],
  );
  // What TensorBoard does: a START drops what it has of that step and later ones.
  const kept: number[] = [];
  for (const { isStart, step, tag } of events) {
    if (isStart) kept.splice(0, kept.length, ...kept.filter((each) => each < step));
    if (tag === 'loss/total') kept.push(step);
  }
  assert.deepEqual(kept, wanted);
  const read = tensorBoardSteps(join(cwd, 'run', 'tensorboard'), 'loss/total');
  if (read === undefined) t.diagnostic('Python has no tensorboard here: its own reader was not asked');
  else {
    assert.deepEqual(read, wanted);
    const images = tensorBoardSteps(join(cwd, 'run', 'tensorboard'), 'preview/<b>photo');
    assert.deepEqual(
      images,
      wanted.filter((step) => step % 100 === 0),
    );
  }
});
