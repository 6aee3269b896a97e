import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FileError, WeightsError } from '../../src/errors.ts';
import { type LossNetworkKind, readLossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { formatSafetensors, type NamedArray } from '../../src/networks/safetensors.ts';
import { assertLayers, fixture, tinyVgg } from './tiny-vgg.ts';

const folder = await mkdtemp(join(tmpdir(), 'weights-'));
after(() => rm(folder, { recursive: true }));

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

/** A safetensors file with Keras' names. */
function kerasArrays(kind: LossNetworkKind, last: string): NamedArray[] {
  return [...tinyVgg(kind, last)].flatMap(([name, { kernel, kernelShape, bias }]) => {
    const layer = name.replace(/conv(.)_(.)/, 'block$1_conv$2');
    return [
      { name: `${layer}/kernel`, shape: kernelShape, values: kernel },
      { name: `${layer}/bias`, shape: [bias.length], values: bias },
    ];
  });
}

let files = 0;
async function safetensorsFile(
  arrays: Iterable<NamedArray>,
  metadata: Record<string, string> = {},
): Promise<string> {
  const path = join(folder, `${files++}.safetensors`);
  await writeFile(path, formatSafetensors(arrays, metadata, 'F32'));
  return path;
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

function change(arrays: NamedArray[], name: string, to: Partial<NamedArray> | undefined): NamedArray[] {
  return arrays.flatMap((array) => (array.name !== name ? [array] : to ? [{ ...array, ...to }] : []));
}

const tiny = kerasArrays('vgg19', 'conv2_1');
const one = new Float32Array(1);
const misfits: readonly (readonly [string, readonly NamedArray[], Record<string, string>, RegExp])[] = [
  ['no arrays', [], {}, /holds no convolution of a VGG network/],
  [
    'another network',
    [{ name: 'conv1_conv/kernel', shape: [1], values: one }],
    {},
    /no place for the array conv1_conv\/kernel of shape \[1\]/,
  ],
  [
    'a network with batch normalisation',
    [{ name: 'features.1.running_mean', shape: [1], values: one }, ...tiny],
    {},
    /no place for the array features\.1\.running_mean/,
  ],
  ['a missing bias', change(tiny, 'block2_conv1/bias', undefined), {}, /layer conv2_1 lacks its bias/],
  [
    'a missing layer',
    tiny.filter(({ name }) => !name.startsWith('block1_conv2')),
    {},
    /lacks the layer conv1_2, though it has conv2_1/,
  ],
  [
    'a kernel of another size',
    change(tiny, 'block1_conv2/kernel', { shape: [1, 1, 2, 2], values: new Float32Array(4) }),
    {},
    /kernel of layer conv1_2 should have the shape \[3,3,2,n\] but has \[1,1,2,2\]/,
  ],
  [
    'a kernel for other channels',
    change(tiny, 'block1_conv2/kernel', { shape: [3, 3, 1, 4] }),
    {},
    /kernel of layer conv1_2 should have the shape \[3,3,2,n\] but has \[3,3,1,4\]/,
  ],
  [
    'a bias of another length',
    change(tiny, 'block2_conv1/bias', { shape: [1], values: one }),
    {},
    /bias of layer conv2_1 should have the shape \[3\] but has \[1\]/,
  ],
  [
    'NaN',
    change(tiny, 'block1_conv2/bias', { values: Float32Array.of(1, Number.NaN) }),
    {},
    /layer conv1_2 holds numbers that are not finite/,
  ],
  [
    'a fourth layer in VGG16',
    kerasArrays('vgg19', 'conv3_4'),
    { architecture: 'vgg16' },
    /VGG16 network: it has no place for the array block3_conv4/,
  ],
  ['another architecture', tiny, { architecture: 'resnet50' }, /weights of resnet50/],
  ['another layout', tiny, { kernel_layout: 'OIHW' }, /are HWIO, not OIHW/],
  ['padding not known', tiny, { padding: 'wrap' }, /zero or reflect, not wrap/],
  ['half a convention', tiny, { channel_order: 'BGR' }, /pixel_range in its metadata .* not undefined/],
  ['a channel order not known', tiny, { channel_order: 'GRB' }, /RGB or BGR, not GRB/],
  [
    'a mean of two numbers',
    tiny,
    { channel_order: 'RGB', pixel_range: '0..1', mean_rgb: '1,2' },
    /mean_rgb in its metadata must be three numbers, not '1,2'/,
  ],
];

for (const [what, arrays, metadata, message] of misfits) {
  test(`weights with ${what} are refused in one line`, async () => {
    const path = await safetensorsFile(arrays, metadata);
    await assert.rejects(readLossNetworkWeights(path), refusal(path, message));
  });
}

function refusal(path: string, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof WeightsError, String(error));
    assert.match(error.message, message);
    assert.ok(error.message.includes(path), error.message);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  };
}

test('files cut anywhere, and files that are something else, are refused in one line', async () => {
  for (const [, name] of published) {
    const whole = await readFile(fixture(name));
    for (const part of [0.05, 0.3, 0.7, 0.95, 0.999]) {
      const path = join(folder, `cut-${name}`);
      await writeFile(path, whole.subarray(0, Math.floor(whole.length * part)));
      await assert.rejects(readLossNetworkWeights(path), refusal(path, /./), `${name} cut at ${part}`);
    }
  }
  for (const content of [
    '',
    'x',
    'PK',
    'PK\x03\x04',
    '\x80\x02',
    '\x80\x02.',
    'GIF89a, not weights at all',
  ]) {
    const path = join(folder, 'else.pth');
    await writeFile(path, content, 'latin1');
    await assert.rejects(readLossNetworkWeights(path), refusal(path, /./), JSON.stringify(content));
  }
});

test('bytes changed at random give the same numbers or one line, never a crash', async () => {
  let state = 1;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const path = join(folder, 'changed.pth');
  for (const name of ['vgg19-legacy.pth', 'vgg16-zip.pth', 'vgg16-keras2.h5']) {
    const whole = await readFile(fixture(name));
    for (let round = 0; round < 60; round++) {
      const changed = Buffer.from(whole);
      changed[random(changed.length)] = random(256);
      await writeFile(path, changed);
      await readLossNetworkWeights(path).catch((error: unknown) => {
        if (!(error instanceof WeightsError)) throw new Error(`${name}, round ${round}`, { cause: error });
      });
    }
  }
});

test('a file that is not there and a name that is not known say what to do', async () => {
  await assert.rejects(readLossNetworkWeights('nowhere/vgg19.h5'), FileError);
  await assert.rejects(readLossNetworkWeights('no-such-network'), (error: unknown) => {
    assert.ok(error instanceof WeightsError);
    return /no weights called no-such-network .*weights import <file> --name no-such-network/.test(
      error.message,
    );
  });
});
