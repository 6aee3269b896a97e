import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import type { NamedArray } from '../../src/networks/safetensors.ts';
import { FileError, WeightsError } from '../../src/system/errors.ts';
import { fixture } from './tiny-vgg.ts';
import { folder, kerasArrays, published, safetensorsFile } from './weights-fixtures.ts';

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
