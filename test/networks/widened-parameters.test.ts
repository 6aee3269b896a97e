import assert from 'node:assert/strict';
import test from 'node:test';
import { random } from '../../src/data/random.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { HALF_WIDTH, parseArchitecture } from '../../src/networks/architecture.ts';
import type { NamedArray } from '../../src/networks/safetensors.ts';
import { transformNet } from '../../src/networks/transform-net.ts';
import { transformNetParameters } from '../../src/networks/transform-net-parameters.ts';
import { isAsWide, widenedParameters } from '../../src/networks/widened-parameters.ts';

const NARROW = parseArchitecture('c3s1-3,d4,R4x2,u3,c5s1-3');

/** Weights of which every one counts: residual blocks and biases that are not zero as well. */
function drawn(seed: number): NamedArray[] {
  const next = random(seed);
  return transformNetParameters(NARROW).map(({ name, shape, deviation, mean }) => ({
    name,
    shape,
    values: Float32Array.from(
      { length: shape.reduce((product, side) => product * side, 1) },
      () => mean + (deviation || 0.5) * (2 * next() - 1) * Math.sqrt(3),
    ),
  }));
}

function painted(layers: typeof NARROW, parameters: readonly NamedArray[]): Float32Array {
  return tf.tidy(() => {
    const tensors = Object.fromEntries(
      parameters.map(({ name, shape, values }) => [name, tf.tensor(values, [...shape])]),
    );
    const next = random(9);
    const photo = tf.tensor4d(
      Float32Array.from({ length: 20 * 24 * 3 }, () => 255 * next()),
      [1, 20, 24, 3],
    );
    return transformNet(layers, tensors, photo).dataSync() as Float32Array;
  });
}

// Twice as wide, unevenly wide, and one layer alone.
for (const architecture of [
  'c3s1-6,d8,R8x2,u6,c5s1-3',
  'c3s1-4,d11,R11x2,u8,c5s1-3',
  'c3s1-3,d4,R4x2,u5,c5s1-3',
]) {
  test(`widened to ${architecture}, a network paints what it did`, () => {
    const layers = parseArchitecture(architecture);
    const narrow = drawn(1);
    const wide = widenedParameters(narrow, layers, random(2));
    const [before, after] = [painted(NARROW, narrow), painted(layers, wide)];
    const spread = Math.max(...before) - Math.min(...before);
    assert.ok(spread > 20, `a picture of ${spread} grey levels shows nothing`);
    const largest = before.reduce((most, value, i) => Math.max(most, Math.abs(value - after[i]!)), 0);
    assert.ok(largest < 0.02, `${largest} grey levels`);
  });
}

test('copies of a channel differ in what reads them', () => {
  const layers = parseArchitecture('c3s1-6,d8,R8x2,u6,c5s1-3');
  const kernel = widenedParameters(drawn(1), layers, random(2)).find(
    ({ name }) => name === 'layers.1.kernel',
  )!;
  const at = (input: number, output: number) => kernel.values[input * 8 + output]!;
  assert.notEqual(at(0, 0), at(3, 0));
  assert.notEqual(at(0, 0), at(0, 4));
});

test('width is compared layer by layer', () => {
  const half = parseArchitecture(HALF_WIDTH);
  assert.ok(isAsWide(half, half));
  assert.ok(isAsWide(parseArchitecture('c9s1-16,d32,d96,R96x5,u32,u16,c9s1-3'), half));
  for (const other of [
    'c9s1-15,d32,d64,R64x5,u32,u16,c9s1-3',
    'c7s1-16,d32,d64,R64x5,u32,u16,c9s1-3',
    'c9s1-16,d32,d64,R64x4,u32,u16,c9s1-3',
  ])
    assert.ok(!isAsWide(parseArchitecture(other), half), other);
  assert.throws(() => widenedParameters(drawn(1), half, random(2)), RangeError);
});
