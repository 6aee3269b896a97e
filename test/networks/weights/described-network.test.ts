import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NamedArray } from '../../../src/networks/safetensors.ts';
import { describedWeights } from '../../../src/networks/weights/described-network.ts';
import {
  formatSteps,
  parseSteps,
  stepsTo,
  vggSteps,
} from '../../../src/networks/weights/loss-network-steps.ts';
import { WeightsError } from '../../../src/system/errors.ts';

const TEXT = 'conv1_1 = conv(pixels); relu1_1 = relu(conv1_1); pool1 = pool(relu1_1); relu2_1 = conv(pool1)';
const names = (steps: readonly { readonly name: string }[]) => steps.map(({ name }) => name);

test('steps read back as they were written', () => {
  for (const steps of [parseSteps(TEXT, 'a file'), vggSteps('vgg19')])
    assert.deepEqual(parseSteps(formatSteps(steps), 'a file'), steps);
  assert.equal(formatSteps(parseSteps(TEXT, 'a file')), TEXT);
});

test('the published network is a chain of 37 steps', () => {
  const steps = vggSteps('vgg19');
  assert.equal(steps.length, 16 + 16 + 5);
  assert.deepEqual(names(steps).slice(0, 6), [
    'conv1_1',
    'relu1_1',
    'conv1_2',
    'relu1_2',
    'pool1',
    'conv2_1',
  ]);
  assert.ok(steps.every(({ from }, i) => from === (steps[i - 1]?.name ?? 'pixels')));
});

test('only what a layer needs is in its steps', () => {
  const steps = parseSteps(`${TEXT}; trunk = conv(pool1); relu3_1 = relu(trunk)`, 'a file');
  assert.deepEqual(names(stepsTo(steps, ['relu3_1'])), ['conv1_1', 'relu1_1', 'pool1', 'trunk', 'relu3_1']);
  assert.deepEqual(names(stepsTo(steps, ['relu2_1', 'relu1_1'])), ['conv1_1', 'relu1_1', 'pool1', 'relu2_1']);
  assert.deepEqual(stepsTo(steps, []), []);
});

test('steps that cannot be followed are refused, and named', () => {
  for (const [text, message] of [
    ['', /should read like relu1_1 = relu\(conv1_1\)/],
    ['a = conv(pixels); b = tanh(a)', /b = tanh\(a\).* should read like/],
    ['a = conv(b); b = conv(pixels)', /a = conv\(b\).* takes what no earlier step has made/],
    ['a = conv(pixels); a = relu(a)', /a = relu\(a\).* comes twice/],
    ['pixels = conv(pixels)', /comes twice/],
  ] as const)
    assert.throws(
      () => parseSteps(text, 'small.safetensors'),
      (error) =>
        error instanceof WeightsError &&
        message.test(error.message) &&
        error.message.startsWith('small.safetensors: '),
      text,
    );
});

const array = (name: string, ...shape: number[]): NamedArray => ({
  name,
  shape,
  values: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5),
});
const SOUND = [
  array('conv1_1/kernel', 3, 3, 3, 4),
  array('conv1_1/bias', 4),
  array('relu2_1/kernel', 1, 1, 4, 2),
  array('relu2_1/bias', 2),
];

test('weights are taken by the names of the steps, in their order', () => {
  const layers = describedWeights(SOUND.toReversed(), parseSteps(TEXT, 'a file'), 'a file');
  assert.deepEqual(
    [...layers].map(([name, { kernelShape }]) => [name, kernelShape]),
    [
      ['conv1_1', [3, 3, 3, 4]],
      ['relu2_1', [1, 1, 4, 2]],
    ],
  );
});

test('weights that do not fit the steps are refused, and named', () => {
  const damaged = array('relu2_1/bias', 2);
  damaged.values[1] = Number.NaN;
  const without = (name: string) => SOUND.filter((one) => one.name !== name);
  for (const [arrays, message] of [
    [without('conv1_1/bias'), /lacks the array conv1_1\/bias/],
    [[...SOUND, array('conv1_2/bias', 2)], /no place for the array '?conv1_2\/bias/],
    [
      [...without('relu2_1/kernel'), array('relu2_1/kernel', 1, 1, 3, 2)],
      /relu2_1 should have the shape \[k,k,4,n\]/,
    ],
    [[...without('relu2_1/kernel'), array('relu2_1/kernel', 2, 2, 4, 2)], /k odd but has \[2,2,4,2\]/],
    [[...without('conv1_1/bias'), array('conv1_1/bias', 3)], /bias of conv1_1 should have the shape \[4\]/],
    [[...without('relu2_1/bias'), damaged], /relu2_1\/bias holds numbers that are not finite/],
  ] as const)
    assert.throws(
      () => describedWeights(arrays, parseSteps(TEXT, 'a file'), 'a file'),
      (error) => error instanceof WeightsError && message.test(error.message),
      String(message),
    );
});
