import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { trainingObjective } from '../../../src/compare/training-objective.ts';
import { readPicture } from '../../../src/data/image-file.ts';
import { toTensor } from '../../../src/engine/pixels.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { loadCheckpoint, saveCheckpoint } from '../../../src/networks/checkpoint.ts';
import { LossNetwork } from '../../../src/networks/loss-network.ts';
import { readLossNetworkWeights } from '../../../src/networks/loss-network-weights.ts';
import { storeWeightsFile } from '../../../src/networks/weights/store-weights.ts';
import { makeStage } from '../../../src/optimize/stage.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { freshCache } from '../../helpers/fresh-cache.ts';
import { expectUserError, runCli } from '../../helpers/run-cli.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { tinyCheckpoint, writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

test('--refine lowers the training loss of the picture that the network painted', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const photo = await drawnPhoto(at('photo.png'), 41, 36, { seed: 1 });
  const painting = await drawnPhoto(at('wave.png'), 60, 40, { seed: 9 });
  const vgg = await writeTinyLossNetwork(at('vgg.safetensors'));
  const style = await writeTinyCheckpoint(at('tiny.safetensors'));
  const paint = (out: string, ...more: string[]) =>
    callCommand(['stylize', photo, '--style', style, '--out', at(out), '--precision', 'f32', ...more]);
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

test('a style is refined with its own loss network under any name, else with another one, with a note', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const env = await freshCache(folder);
  const stored = join(env.FAST_STYLE_CACHE, 'weights');
  await drawnPhoto(at('photo.png'), 41, 36, { seed: 1 });
  await drawnPhoto(at('wave.png'), 60, 40, { seed: 9 });
  const vgg = await writeTinyLossNetwork(at('quarter.safetensors'));
  const { source, sha256 } = await readLossNetworkWeights(vgg);
  const { parameters, layers: _, ...tiny } = tinyCheckpoint();
  // As styles of before have it: the file's hash, and a name that means nothing here. relu3_4 is a layer of VGG19 alone.
  const training = { lossNetwork: 'elsewhere.safetensors', styleLayers: { relu1_1: 1, relu3_4: 1 } };
  const style = { ...tiny, training, lossNetwork: { source, sha256 } };
  await saveCheckpoint(at('tiny.safetensors'), style, parameters);
  const refine = (out: string, ...more: string[]) => {
    const words = ['--refine', '1', '--painting', at('wave.png'), '--out', at(out), ...more];
    return [['stylize', at('photo.png'), '--style', at('tiny.safetensors'), ...words], { env }] as const;
  };
  const compact = await runCli(...refine('compact.png'));
  assert.equal(compact.code, 0, compact.stderr);
  assert.match(
    compact.stderr,
    /^tiny was trained with drawn for tests, which is not here; compact \(.*\) judges instead\.\nThe loss network has no relu3_4; relu3_\d replaces it\.\n/m,
  );
  await storeWeightsFile(vgg, { name: 'mine', folder: stored });
  const own = await callCommand(...refine('own.png'));
  assert.equal(own.code, 0, own.stderr);
  assert.doesNotMatch(own.stderr, /judges instead|replaces it/);
  const other = await writeTinyLossNetwork(at('other.safetensors'), { seed: 8 });
  const named = await callCommand(...refine('named.png', '--loss-network', other));
  assert.equal(named.code, 0, named.stderr);
  assert.match(named.stderr, /not with the one that is named; .*other\.safetensors \(.*\) judges instead\./);
});
