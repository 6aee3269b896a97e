import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { toTensor } from '../../src/engine/pixels.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { WeightsError } from '../../src/errors.ts';
import { STYLE_STATISTICS } from '../../src/losses/style-statistic.ts';
import { LossNetwork } from '../../src/networks/loss-network.ts';
import { readLossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { shippedWeightsFile } from '../../src/networks/weights/shipped-weights.ts';
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
  assert.ok(size <= 2e6, `${size} bytes`);
  const { kind, provenance, source } = weights;
  assert.equal(kind, 'vgg19');
  assert.match(source, /^fast-style, distilled from .*Collaborative-Distillation/);
  assert.match(provenance.license ?? '', /^MIT, Copyright \(c\) 2020 Huan Wang/);
  assert.match(provenance.paper ?? '', /2003\.08436/);
});

/** Root mean square of each layer and its first three numbers, recorded when the file was made (TensorFlow 2.21, f32). */
const RECORDED: Readonly<Record<string, readonly number[]>> = {
  relu1_1: [8.55142, 0, 0, 0.162206],
  relu2_1: [16.3004, 27.7558, -2.11292, -2.02225],
  relu3_1: [7.14738, 23.3509, -4.1373, 2.10036],
  relu3_2: [4.25413, 14.8179, -6.22948, 3.55829],
  relu4_1: [4.641, 23.7237, -3.23764, -0.725546],
  relu4_2: [3.01812, -21.2768, -3.99585, -4.942],
  relu5_1: [3.14883, 25.4607, -2.31287, 0.387226],
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
        expectTensorClose(numbers, RECORDED[layer]!, { relative: 1e-3, absolute: 1e-2 });
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

const TEACHER = fileURLToPath(new URL('../../../shared/data/weights/vgg19-16x.safetensors', import.meta.url));

test('its losses follow the teacher’s', {
  skip: !existsSync(TEACHER) && 'no vgg19-16x.safetensors in ../shared/data/weights',
}, async () => {
  const teacher = new LossNetwork(await readLossNetworkWeights(TEACHER));
  const student = new LossNetwork(weights);
  const { of, loss } = STYLE_STATISTICS.moments;
  const [photo, painting] = [drawnPicture(96, 96, 5), drawnPicture(96, 96, 8)];
  for (const layer of ['relu1_1', 'relu2_1', 'relu3_1']) {
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
