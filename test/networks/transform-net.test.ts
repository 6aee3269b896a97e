import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '../../src/engine/tensorflow.ts';
import { parseArchitecture } from '../../src/networks/architecture.ts';
import { initialParameters, transformNet } from '../../src/networks/transform-net.ts';
import { smallestImage, transformNetParameters } from '../../src/networks/transform-net-parameters.ts';
import { expectGradientMatches } from '../helpers/finite-differences.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';

const layers = parseArchitecture('c9s1-4,d6,d8,R8x2,u6,u4,c9s1-3');
const specs = transformNetParameters(layers);
const named = (tensors: readonly tf.Tensor[]) =>
  Object.fromEntries(specs.map(({ name }, i) => [name, tensors[i]!]));
const photo = (shape: [number, number, number, number], seed = 1) =>
  tf.randomUniform<tf.Rank.R4>(shape, 0, 255, 'float32', seed);

test('the picture keeps its exact size, with pixels in [0, 255]', async () => {
  const parameters = initialParameters(specs, 1);
  const sizes = [
    [smallestImage(layers), smallestImage(layers)],
    [17, 17],
    [31, 31],
    [33, 50],
    [50, 33],
    [64, 64],
    [18, 16],
  ] as const;
  for (const [height, width] of sizes) {
    const image = photo([1, height, width, 3]);
    await expectNoLeak(() => {
      const painted = transformNet(layers, named(parameters), image);
      assert.deepEqual(painted.shape, [1, height, width, 3]);
      const values = painted.dataSync();
      assert.ok(
        values.every((value) => value >= 0 && value <= 255),
        `${width}×${height}`,
      );
      assert.ok(Math.max(...values) - Math.min(...values) > 10, 'not a flat picture');
      painted.dispose();
    });
    assert.equal(image.isDisposed, false);
    image.dispose();
  }
  tf.dispose(parameters);
});

test('a flat picture comes out flat with any weights: no checkerboard, no border', () => {
  tf.tidy(() => {
    const flat = tf.mul(tf.ones([1, 40, 36, 3]), tf.tensor1d([200, 120, 40])) as tf.Tensor4D;
    for (const seed of [1, 2, 3]) {
      const painted = transformNet(layers, named(initialParameters(specs, seed)), flat);
      const spread = tf.sub(tf.max(painted, [1, 2]), tf.min(painted, [1, 2]));
      assert.ok(Math.max(...spread.dataSync()) < 0.01, `seed ${seed}: ${spread.dataSync()}`);
    }
  });
});

test('an architecture that halves more often needs larger pictures, and says so', () => {
  const deep = parseArchitecture('c3s1-2,d2,d2,d2,d2,u2,u2,u2,u2,c3s1-3');
  assert.equal(smallestImage(layers), 16);
  assert.equal(smallestImage(deep), 32);
  tf.tidy(() => {
    const parameters = initialParameters(transformNetParameters(deep), 1);
    const byName = Object.fromEntries(
      transformNetParameters(deep).map(({ name }, i) => [name, parameters[i]!]),
    );
    assert.deepEqual(transformNet(deep, byName, photo([1, 32, 32, 3])).shape, [1, 32, 32, 3]);
  });
});

test('the smallest picture of an architecture is the smallest that reflection leaves enough of', () => {
  const smallest: Readonly<Record<string, number>> = {
    'c9s1-4,d6,d8,R8x2,u6,u4,c9s1-3': 16,
    'd3,d3,d3,d3,R3,u3,u3,u3,u3,c3s1-3': 32,
    'd4,d4,c9s1-4,u4,u4,c3s1-3': 20, // 5 pixels at a quarter, for a padding of 4
    'u4,d4,c3s1-3': 16,
  };
  for (const [architecture, side] of Object.entries(smallest)) {
    const parsed = parseArchitecture(architecture);
    assert.equal(smallestImage(parsed), side, architecture);
    tf.tidy(() => {
      const own = transformNetParameters(parsed);
      const tensors = initialParameters(own, 1);
      const parameters = Object.fromEntries(own.map(({ name }, i) => [name, tensors[i]!]));
      assert.deepEqual(transformNet(parsed, parameters, photo([1, side, side, 3])).shape, [1, side, side, 3]);
    });
  }
});

test('an architecture may end in a halving: odd sides keep their size', () => {
  const enlargesFirst = parseArchitecture('c3s1-2,u2,d2,c3s1-3');
  const itsSpecs = transformNetParameters(enlargesFirst);
  tf.tidy(() => {
    const parameters = initialParameters(itsSpecs, 1);
    const byName = Object.fromEntries(itsSpecs.map(({ name }, i) => [name, parameters[i]!]));
    assert.deepEqual(transformNet(enlargesFirst, byName, photo([1, 17, 19, 3])).shape, [1, 17, 19, 3]);
  });
});

test('even with huge weights pixels stay in [0, 255]', () => {
  tf.tidy(() => {
    const huge = initialParameters(specs, 1).map((tensor) => tf.mul(tensor, 1000));
    const values = transformNet(layers, named(huge), photo([1, 16, 16, 3])).dataSync();
    assert.ok(values.every((value) => value >= 0 && value <= 255));
  });
});

test('a batch comes out as its pictures one by one', () => {
  tf.tidy(() => {
    const parameters = named(initialParameters(specs, 3));
    const batch = photo([2, 19, 22, 3], 5);
    const alone = (tf.split(batch, 2) as tf.Tensor4D[]).map((one) => transformNet(layers, parameters, one));
    expectTensorClose(transformNet(layers, parameters, batch), tf.concat(alone), { absolute: 1e-2 });
  });
});

test('first weights are a function of the seed, as wide as they should be', () => {
  const [a, b, c] = [1, 1, 2].map((seed) => initialParameters(specs, seed)) as [
    tf.Tensor[],
    tf.Tensor[],
    tf.Tensor[],
  ];
  a.forEach((tensor, i) => {
    const { name, deviation, mean, shape } = specs[i]!;
    assert.deepEqual(tensor.shape, shape, name);
    assert.deepEqual(tensor.dataSync(), b[i]!.dataSync(), name);
    if (deviation === 0)
      assert.ok(
        tensor.dataSync().every((value) => value === mean),
        name,
      );
    else assert.notDeepEqual(tensor.dataSync(), c[i]!.dataSync(), name);
    if (tensor.size > 300) {
      const spread = Math.sqrt(tf.tidy(() => tf.moments(tensor).variance.dataSync()[0]!));
      assert.ok(Math.abs(spread / deviation - 1) < 0.15, `${name}: ${spread} instead of ${deviation}`);
    }
  });
  assert.notDeepEqual(a[6]!.dataSync(), a[9]!.dataSync(), 'layers of one shape start apart');
  tf.dispose([a, b, c]);
});

test('gradients of every kind of parameter are right', async () => {
  const small = parseArchitecture('c3s1-3,d4,R4,u3,c3s1-3');
  const smallSpecs = transformNetParameters(small);
  // A seed for which no finite difference steps over the kink of a ReLU. Away from the first values: residual blocks start with a scale of 0, where their weights have no gradient.
  const parameters = smallSpecs.map(({ shape, mean, deviation }, i) =>
    tf.randomNormal([...shape], mean, deviation || 0.5, 'float32', i + 11),
  );
  const image = photo([1, 16, 18, 3], 2);
  const weights = tf.randomNormal([1, 16, 18, 3], 0, 1, 'float32', 9);
  await expectNoLeak(() =>
    expectGradientMatches(
      (...tensors) => {
        const byName = Object.fromEntries(smallSpecs.map(({ name }, i) => [name, tensors[i]!]));
        const painted = transformNet(small, byName, image);
        return tf.mean(tf.mul(tf.div(painted, 127.5), weights));
      },
      parameters,
      // The offset of a residual block shifts a whole channel, which the next normalisation takes back: gradient 0.
      { coordinates: 4, step: 4e-4, tolerance: 3e-2, absolute: 3e-5 },
    ),
  );
  tf.dispose([...parameters, image, weights]);
});

test('a parameter that is missing is named', () => {
  const image = photo([1, 16, 16, 3]);
  assert.throws(() => transformNet(layers, {}, image), /no parameter layers\.0\.kernel/);
  image.dispose();
});
