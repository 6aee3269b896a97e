import assert from 'node:assert/strict';
import test from 'node:test';
import { squareMiddle } from '../../../src/data/image-file.ts';
import { toTensor } from '../../../src/engine/pixels.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { lossesOf } from '../../../src/losses/term.ts';
import { termsOf } from '../../../src/losses/terms.ts';
import { parametersOfStyle } from '../../../src/networks/conditional-parameters.ts';
import { LossNetwork } from '../../../src/networks/loss-network.ts';
import { namedTensors, transformNet } from '../../../src/networks/transform-net.ts';
import { heldOutLosses } from '../../../src/train/run/held-out-losses.ts';
import { targetsOf, weightsOf } from '../../../src/train/step/objective.ts';
import type { NetworkTrainer } from '../../../src/train/trainer.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';
import { config, lossNetwork, painting, run, trainer } from '../tiny-trainer.ts';

const photos = [drawnPicture(70, 50, 21), drawnPicture(33, 90, 22)];

/** The objective on a square of the photo, op by op and by the parameters that a checkpoint would hold. */
async function lossByHand(of: NetworkTrainer, photo: (typeof photos)[number], side: number, style?: number) {
  const picture = await squareMiddle(photo, side);
  const [all, network] = [of.parameters(), new LossNetwork(lossNetwork, config.pooling)];
  const weights = await weightsOf(config, lossNetwork.kind);
  const loss = tf.tidy(() => {
    const own = namedTensors(style === undefined ? all : parametersOfStyle(all, style));
    const image = toTensor(picture);
    const painted = transformNet(of.layers, own, image);
    const [contentLayers, styleLayers] = [
      Object.keys(weights.contentLayers),
      Object.keys(weights.styleLayers),
    ];
    const content = network.featureMaps(image, contentLayers);
    const features = network.featureMaps(painted, [...contentLayers, ...styleLayers]);
    const statistics = targetsOf(painting, network, weights);
    const aim = { content, paintings: { 0: { statistics } } };
    return lossesOf(termsOf(weights), painted, features, aim).total.dataSync()[0]!;
  });
  network.dispose();
  return loss;
}

test('the objective on the centres of other photos, with the averaged weights', async () => {
  const of = await trainer({ evaluates: true });
  const losses = heldOutLosses(of, config, photos);
  await run(of, 3);
  const found = await losses();
  const wanted = await Promise.all(photos.map((photo) => lossByHand(of, photo, config.imageSize)));
  const mean = (wanted[0]! + wanted[1]!) / 2;
  assert.ok(Math.abs(found.total / mean - 1) < 1e-4, `${found.total}, by hand ${mean}`);
  assert.ok(Math.abs(wanted[0]! / wanted[1]! - 1) > 1e-3, 'the photos differ');
  of.dispose();
});

test('crops are as large as those of the phase; judging changes nothing and leaks nothing', async () => {
  const small = { ...config, smallCrops: 0.5 };
  const shrunk: Partial<Parameters<typeof trainer>[0]> = {
    config: small,
    evaluates: true,
    openBatches: async function* (_, side) {
      const { pixels } = drawnPicture(side, 2 * side, 5);
      for (let index = 2; ; index += 2) yield { pixels, size: side, count: 2, position: { epoch: 0, index } };
    },
  };
  const [plain, looked] = [await trainer(shrunk), await trainer(shrunk)];
  const steps = await run(plain);
  const losses = heldOutLosses(looked, small, photos.slice(0, 1));
  const others = [];
  for await (const step of looked.steps()) {
    others.push(step);
    if (step.step !== 2 && step.step !== 5) continue;
    const side = step.step <= 3 ? config.imageSize / 2 : config.imageSize;
    await expectNoLeak(async () => {
      const [found, wanted] = [await losses(), await lossByHand(looked, photos[0]!, side)];
      assert.ok(Math.abs(found.total / wanted - 1) < 1e-4, `${side} px: ${found.total}, by hand ${wanted}`);
    });
  }
  assert.deepEqual(others, steps, 'to the last bit');
  plain.dispose();
  looked.dispose();
});

test('with several styles, the mean over them', async () => {
  const named = ['a', 'b'].map((name) => ({ name, painting, styleWeight: config.styleWeight }));
  const of = await trainer({ evaluates: true, painting: named });
  await run(of, 4);
  const found = await heldOutLosses(of, config, photos)();
  const each = await Promise.all(
    [0, 1].flatMap((style) => photos.map((photo) => lossByHand(of, photo, config.imageSize, style))),
  );
  const mean = each.reduce((a, b) => a + b) / 4;
  assert.ok(Math.abs(found.total / mean - 1) < 1e-4, `${found.total}, by hand ${mean}`);
  of.dispose();
});
