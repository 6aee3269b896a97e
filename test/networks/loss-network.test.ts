import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '../../src/engine/tensorflow.ts';
import { canonicalLayer } from '../../src/networks/layer-names.ts';
import { LossNetwork, type Pooling } from '../../src/networks/loss-network.ts';
import type { ConvolutionWeights, LossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { KERAS_INPUT, TORCHVISION_INPUT } from '../../src/networks/weights/input-convention.ts';
import { ConfigError, WeightsError } from '../../src/system/errors.ts';
import { expectGradientMatches } from '../helpers/finite-differences.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';
import { tinyLossNetwork } from '../helpers/tiny-loss-network.ts';

const picture = tf.randomUniform<tf.Rank.R4>([2, 35, 48, 3], 0, 255, 'float32', 1);

/** Weights whose first two convolutions are one channel each: `taps` are the nine taps of the first, on every colour. */
function byHand(taps: readonly number[], options: Partial<LossNetworkWeights> = {}): LossNetworkWeights {
  const first: ConvolutionWeights = {
    kernel: Float32Array.from({ length: 27 }, (_, i) => taps[Math.floor(i / 3)]!),
    kernelShape: [3, 3, 3, 1],
    bias: Float32Array.of(0),
  };
  const second: ConvolutionWeights = {
    kernel: Float32Array.from({ length: 9 }, (_, i) => (i === 4 ? 1 : 0)),
    kernelShape: [3, 3, 1, 1],
    bias: Float32Array.of(0),
  };
  return {
    ...tinyLossNetwork(),
    layers: new Map([
      ['conv1_1', first],
      ['conv1_2', second],
    ]),
    input: { channels: 'RGB', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
    padding: 'zero',
    ...options,
  };
}

/** Values of one layer for a grey picture of one row of numbers per row. */
function valuesAt(
  weights: LossNetworkWeights,
  layer: string,
  rows: readonly (readonly (number | readonly [number, number, number])[])[],
  pooling?: Pooling,
): number[] {
  return tf.tidy(() => {
    const pixels = rows.map((row) => row.map((p) => (typeof p === 'number' ? [p, 0, 0] : [...p])));
    const network = new LossNetwork(weights, pooling);
    return [...network.featureMaps(tf.tensor4d([pixels]), [layer])[layer]!.dataSync()];
  });
}

const identity = [0, 0, 0, 0, 1, 0, 0, 0, 0];
const sum = [1, 1, 1, 1, 1, 1, 1, 1, 1];

for (const [kind, deepest] of [
  ['vgg16', 'relu5_3'],
  ['vgg19', 'relu5_4'],
] as const) {
  test(`${kind}: feature maps by name, halved by each pooling, for a batch`, async () => {
    const network = new LossNetwork(tinyLossNetwork({ kind }));
    await expectNoLeak(() => {
      const maps = network.featureMaps(picture, ['conv1_2', 'relu2_1', 'pool2', 'relu4_2', deepest]);
      assert.deepEqual(Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, map.shape])), {
        conv1_2: [2, 35, 48, 3],
        relu2_1: [2, 17, 24, 4],
        pool2: [2, 8, 12, 4],
        relu4_2: [2, 4, 6, 3],
        [deepest]: [2, 2, 3, 2],
      });
      assert.ok(maps.relu4_2!.dataSync().every((value) => value >= 0));
      assert.ok(maps.relu4_2!.dataSync().some((value) => value > 0));
      assert.ok(
        maps.conv1_2!.dataSync().some((value) => value < 0),
        'conv is before the ReLU',
      );
      tf.dispose(maps);
    });
    network.dispose();
  });
}

test('from weights to disposal nothing leaks', async () => {
  await expectNoLeak(() => {
    const network = new LossNetwork(tinyLossNetwork());
    assert.equal(network.tensors.length, 32);
    network.dispose();
  });
});

test('maps computed together are those computed alone', () => {
  const network = new LossNetwork(tinyLossNetwork({ padding: 'reflect' }));
  tf.tidy(() => {
    const together = network.featureMaps(picture, ['relu3_1', 'relu1_1']);
    for (const layer of ['relu3_1', 'relu1_1'])
      expectTensorClose(together[layer]!, network.featureMaps(picture, [layer])[layer]!);
    assert.deepEqual(network.featureMaps(picture, []), {});
  });
  network.dispose();
});

test('names: published ones, Keras’, torch-like ones, in any case', () => {
  const names: readonly (readonly [given: string, canonical: string])[] = [
    ['relu4_2', 'relu4_2'],
    ['conv4_2', 'conv4_2'],
    ['pool5', 'pool5'],
    ['block4_conv2', 'relu4_2'],
    ['block3_pool', 'pool3'],
    ['ReLU1_1', 'relu1_1'],
    ['conv_3_2', 'conv3_2'],
    ['relu3.2', 'relu3_2'],
  ];
  for (const [given, canonical] of names) assert.equal(canonicalLayer('vgg19', given), canonical);
  assert.equal(canonicalLayer('vgg19', 'conv5_4'), 'conv5_4');
  for (const [kind, name] of [
    ['vgg16', 'relu5_4'],
    ['vgg19', 'relu6_1'],
    ['vgg19', 'fc1'],
    ['vgg19', 'pool6'],
    ['vgg19', 'conv1_3'],
    ['vgg19', ''],
  ] as const) {
    assert.throws(
      () => canonicalLayer(kind, name),
      (error) => error instanceof ConfigError && /its layers are relu1_1, relu1_2/.test(error.message),
      `${kind} ${name}`,
    );
  }
});

test('nothing beyond the deepest layer named is computed: weights may end there', () => {
  const network = new LossNetwork(tinyLossNetwork({ last: 'conv3_1' }));
  tf.tidy(() => {
    assert.deepEqual(Object.keys(network.featureMaps(picture, ['relu3_1'])), ['relu3_1']);
    assert.throws(
      () => network.featureMaps(picture, ['relu3_2']),
      (error) => error instanceof WeightsError && /a file that ends before it/.test(error.message),
    );
    // A picture too small for what comes later is large enough for what comes first.
    assert.ok(network.featureMaps(tf.zeros([1, 1, 1, 3]), ['relu1_2']));
  });
  network.dispose();
});

test('a picture too small for a layer is refused, with any padding', () => {
  for (const padding of ['zero', 'reflect'] as const) {
    const network = new LossNetwork(tinyLossNetwork({ padding }));
    for (const [height, width] of [
      [16, 100],
      [100, 16],
      [1, 1],
      [8, 8],
    ] as const) {
      const small = tf.zeros<tf.Rank.R4>([1, height, width, 3]);
      assert.throws(
        () => tf.tidy(() => network.featureMaps(small, ['pool5'])),
        (error) => error instanceof ConfigError && /pictures large enough for/.test(error.message),
        `${padding} ${width}×${height}`,
      );
      small.dispose();
    }
    network.dispose();
  }
});

test('padding is zero or reflection, by hand', () => {
  const row = [[1, 2, 3]];
  // With zeros the sum of each pixel's neighbours; the rows above and below are nothing.
  assert.deepEqual(valuesAt(byHand(sum), 'conv1_1', row), [3, 6, 5]);
  const square = [
    [1, 2],
    [3, 4],
  ];
  assert.deepEqual(valuesAt(byHand(sum), 'conv1_1', square), [10, 10, 10, 10]);
  // Reflected: 4 3 4 3 / 2 1 2 1 / 4 3 4 3 / 2 1 2 1.
  assert.deepEqual(valuesAt(byHand(sum, { padding: 'reflect' }), 'conv1_1', square), [27, 24, 21, 18]);
});

test('pooling is maximum or average over 2×2, an odd edge left out, by hand', () => {
  const rows = [
    [1, 2, 9],
    [3, 6, 9],
    [8, 8, 8],
  ];
  assert.deepEqual(valuesAt(byHand(identity), 'pool1', rows), [6]);
  assert.deepEqual(valuesAt(byHand(identity), 'pool1', rows, 'max'), [6]);
  assert.deepEqual(valuesAt(byHand(identity), 'pool1', rows, 'average'), [3]);
});

test('a ReLU keeps what is positive, by hand', () => {
  const negative = byHand(identity.map((tap) => -tap));
  assert.deepEqual(valuesAt(negative, 'conv1_1', [[1, -2]]), [-1, 2]);
  assert.deepEqual(valuesAt(negative, 'relu1_1', [[1, -2]]), [0, 2]);
});

test('pixels are brought to the convention of the weights, by hand', () => {
  const red = [[[255, 0, 0] as const]];
  // The middle tap weighs the channels in the order in which the network sees them: 1, 10, 100.
  const weigh = (weights: LossNetworkWeights): LossNetworkWeights => {
    const first = weights.layers.get('conv1_1')!;
    const kernel = first.kernel.map((value, i) => value * 10 ** (i % 3));
    return { ...weights, layers: new Map([...weights.layers, ['conv1_1', { ...first, kernel }]]) };
  };
  const at = (input: LossNetworkWeights['input']) =>
    valuesAt(weigh(byHand(identity, { input })), 'conv1_1', red)[0]!;
  // Keras: blue, green, red, minus Caffe's means.
  expectTensorClose([at(KERAS_INPUT)], [-103.939 + 10 * -116.779 + 100 * (255 - 123.68)], { relative: 1e-5 });
  // torchvision: red, green, blue in [0, 1], standardised.
  expectTensorClose(
    [at(TORCHVISION_INPUT)],
    [(1 - 0.485) / 0.229 + (10 * -0.456) / 0.224 + (100 * -0.406) / 0.225],
    { relative: 1e-5 },
  );
});

test('gradients to the pixels are right in both channel orders, paddings and poolings', async () => {
  const small = tf.randomUniform<tf.Rank.R4>([1, 8, 9, 3], 60, 190, 'float32', 3);
  for (const [input, padding, pooling] of [
    [KERAS_INPUT, 'zero', 'max'],
    [TORCHVISION_INPUT, 'reflect', 'average'],
  ] as const) {
    const network = new LossNetwork(tinyLossNetwork({ input, padding, seed: 11 }), pooling);
    await expectNoLeak(() =>
      expectGradientMatches(
        (x) => tf.mean(tf.square(network.featureMaps(x as tf.Tensor4D, ['conv2_2']).conv2_2!)),
        [small],
        { coordinates: 12, step: 0.2, tolerance: 4e-2 },
      ),
    );
    network.dispose();
  }
  small.dispose();
});
