import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { trainingObjective } from '../../src/compare/training-objective.ts';
import { readPicture } from '../../src/data/image-file.ts';
import { toTensor } from '../../src/engine/pixels.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { LossNetwork } from '../../src/networks/loss-network.ts';
import { readLossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { makeStage } from '../../src/optimize/stage.ts';
import { expectUserError, runCli } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';

test('--refine lowers the training loss of the picture that the network painted', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const photo = await drawnPhoto(at('photo.png'), 41, 36, { seed: 1 });
  const painting = await drawnPhoto(at('wave.png'), 60, 40, { seed: 9 });
  const vgg = await writeTinyLossNetwork(at('vgg.safetensors'));
  const style = await writeTinyCheckpoint(at('tiny.safetensors'));
  const paint = (out: string, ...more: string[]) =>
    runCli(['stylize', photo, '--style', style, '--out', at(out), '--precision', 'f32', ...more]);
  const named = ['--painting', painting, '--loss-network', vgg];
  const once = await paint('once.png');
  assert.equal(once.code, 0, once.stderr);
  for (const [out, steps] of [
    ['two.png', '2'],
    ['ten.png', '10'],
  ] as const) {
    const refined = await paint(out, '--refine', steps, ...named);
    assert.equal(refined.code, 0, refined.stderr);
  }

  const checkpoint = await loadCheckpoint(style);
  const { config, styleSize } = trainingObjective(checkpoint, 41);
  const lossNetwork = await readLossNetworkWeights(vgg);
  const network = new LossNetwork(lossNetwork, config.pooling);
  const content = await readPicture(photo);
  const styles = [{ picture: await readPicture(painting, { longSide: styleSize }) }];
  const stage = await makeStage(config, { lossNetwork, content, styles }, network, 1);
  const totals = [];
  for (const name of ['once.png', 'two.png', 'ten.png']) {
    const picture = await readPicture(at(name));
    assert.deepEqual([picture.width, picture.height], [41, 36]);
    const image = toTensor(picture);
    totals.push(stage.objective.evaluate(image.dataSync() as Float32Array).value);
    tf.dispose(image);
  }
  stage.dispose();
  network.dispose();
  assert.ok(totals[1]! < totals[0]! && totals[2]! < totals[1]!, totals.join(' '));

  expectUserError(
    await paint('a.png', '--refine', '3'),
    /the painting of this style \(Noise\) for --refine but received none/,
    2,
  );
  expectUserError(
    await paint('a.png', '--refine', '0', ...named),
    /at least 1 for --refine but received 0/,
    2,
  );
});
