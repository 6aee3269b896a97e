/** Agreement with an independent implementation: PyTorch, in float64 (fixtures/make.py). */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '../../src/engine/tensorflow.ts';
import { gramMatrix } from '../../src/losses/gram-matrix.ts';
import { LossNetwork } from '../../src/networks/loss-network.ts';
import { networkFor } from '../../src/optimize/network.ts';
import { Objective } from '../../src/optimize/objective.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { relativeDistance } from '../helpers/tensor-close.ts';
import { array, CASES, losses, picture, referenceWeights, TORCHVISION } from './reference.ts';

const CLOSE = 1e-4;

test('feature maps and Gram matrices are those of PyTorch', async () => {
  await expectNoLeak(() => {
    const network = new LossNetwork(referenceWeights('vgg19', TORCHVISION));
    const shown = picture('shown');
    const layers = ['conv1_1', 'relu2_2', 'relu3_1', 'relu4_2', 'relu5_1'];
    const maps = network.featureMaps(shown, layers);
    for (const layer of layers) {
      const gram = gramMatrix(maps[layer]!);
      const far = {
        features: relativeDistance(maps[layer]!, array(`features/${layer}`).values),
        gram: relativeDistance(gram, array(`grams/${layer}`).values),
      };
      assert.ok(far.features < CLOSE && far.gram < CLOSE, `${layer}: ${JSON.stringify(far)}`);
      gram.dispose();
    }
    tf.dispose([shown, ...Object.values(maps)]);
    network.dispose();
  });
});

for (const [name, { config, kind, input, painting }] of Object.entries(CASES)) {
  test(`objective and gradient in the units of ${name} are those of PyTorch`, async () => {
    await expectNoLeak(async () => {
      const network = networkFor(referenceWeights(kind, input), config);
      const [content, style] = [picture('photo'), picture(painting)];
      const objective = await Objective.create(config, {
        lossNetwork: network,
        content,
        styles: [{ picture: style, weight: 3 }],
      });
      const { value, gradient, terms } = objective.evaluate(array('pictures/shown').values);
      const expected = losses[name]!;
      const weighed = { ...expected, tv: config.tvWeight > 0 ? expected.tv : 0 };
      for (const term of ['content', 'style', 'tv'] as const)
        assert.ok(
          relativeDistance([terms[term]], [weighed[term]]) < CLOSE || terms[term] === weighed[term],
          `${term}: ${terms[term]}, PyTorch ${weighed[term]}`,
        );
      assert.ok(
        relativeDistance([value], [expected.total]) < CLOSE,
        `total: ${value}, PyTorch ${expected.total}`,
      );
      const far = relativeDistance(gradient, array(`gradients/${name}`).values);
      assert.ok(far < CLOSE, `gradient: ${far}`);
      objective.dispose();
      network.dispose();
      tf.dispose([content, style]);
    });
  });
}
