/** The published recipes, number by number. Their losses and gradients are compared with PyTorch's in agreement.test.ts. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { random } from '../../src/data/random.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { decayedLearningRate } from '../../src/optimize/adam.ts';
import type { OptimizeInputs, RecipeName } from '../../src/optimize/config.ts';
import { fixedSteps } from '../../src/optimize/fixed-steps.ts';
import { networkFor } from '../../src/optimize/network.ts';
import { optimizePixels } from '../../src/optimize/optimization.ts';
import type { OptimizeResult } from '../../src/optimize/progress.ts';
import { RECIPES } from '../../src/optimize/recipes.ts';
import { startPicture } from '../../src/optimize/start-picture.ts';
import type { Picture } from '../../src/picture.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { expectTensorClose } from '../helpers/tensor-close.ts';
import { tinyLossNetwork } from '../helpers/tiny-loss-network.ts';
import { CASES, referenceWeights } from './reference.ts';

const { pytorch, slim, coursera, keras } = RECIPES;

test('pytorch: noise, layers before the ReLU, a million for style, clamped', () => {
  const { config } = pytorch;
  assert.deepEqual(Object.keys(config.contentLayers), ['conv2_2']);
  assert.deepEqual(Object.keys(config.styleLayers), ['conv1_1', 'conv1_2', 'conv2_1', 'conv2_2', 'conv3_1']);
  assert.equal(config.styleWeight / config.contentWeight, 1e6);
  assert.deepEqual(
    [config.optimizer.kind, config.clamp, config.pooling, pytorch.longSide],
    ['lbfgs', true, 'max', 256],
  );
  assert.deepEqual(config.start, { kind: 'normal', mean: 0, deviation: 255 });
  // torch.optim.LBFGS by default, whose coordinates are pixels in [0, 1].
  assert.deepEqual(config.optimizer, fixedSteps('pytorch'));
  assert.deepEqual([fixedSteps('pytorch').lineSearch, fixedSteps('pytorch').unit], ['none', 255]);
});

test('slim: a thousandth for content, a fifth for each style layer, a staircase of 0.95', () => {
  const { config } = slim;
  assert.deepEqual([config.contentWeight, config.styleWeight, slim.lossNetwork.kind], [1e-3, 1, 'vgg16']);
  assert.deepEqual(Object.values(config.styleLayers), [0.2, 0.2, 0.2, 0.2, 0.2]);
  assert.ok(config.optimizer.kind === 'adam' && config.iterations === 1000);
  assert.deepEqual(
    [0, 99, 100, 999].map((step) => decayedLearningRate(step, config.optimizer as never)),
    [1, 1, 0.95, 0.95 ** 9],
  );
  const content = new Float32Array(30_000).map((_, i) => (i % 2 === 0 ? 50 : 150));
  const start = startPicture(config.start, { channels: 3, content }, 1);
  const red = start.filter((_, i) => i % 3 === 0);
  const mean = red.reduce((sum, x) => sum + x, 0) / red.length;
  const deviation = Math.sqrt(red.reduce((sum, x) => sum + (x - mean) ** 2, 0) / red.length);
  // A tenth of the photo's deviation of 50, about the mean pixel.
  assert.ok(Math.abs(mean - 123.68) < 0.3 && Math.abs(deviation - 5) < 0.2, `${mean} ± ${deviation}`);
});

test('coursera: α 10, β 40, layer weights that sum to 1, Adam at 2 from the photo', () => {
  const { config } = coursera;
  assert.deepEqual([config.contentWeight, config.styleWeight, config.iterations], [10, 40, 2000]);
  assert.ok(Math.abs(Object.values(config.styleLayers).reduce((a, b) => a + b) - 1) < 1e-12);
  assert.equal(decayedLearningRate(1500, config.optimizer as never), 2);
  assert.equal(config.start.kind, 'content');
});

test('keras: five deep layers, 5/5 each, total variation, rounds of 20 evaluations', () => {
  const { config } = keras;
  assert.deepEqual(Object.keys(config.styleLayers), ['relu1_2', 'relu2_2', 'relu3_4', 'relu4_4', 'relu5_4']);
  assert.deepEqual(
    Object.values(config.styleLayers).map((weight) => weight * config.styleWeight),
    [1, 1, 1, 1, 1],
  );
  assert.deepEqual([config.contentWeight, config.tvWeight, config.tvForm], [0, 0.2, 'power']);
  assert.deepEqual(config.optimizer, {
    kind: 'lbfgs',
    lineSearch: 'strong-wolfe',
    history: 10,
    restartEvery: 20,
  });
  assert.deepEqual([config.evaluationLimit, config.start.kind, config.clamp], [1000, 'content', false]);
});

test('keras: red loses 103.939, blue 123.68, then BGR', () => {
  const { input } = CASES.keras!;
  const network = networkFor(referenceWeights('vgg19', input), keras.config);
  // What conv1_1 answers to a flat colour, in its middle, tells what it was given.
  const own = networkFor(referenceWeights('vgg19', { ...input, mean: [0, 0, 0] }), {
    ...keras.config,
    input: 'own',
  });
  const middle = (n: typeof network, [r, g, b]: readonly [number, number, number]) =>
    tf.tidy(() => {
      const flat = tf.tile(tf.tensor4d([r, g, b], [1, 1, 1, 3]), [1, 5, 5, 1]) as tf.Tensor4D;
      return Array.from(
        tf.slice(n.featureMaps(flat, ['conv1_1']).conv1_1!, [0, 2, 2, 0], [1, 1, 1, -1]).dataSync(),
      );
    });
  expectTensorClose(
    middle(network, [200, 150, 90]),
    middle(own, [200 - 103.939, 150 - 116.779, 90 - 123.68]),
    { absolute: 1e-3 },
  );
  network.dispose();
  own.dispose();
});

function drawn(width: number, height: number, seed: number): Picture {
  const next = random(seed);
  return { pixels: Uint8Array.from({ length: width * height * 3 }, () => 256 * next()), width, height };
}

for (const name of Object.keys(RECIPES) as RecipeName[]) {
  test(`${name} runs with any VGG, and says what differs`, async () => {
    const { kind } = RECIPES[name].lossNetwork;
    for (const there of ['vgg19', 'vgg16'] as const) {
      const inputs: OptimizeInputs = {
        lossNetwork: tinyLossNetwork({ kind: there }),
        content: drawn(36, 34, 1),
        styles: [{ picture: drawn(50, 40, 2) }],
      };
      const { config } = RECIPES[name];
      const totals: number[] = [];
      const result = await expectNoLeak(async (): Promise<OptimizeResult> => {
        const running = optimizePixels({ ...config, iterations: 3 }, inputs);
        for (;;) {
          const { done, value } = await running.next();
          if (done === true) return value;
          totals.push(value.total);
        }
      });
      assert.ok(result.total < totals[0]!, `${totals}`);
      const notes = result.notes.filter((note) =>
        note.startsWith(`The recipe ${name} was published with ${kind} `),
      );
      // One line, as these have a few channels only.
      assert.equal(notes.length, name === 'default' ? 0 : 1);
      if (name === 'default') continue;
      assert.match(notes[0]!, new RegExp(`; this is ${there} with 3 channels`));
      assert.equal(notes[0]!.includes('its layers of the same names stand in'), kind !== there);
      // VGG16 has no fourth convolution in its deep blocks.
      const standIns = 'stand in, relu3_3 for relu3_4, relu4_3 for relu4_4, relu5_3 for relu5_4.';
      assert.equal(notes[0]!.endsWith(standIns), name === 'keras' && there === 'vgg16');
    }
  });
}
