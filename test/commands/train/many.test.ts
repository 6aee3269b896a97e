import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { loadCheckpoint, readCheckpoint } from '../../../src/networks/checkpoint.ts';
import { parametersOfStyle } from '../../../src/networks/conditional-parameters.ts';
import { loadRunState } from '../../../src/train/run/run-state.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { expectUserError, runCli, startCli } from '../../helpers/run-cli.ts';
import { signalAtFile } from '../../helpers/signal-at-file.ts';
import { sharedFolder, temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPhoto, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

const folder = sharedFolder();
const at = (name: string) => join(folder, name);

before(async () => {
  await tinyDataset(folder, 5);
  await writeTinyLossNetwork(at('vgg.safetensors'));
  await drawnPhoto(at('wave.png'), 60, 48, { seed: 9 });
  await drawnPhoto(at('scream.png'), 50, 55, { seed: 10 });
  await drawnPhoto(at('iris.png'), 44, 50, { seed: 11 });
  // Sound as a picture, too flat for the loss network's pooling.
  await drawnPhoto(at('line.png'), 60, 1, { seed: 12 });
});

/** A call whose steps take milliseconds. */
function train(paintings: readonly string[], ...more: readonly string[]): string[] {
  const fixed = `train --data ${at('dataset')} --loss-network ${at('vgg.safetensors')} --out .`;
  const small =
    '--style-layers relu1_1,relu2_1 --content-layers relu2_2 --style-weight 4 --image-size 32 --style-size 64 --batch 2 --warmup 5 --precision f32 --preview-every 0';
  const net = more.includes('--add-to') ? [] : ['--architecture', 'c3s1-4,c3s1-3'];
  return [...`${fixed} ${small}`.split(' '), ...net, '--style', ...paintings.map(at), ...more];
}

const stepOf = async (run: string) => (await loadRunState(run)).state.step;

test('a list killed or interrupted in the middle resumes as a whole, to the same weights', async (t) => {
  const paintings = ['wave.png', 'scream.png', 'iris.png'];
  const call = (...more: string[]) => train(paintings, '--steps', '15', '--checkpoint-every', '5', ...more);
  const [straight, broken] = [await temporaryFolder(t), await temporaryFolder(t)];
  const firstState = (run: string) => new RegExp(`${run}.state-0*5\\.safetensors$`);
  const killed = startCli(call(), { cwd: broken, env: signalAtFile(firstState('scream'), 'SIGKILL') });
  const { signal, stderr } = await killed.done;
  assert.equal(signal, 'SIGKILL', stderr);
  assert.equal(await stepOf(join(broken, 'runs', 'wave')), 15);
  assert.equal(await stepOf(join(broken, 'runs', 'scream')), 5);

  const env = signalAtFile(firstState('iris'), 'SIGINT');
  const interrupted = await runCli(call('--resume'), { cwd: broken, env });
  assert.equal(interrupted.code, 130, interrupted.stderr);
  assert.match(interrupted.stderr, /Painting 1 of 3, wave: already trained, wave\.safetensors/);
  assert.match(interrupted.stderr, /everything is saved\. Continue with the same command and --resume/);

  const last = await callCommand(call('--resume'), { cwd: broken });
  assert.equal(last.code, 0, last.stderr);
  assert.equal(last.stdout, 'wave.safetensors\nscream.safetensors\niris.safetensors\n');
  assert.match(last.stderr, /2 of 3, scream: already trained/);
  const whole = await callCommand(call(), { cwd: straight });
  assert.equal(whole.code, 0, whole.stderr);
  for (const name of ['wave', 'scream', 'iris']) {
    const [a, b] = await Promise.all(
      [straight, broken].map((cwd) => loadCheckpoint(join(cwd, `${name}.safetensors`))),
    );
    assert.deepEqual(b!.parameters, a!.parameters, name);
    assert.equal(b!.name, name);
  }
});

test('one that fails is reported at the end and stops nothing; invalid options stop all before the first', async (t) => {
  const cwd = await temporaryFolder(t);
  const quick = ['--steps', '2'];
  const some = await callCommand(train(['line.png', 'wave.png'], ...quick), { cwd });
  assert.equal(some.code, 1, some.stderr);
  assert.match(
    some.stderr,
    /fast-style: 1 of 2 paintings failed; the others are trained\. line: .*pictures large enough/,
  );
  assert.equal(some.stdout, 'wave.safetensors\n');
  assert.ok(existsSync(join(cwd, 'wave.safetensors')) && !existsSync(join(cwd, 'line.safetensors')));

  const [missing, there, plan] = await Promise.all([
    callCommand(train(['iris.png', 'none.png'], ...quick), { cwd }),
    callCommand(train(['iris.png', 'wave.png'], ...quick), { cwd }),
    callCommand(train(['iris.png', 'scream.png'], ...quick, '--plan'), { cwd }),
  ]);
  expectUserError(missing, /none\.png/);
  expectUserError(there, /runs.wave holds an earlier run/);
  assert.ok(!existsSync(join(cwd, 'runs', 'iris')), 'nothing was begun');
  assert.equal(plan.code, 0, plan.stderr);
  assert.match(
    plan.stdout,
    /Training iris: 2 steps[\s\S]*memory[\s\S]*Training scream: 2 steps[\s\S]*memory/,
  );
});

test('styles together: trained, resumed, listed, painted, mixed, and one added without changing the others', async (t) => {
  const cwd = await temporaryFolder(t);
  const call = (...more: string[]) =>
    train(['wave.png', 'scream.png'], '--together', '--name', 'pair', '--checkpoint-every', '4', ...more);
  const trained = await callCommand(call('--steps', '12'), { cwd });
  assert.equal(trained.code, 0, trained.stderr);
  const [line = ''] = (await readFile(join(cwd, 'runs', 'pair', 'log.jsonl'), 'utf8')).split('\n');
  const { styles, total } = JSON.parse(line);
  assert.deepEqual(Object.keys(styles), ['wave', 'scream']);
  assert.ok(Math.abs((styles.wave.total + styles.scream.total) / 2 - total) < 1e-3 * total);
  const more = await callCommand(call('--steps', '15', '--resume'), { cwd });
  assert.equal(more.code, 0, more.stderr);
  assert.equal((await readCheckpoint(join(cwd, 'pair.safetensors'))).steps, 15);

  const photo = await drawnPhoto(join(cwd, 'photo.png'), 30, 24);
  const pair = join(cwd, 'pair.safetensors');
  const adding = (...more: string[]) => train(['iris.png'], '--add-to', pair, '--name', 'three', ...more);
  const [painted, mixed, none, added, same] = await Promise.all([
    callCommand(['stylize', photo, '--style', `${pair}:scream`, '--out', 'out/'], { cwd }),
    callCommand(['stylize', photo, '--style', pair, '--blend', 'wave:3,scream', '--out', 'out/'], { cwd }),
    callCommand(['stylize', photo, '--style', pair, '--out', 'out/'], { cwd }),
    callCommand(adding('--steps', '3'), { cwd }),
    callCommand(train(['iris.png'], '--add-to', pair, '--name', 'pair', '--overwrite'), { cwd }),
  ]);
  assert.equal(painted.code, 0, painted.stderr);
  assert.equal(mixed.code, 0, mixed.stderr);
  assert.deepEqual((await readdir(join(cwd, 'out'))).sort(), [
    'photo-pair-scream.png',
    'photo-pair-wave-0.75-scream-0.25.png',
  ]);
  expectUserError(none, /one of the 2 styles in .*\(wave, scream\) but received none named/);
  expectUserError(same, /another file than .*pair\.safetensors/, 2);
  assert.equal(added.code, 0, added.stderr);
  const [before, now] = [await readCheckpoint(pair), await readCheckpoint(join(cwd, 'three.safetensors'))];
  assert.deepEqual(
    now.styles!.map(({ name }) => name),
    ['wave', 'scream', 'iris'],
  );
  assert.deepEqual(now.styles!.slice(0, 2), before.styles);
  for (const i of [0, 1])
    assert.deepEqual(parametersOfStyle(now.parameters, i), parametersOfStyle(before.parameters, i));

  const [list, inspected] = await Promise.all([
    callCommand(['styles', 'inspect', join(cwd, 'three.safetensors')], { cwd }),
    callCommand(['styles', 'inspect', `${join(cwd, 'three.safetensors')}:iris`], { cwd }),
  ]);
  assert.equal(JSON.parse(list.stdout).styles.length, 3);
  assert.equal(JSON.parse(inspected.stdout).style.file, 'iris.png');
  const resumed = await callCommand(adding('--steps', '5', '--resume'), { cwd });
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.equal((await readCheckpoint(join(cwd, 'three.safetensors'))).steps, 5);
});
