import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { toTensor } from '../../src/engine/pixels.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { STYLE_STATISTICS } from '../../src/losses/style-statistic.ts';
import { LossNetwork } from '../../src/networks/loss-network.ts';
import { readLossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { shippedWeightsFile } from '../../src/networks/weights/weights-folder.ts';
import { WeightsError } from '../../src/system/errors.ts';
import { DEFAULT_TRAIN_CONFIG } from '../../src/train/config.ts';
import { expectGradientMatches } from '../helpers/finite-differences.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

const weights = await readLossNetworkWeights('compact');
const layers = [
  ...new Set(
    [DEFAULT_TRAIN_CONFIG.contentLayers, DEFAULT_TRAIN_CONFIG.styleLayers].flatMap((of) => Object.keys(of)),
  ),
].sort();
const picture = drawnPicture(64, 48, 3);

test('the shipped file is small and says whose it is', async () => {
  const { size } = await stat(shippedWeightsFile('compact')!);
  assert.ok(size <= 4e6, `${size} bytes`);
  const { kind, provenance, source } = weights;
  assert.equal(kind, 'vgg16');
  assert.match(source, /^fast-style, distilled from VGG16 as published with Keras/);
  assert.match(provenance.license ?? '', /^CC BY 4\.0, Karen Simonyan and Andrew Zisserman/);
  assert.match(provenance.paper ?? '', /1409\.1556/);
});

/** Root mean square of each layer and its first three numbers, recorded when the file was made (TensorFlow 2.21, f32). */
const RECORDED: Readonly<Record<string, readonly number[]>> = {
  relu1_1: [45.7662, 0, 0, 2.32163],
  relu2_1: [451.798, -1110.22, -471.284, -517.284],
  relu3_1: [1040.41, 3584.38, -883.141, -2.1879],
  relu3_2: [1077.9, -4679.84, 913.051, -718.435],
  relu4_1: [662.681, -4886.29, 1141.43, -381.191],
  relu4_2: [374.375, 3673.52, -830.273, -768.554],
  relu5_1: [82.2064, 494.775, -220.036, 57.2064],
};

test('its features are those that were recorded, at every layer of training', async () => {
  await expectNoLeak(() => {
    const network = new LossNetwork(weights);
    tf.tidy(() => {
      const maps = network.featureMaps(toTensor(picture), layers);
      assert.deepEqual(Object.keys(maps).sort(), layers);
      const found = Object.entries(maps).map(([layer, map]) => {
        const size = tf.sqrt(tf.mean(tf.square(map))).dataSync()[0]!;
        return [layer, [size, ...map.dataSync().slice(0, 3)]] as const;
      });
      for (const [layer, numbers] of found)
        expectTensorClose(numbers, RECORDED[layer]!, { relative: 1e-3, absolute: 0.5 });
    });
    network.dispose();
  });
});

test('a layer that it lacks is refused with those that it has', () => {
  const network = new LossNetwork(weights);
  assert.throws(
    () => tf.tidy(() => network.featureMaps(toTensor(picture), ['relu4_4'])),
    (error) =>
      error instanceof WeightsError &&
      /relu4_4; it has conv1_1, relu1_1, pool1, relu2_1,.* relu5_1/.test(error.message),
  );
  network.dispose();
});

test('its gradient to the pixels is right, deep layers and both poolings', () => {
  const small = tf.randomUniform<tf.Rank.R4>([1, 32, 34, 3], 60, 190, 'float32', 3);
  for (const pooling of ['max', 'average'] as const) {
    const network = new LossNetwork(weights, pooling);
    expectGradientMatches(
      (x) => {
        const maps = network.featureMaps(x as tf.Tensor4D, ['relu3_1', 'relu5_1']);
        return tf.div(tf.addN(Object.values(maps).map((map) => tf.mean(tf.square(map)))), 1e3);
      },
      [small],
      { coordinates: 10, step: 0.3, tolerance: 4e-2 },
    );
    network.dispose();
  }
  small.dispose();
});

const TEACHER = fileURLToPath(new URL('../../../shared/data/weights/vgg16.safetensors', import.meta.url));

test('its losses follow the teacher’s', {
  skip: !existsSync(TEACHER) && 'no vgg16.safetensors in ../shared/data/weights',
}, async () => {
  const teacher = new LossNetwork(await readLossNetworkWeights(TEACHER), 'average');
  const student = new LossNetwork(weights, 'average');
  const { of, loss } = STYLE_STATISTICS.gram;
  const [photo, painting] = [drawnPicture(96, 96, 5), drawnPicture(96, 96, 8)];
  for (const layer of ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1']) {
    const [taught, learnt] = [teacher, student].map((network) =>
      tf.tidy(() => {
        const [a, b] = [photo, painting].map((one) =>
          of(network.featureMaps(toTensor(one), [layer])[layer]!),
        );
        return loss(a!, b!).dataSync()[0]!;
      }),
    );
    assert.ok(learnt! / taught! > 0.5 && learnt! / taught! < 2, `${layer}: ${learnt} for ${taught}`);
  }
  teacher.dispose();
  student.dispose();
});
