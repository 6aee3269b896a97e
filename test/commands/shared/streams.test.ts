/** Long work does not end for its streams: a reader that has enough, a full disk behind them, a terminal that is closed. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { CLI, startCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const noFull: string | false = existsSync('/dev/full') ? false : 'there is no /dev/full';

async function smallTraining(t: TestContext, steps: number): Promise<{ folder: string; args: string[] }> {
  const folder = await temporaryFolder(t);
  await tinyDataset(folder, 5);
  await writeTinyLossNetwork(join(folder, 'vgg.safetensors'));
  await drawnPhoto(join(folder, 'wave.png'), 60, 48, { seed: 9 });
  const words = `train --style wave.png --data dataset --loss-network vgg.safetensors --run run --out . --architecture c3s1-4,c3s1-3 --style-weight 4 --style-layers relu1_1 --content-layers relu2_2 --image-size 32 --style-size 64 --batch 2 --warmup 5 --precision f32 --preview-every 0 --steps ${steps}`;
  return { folder, args: words.split(' ') };
}

function start(
  args: readonly string[],
  cwd: string,
  stdout: number | 'pipe',
  stderr: number | 'pipe',
): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], {
    ...{ cwd, stdio: ['ignore', stdout, stderr] },
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: undefined },
  });
}

test('a reader that has enough after a line does not stop training or painting', async (t) => {
  const { folder, args } = await smallTraining(t, 30);
  const child = start([...args, '--json'], folder, 'pipe', 'pipe');
  child.stderr!.resume();
  child.stdout!.once('data', () => child.stdout!.destroy());
  assert.deepEqual(await once(child, 'close'), [0, null]);
  assert.ok((await readdir(folder)).includes('wave.safetensors'));

  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  for (let i = 0; i < 6; i++) await drawnPhoto(join(folder, `${i}.jpg`), 40, 30, { format: 'jpeg', seed: i });
  const photos = Array.from({ length: 6 }, (_, i) => `${i}.jpg`);
  const painter = start(
    ['stylize', ...photos, '--style', style, '--out', 'painted/', '--precision', 'f32'],
    folder,
    'pipe',
    'pipe',
  );
  painter.stderr!.resume();
  painter.stdout!.once('data', () => painter.stdout!.destroy());
  assert.deepEqual(await once(painter, 'close'), [0, null]);
  assert.equal((await readdir(join(folder, 'painted'))).length, 6);
});

test('a full disk at standard output is reported, and training ends saved', { skip: noFull }, async (t) => {
  const { folder, args } = await smallTraining(t, 30);
  const full = openSync('/dev/full', 'w');
  const child = start([...args, '--json'], folder, full, 'pipe');
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 1, said);
  assert.match(said, /^fast-style: Cannot write to standard output: no room is left on the disk; .*\.$/m);
  assert.doesNotMatch(said, /\n {4}at /);
  const log = (await readFile(join(folder, 'run', 'log.jsonl'), 'utf8')).trim().split('\n');
  assert.equal(JSON.parse(log.at(-1)!).step, 30);
  assert.ok((await readdir(folder)).includes('wave.safetensors'));
  const silent = start(['styles'], folder, full, full);
  assert.deepEqual(await once(silent, 'close'), [1, null]);
});

test('a hang-up, even twice, ends a training saved', async (t) => {
  const { folder, args } = await smallTraining(t, 100_000);
  const run = startCli([...args, '--json'], { cwd: folder });
  await once(run.child.stdout!, 'data');
  const log = join(folder, 'run', 'log.jsonl');
  await waitFor('a log', () => existsSync(log), run);
  run.child.kill('SIGHUP');
  run.child.kill('SIGHUP');
  const { code, signal, stderr } = await run.done;
  assert.deepEqual([code, signal], [130, null], stderr);
  assert.match(stderr, /Stopped after step \d+ of 100000; everything is saved/);
  assert.ok((await readdir(join(folder, 'run'))).some((name) => name.startsWith('state-')));
});
