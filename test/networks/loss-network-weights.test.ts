import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { type LossNetworkKind, readLossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { assertLayers, fixture, tinyVgg } from './tiny-vgg.ts';

const published: readonly (readonly [string, string, LossNetworkKind, string])[] = [
  ['Keras, as it publishes them', 'vgg19-published.h5', 'vgg19', 'conv5_4'],
  ['Keras 2', 'vgg16-keras2.h5', 'vgg16', 'conv4_1'],
  ['Keras 3', 'vgg19-keras3.weights.h5', 'vgg19', 'conv1_2'],
  ["torch's older format", 'vgg19-legacy.pth', 'vgg19', 'conv5_4'],
  ["torch's older format, of parameters", 'vgg16-legacy.pth', 'vgg16', 'conv5_3'],
  ["torch's zip format, float16", 'vgg19-zip.pth', 'vgg19', 'conv4_1'],
  ["torch's zip format, bfloat16 in a checkpoint", 'vgg16-zip.pth', 'vgg16', 'conv4_1'],
];

for (const [what, name, kind, last] of published) {
  test(`weights of ${what} are read number by number`, async () => {
    const weights = await readLossNetworkWeights(fixture(name));
    assert.equal(weights.kind, kind);
    assertLayers(weights.layers, tinyVgg(kind, last));
    assert.equal(weights.source, name);
    assert.equal(weights.padding, 'zero');
    assert.equal(weights.input.channels, name.endsWith('.h5') ? 'BGR' : 'RGB');
    const sha256 = createHash('sha256')
      .update(await readFile(fixture(name)))
      .digest('hex');
    assert.equal(weights.sha256, sha256);
  });
}
