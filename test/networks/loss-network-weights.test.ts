import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readLossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { assertLayers, fixture, tinyVgg } from './tiny-vgg.ts';
import { kerasArrays, published, safetensorsFile } from './weights-fixtures.ts';

for (const [what, name, kind, last] of published) {
  test(`weights of ${what} are read number by number`, async () => {
    const weights = await readLossNetworkWeights(fixture(name));
    assert.equal(weights.kind, kind);
    assertLayers(weights.layers, tinyVgg(kind, last));
    assert.equal(weights.source, name);
    assert.equal(weights.padding, 'zero');
    assert.deepEqual(
      weights.input,
      name.includes('.h5')
        ? { channels: 'BGR', scale: 1, mean: [103.939, 116.779, 123.68], std: [1, 1, 1] }
        : { channels: 'RGB', scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    );
    const sha256 = createHash('sha256')
      .update(await readFile(fixture(name)))
      .digest('hex');
    assert.equal(weights.sha256, sha256);
  });
}

test('safetensors with Keras names and metadata that say how pictures go in', async () => {
  const path = await safetensorsFile(kerasArrays('vgg16', 'conv4_2'), {
    architecture: 'vgg16',
    channel_order: 'RGB',
    pixel_range: '0..1',
    mean_rgb: '0.5, 0.25,0',
    std_rgb: '1,2,4',
    padding: 'reflect',
    kernel_layout: 'HWIO',
    source: 'a test',
    license: 'CC0',
  });
  const weights = await readLossNetworkWeights(path);
  assertLayers(weights.layers, tinyVgg('vgg16', 'conv4_2'));
  assert.deepEqual(weights.input, { channels: 'RGB', scale: 1 / 255, mean: [0.5, 0.25, 0], std: [1, 2, 4] });
  assert.equal(weights.padding, 'reflect');
  assert.equal(weights.source, 'a test');
  assert.deepEqual(weights.provenance, { license: 'CC0' });
});

test('safetensors with torchvision names hold kernels as torch does', async () => {
  const legacy = await readLossNetworkWeights(fixture('vgg19-legacy.pth'));
  const indices = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34];
  const arrays = [...legacy.layers.values()].flatMap(({ kernel, kernelShape, bias }, i) => {
    const [, , channels, width] = kernelShape;
    const values = new Float32Array(kernel.length);
    for (let place = 0; place < 9; place++) {
      for (let c = 0; c < channels; c++) {
        for (let o = 0; o < width; o++) {
          values[(o * channels + c) * 9 + place] = kernel[(place * channels + c) * width + o]!;
        }
      }
    }
    return [
      { name: `features.${indices[i]}.weight`, shape: [width, channels, 3, 3], values },
      { name: `features.${indices[i]}.bias`, shape: [width], values: bias },
    ];
  });
  const weights = await readLossNetworkWeights(await safetensorsFile(arrays));
  assertLayers(weights.layers, tinyVgg('vgg19'));
  assert.equal(weights.input.channels, 'RGB');
});

test('a file that stops before VGG19 and VGG16 part is what it says it is, else VGG19', async () => {
  const arrays = kerasArrays('vgg16', 'conv3_1');
  assert.equal((await readLossNetworkWeights(await safetensorsFile(arrays))).kind, 'vgg19');
  const stated = await safetensorsFile(arrays, { architecture: 'vgg16' });
  assert.equal((await readLossNetworkWeights(stated)).kind, 'vgg16');
});

const quarterWidth = fileURLToPath(
  new URL('../../../shared/data/weights/vgg19-16x.safetensors', import.meta.url),
);
const absent = existsSync(quarterWidth) ? false : 'no vgg19-16x.safetensors in ../shared/data/weights';
test('the quarter-width VGG19 reads as it is', { skip: absent }, async () => {
  const { kind, layers, padding, input, provenance } = await readLossNetworkWeights(quarterWidth);
  assert.deepEqual([kind, padding, input.channels, layers.size], ['vgg19', 'reflect', 'BGR', 13]);
  assert.deepEqual(layers.get('conv5_1')?.kernelShape, [3, 3, 128, 128]);
  assert.match(provenance.license ?? '', /^MIT/);
});
