/** Films and trainings through real workers on a real Redis that are killed: what comes out is what one machine makes. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { callCommand } from '../../helpers/call-command.ts';
import { ffmpeg, H264, noFfmpeg, testPicture } from '../../helpers/clips.ts';
import { noRedis } from '../../helpers/redis-server.ts';
import { signalAtFile } from '../../helpers/signal-at-file.ts';
import { openTestFarm } from '../../helpers/test-farm.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

test('a film whose worker is killed between two segments', { skip: noRedis || noFfmpeg }, async (t) => {
  const { root, startWorker, submit, whenOver } = await openTestFarm(t);
  const style = await writeTinyCheckpoint(join(root, 'tiny.safetensors'), 'c3s1-4,c3s1-3');
  // 260 frames: two segments.
  ffmpeg(...testPicture(10.4, '32x32'), ...H264, join(root, 'clip.mp4'));
  const words = ['video', 'clip.mp4', '--style', style, '--steady', 'off', '--precision', 'f32'];
  const killed = startWorker([], signalAtFile(/films\/[0-9a-f]+\/000000\.json$/, 'SIGKILL', 'parent'));
  const id = await submit(...words, '--out', 'farm.mp4');
  assert.equal((await killed.done).signal, 'SIGKILL');
  const worker = startWorker();
  const { state, itemsDone } = await whenOver(id, worker);
  assert.deepEqual([state, itemsDone], ['done', 260]);
  const { code, stderr } = await callCommand([...words, '--out', 'alone.mp4'], { cwd: root });
  assert.equal(code, 0, stderr);
  const [many, one] = await Promise.all(['farm', 'alone'].map((name) => readFile(join(root, `${name}.mp4`))));
  assert.ok(many!.equals(one!), 'the same bytes');
});

test('a training whose worker is killed after a state', { skip: noRedis }, async (t) => {
  const { root, startWorker, submit, whenOver } = await openTestFarm(t);
  await tinyDataset(root, 5);
  const lossNetwork = await writeTinyLossNetwork(join(root, 'vgg.safetensors'));
  const painting = await drawnPhoto(join(root, 'wave.png'), 60, 48, { seed: 9 });
  const words = `train --style ${painting} --data dataset --loss-network ${lossNetwork} --architecture c3s1-4,c3s1-3 --style-weight 4 --style-layers relu1_1 --content-layers relu2_2 --image-size 32 --style-size 64 --batch 2 --steps 9 --warmup 5 --precision f32 --preview-every 0 --checkpoint-every 3`;
  const killed = startWorker(
    [],
    signalAtFile(/root-run\/state-000000003\.safetensors$/, 'SIGKILL', 'parent'),
  );
  const id = await submit(...words.split(' '), '--run', 'root-run', '--out', 'farm');
  assert.equal((await killed.done).signal, 'SIGKILL');
  const worker = startWorker();
  const { state, itemsDone } = await whenOver(id, worker);
  assert.deepEqual([state, itemsDone], ['done', 9]);
  const { code, stderr } = await callCommand([...words.split(' '), '--run', 'own', '--out', 'alone'], {
    cwd: root,
  });
  assert.equal(code, 0, stderr);
  const [many, one] = await Promise.all(
    ['farm', 'alone'].map((name) => readFile(join(root, name, 'wave.safetensors'))),
  );
  assert.deepEqual(weightsOf(many!), weightsOf(one!), 'the same weights');
});

/** A safetensors file without its header, which names the run. */
function weightsOf(bytes: Buffer): Buffer {
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE()));
}
