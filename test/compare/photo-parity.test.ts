import assert from 'node:assert/strict';
import test from 'node:test';
import { type PhotoParityInputs, photoParity } from '../../src/compare/photo-parity.ts';
import { trainingObjective } from '../../src/compare/training-objective.ts';
import { toTensor } from '../../src/engine/pixels.ts';
import { toPixels } from '../../src/engine/samples.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { stabilityTerms } from '../../src/losses/stability-loss.ts';
import { lossesOf } from '../../src/losses/term.ts';
import { termsOf } from '../../src/losses/terms.ts';
import { LossNetwork } from '../../src/networks/loss-network.ts';
import type { Picture } from '../../src/picture.ts';
import { parseTrainConfig, type TrainConfig } from '../../src/train/config.ts';
import { TRAIN_RECIPES } from '../../src/train/recipes.ts';
import { targetsOf, weightsOf } from '../../src/train/step/objective.ts';
import { drawChanges, nextMoment } from '../../src/train/step/stability-changes.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';
import { tinyLossNetwork } from '../helpers/tiny-loss-network.ts';

const weights = tinyLossNetwork();
const photo = drawnPicture(48, 40, 1);
const painting = drawnPicture(64, 48, 9);
const training = {
  ...parseTrainConfig({ styleSize: 64, styleWeight: 3, tvWeight: 1e-4, pooling: 'average' }),
  photos: 12,
  precision: 'f32',
};
const checkpoint = {
  name: 'tiny',
  style: {},
  training,
  lossNetwork: { source: 'drawn', sha256: weights.sha256 },
};

/** The trainer's own loss of a picture, put together anew. */
async function trainingLoss(picture: Picture, config: TrainConfig): Promise<number> {
  const network = new LossNetwork(weights, config.pooling);
  const objective = await weightsOf(config, network.kind);
  const total = tf.tidy(() => {
    const contentLayers = Object.keys(objective.contentLayers);
    const content = network.featureMaps(toTensor(photo), contentLayers);
    const paintings = { 0: { statistics: targetsOf(painting, network, objective) } };
    const image = toTensor(picture);
    const maps = network.featureMaps(image, [...contentLayers, ...Object.keys(objective.styleLayers)]);
    return lossesOf(termsOf(objective), image, maps, { content, paintings }).total.dataSync()[0]!;
  });
  network.dispose();
  return total;
}

/** A picture half-way to what the optimisation makes: it is overtaken after some iterations. */
const halfway = drawnPicture(48, 40, 5);

const inputs: PhotoParityInputs = {
  config: { ...trainingObjective(checkpoint, 48).config, start: { kind: 'uniform' }, seed: 3 },
  lossNetwork: weights,
  photo,
  painting,
  paint: () => halfway,
  at: [4, 12],
};

test('network and optimisation are judged by the very loss of the training, on 8-bit pictures', async () => {
  const result = await photoParity(inputs);
  const near = async (picture: Picture, total: number) => {
    const wanted = await trainingLoss(picture, training);
    assert.ok(Math.abs(total - wanted) < 1e-4 * wanted, `${total} for ${wanted}`);
  };
  await near(photo, result.photo.total);
  await near(halfway, result.network.total);
  assert.equal(result.network.picture, halfway);
  assert.deepEqual(
    result.milestones.map(({ iterations }) => iterations),
    [4, 12],
  );
  for (const { picture, total } of result.milestones) await near(picture, total);
  assert.ok(result.milestones[1]!.total < result.milestones[0]!.total);
  assert.ok(result.milestones[1]!.seconds > result.milestones[0]!.seconds);
  assert.equal(result.iterations, 12);
});

test('in the units of every recipe, and with the lattice, network and photo are weighed as in training', async () => {
  const small = { styleSize: 64, architecture: 'c9s1-16,d32,u16,c9s1-3' };
  const { johnson, lengstrom, gatys } = TRAIN_RECIPES;
  const configs = [
    parseTrainConfig({ styleSize: 64, latticeWeight: 0.5, stabilityWeight: 3 }),
    ...[johnson, lengstrom, gatys].map(({ settings }) => parseTrainConfig({ ...settings, ...small })),
  ];
  for (const config of configs) {
    const objective = trainingObjective({ ...checkpoint, training: { ...config } }, 48).config;
    assert.deepEqual([objective.units, objective.latticeWeight], [config.units, config.latticeWeight]);
    const result = await photoParity({
      ...inputs,
      config: { ...objective, start: { kind: 'content' } },
      at: [1],
    });
    for (const { picture, total } of [result.photo, result.network]) {
      const wanted = await trainingLoss(picture, config);
      assert.ok(Math.abs(total - wanted) < 1e-4 * wanted, `${config.units}: ${total} for ${wanted}`);
    }
  }
  // It does count: without the lattice the same picture has another total.
  const [withIt] = configs as [TrainConfig];
  const without = await trainingLoss(halfway, { ...withIt, latticeWeight: 0 });
  assert.ok((await trainingLoss(halfway, withIt)) > 1.01 * without);
});

test('terms that a single picture does not have are listed', () => {
  const trained = (stabilityWeight: number) => ({
    ...checkpoint,
    training: { ...parseTrainConfig({ stabilityWeight }) },
  });
  assert.equal(trainingObjective(trained(0), 48).leftOut, undefined);
  assert.equal(
    trainingObjective(trained(10), 48).leftOut,
    'the stability term (weight 10), which is of pairs of pictures',
  );
});

test('terms of pairs are judged as training weighs them, of the network and of two optimisations', async () => {
  const config = parseTrainConfig({ styleSize: 64, stabilityWeight: 3, seed: 4 });
  const { ofPairs } = trainingObjective({ ...checkpoint, training: { ...config } }, 48);
  assert.ok(ofPairs);
  const painters: Readonly<Record<string, (given: Picture) => Picture>> = {
    itself: (given) => given,
    // Whatever it is given, it paints the same: still where the photo moves.
    still: () => halfway,
  };
  const change = drawChanges(config, { epoch: 0, index: 5 }, 1, photo.height, photo.width);
  for (const [name, paint] of Object.entries(painters)) {
    const counted: number[] = [];
    const pairs = { objective: ofPairs, place: 5 };
    const onIteration = (iteration: number) => counted.push(iteration);
    const found = await photoParity({ ...inputs, paint, pairs, at: [3], refine: false, onIteration });
    const [stability] = found.pairs!;
    const wanted = tf.tidy(() => {
      const painted = (seen: tf.Tensor4D) => {
        const pixels = toPixels(seen.dataSync());
        return toTensor(paint({ pixels, width: photo.width, height: photo.height }));
      };
      const next = () => nextMoment(painted, toTensor(photo), change);
      const term = stabilityTerms({ stabilityWeight: 3 })[0]!;
      return (term.value(toTensor(paint(photo)), {}, { next }) as tf.Scalar).dataSync()[0]!;
    });
    assert.deepEqual([stability!.name, stability!.weight], ['stability', 3]);
    assert.ok(Math.abs(stability!.network - wanted) < 1e-5, `${name}: ${stability!.network} for ${wanted}`);
    // From the same noise, whatever the photo does: it follows worse than the photo itself, better than nothing.
    assert.ok(stability!.optimised! > 0.05 && stability!.optimised! < 1, `${stability!.optimised}`);
    assert.deepEqual(counted, [1, 2, 3, 4, 5, 6]);
  }
  tf.dispose(change);
});

test('k* is exactly the iteration at which the optimisation overtakes', async () => {
  const paintedBy = (await photoParity({ ...inputs, at: [7] })).milestones[0]!;
  // A network exactly as good as iteration 7 is overtaken there.
  const paint = () => paintedBy.picture;
  const same = await photoParity({ ...inputs, paint, at: [6, 7, 12] });
  assert.equal(same.overtaken?.iterations, 7);
  assert.ok(same.milestones[0]!.total > same.network.total);
  assert.equal(same.milestones[1]!.total, same.network.total);
  assert.ok(
    same.refined && same.refined.iterations >= 1 && same.refined.iterations < 12,
    JSON.stringify(same.refined),
  );
  const never = await photoParity({ ...inputs, paint, at: [6] });
  assert.equal(never.overtaken, undefined);
});

test('a photo leaks no tensor, also when it is interrupted', async () => {
  const training = { ...parseTrainConfig({ stabilityWeight: 2 }) };
  const { ofPairs: objective } = trainingObjective({ ...checkpoint, training }, 48);
  const pairs = objective && { objective, place: 0 };
  await photoParity({ ...inputs, at: [1], pairs });
  await expectNoLeak(() => photoParity({ ...inputs, at: [2], pairs }));
  const stop = new AbortController();
  const broken = await expectNoLeak(() =>
    photoParity({ ...inputs, at: [50], signal: stop.signal, onIteration: (i) => i === 3 && stop.abort() }),
  );
  assert.equal(broken.iterations, 3);
  assert.deepEqual(broken.milestones, []);
});

test("the objective is the checkpoint's", () => {
  const { config, styleSize } = trainingObjective(checkpoint, 96);
  assert.equal(styleSize, 64);
  assert.equal(config.styleScale * 96, 64);
  assert.deepEqual(
    [
      config.units,
      config.statistic,
      config.contentWeight,
      config.styleWeight,
      config.tvWeight,
      config.pooling,
    ],
    ['relative', 'gram', 1, 3, 1e-4, 'average'],
  );
});
