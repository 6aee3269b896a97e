import assert from 'node:assert/strict';
import test from 'node:test';
import { random } from '../../src/data/random.ts';
import { compile } from '../../src/engine/compile/compile.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { latticeLoss } from '../../src/losses/lattice-loss.ts';
import { withoutBfloat16 } from '../helpers/bfloat16.ts';
import { expectGradientMatches } from '../helpers/finite-differences.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';

const SIDE = 128;

function picture(level: (x: number, y: number) => number): tf.Tensor4D {
  const values = Float32Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return level(pixel % SIDE, Math.floor(pixel / SIDE));
  });
  return tf.tensor4d(values, [1, SIDE, SIDE, 3]);
}

const lossOf = (level: (x: number, y: number) => number) =>
  tf.tidy(() => latticeLoss(picture(level)).dataSync()[0]!);

test('of a wave of 4 or 2 px it is the mean square, in any direction, phase and brightness', async () => {
  await expectNoLeak(() => {
    const turn = Math.PI / 2;
    const waves: Record<string, readonly [level: (x: number, y: number) => number, meanSquare: number]> = {
      columns: [(x) => 90 + 10 * Math.cos(turn * x), 50],
      'rows, shifted': [(_, y) => 10 * Math.cos(turn * y + 0.7), 50],
      diagonal: [(x, y) => 200 + 10 * Math.sin(turn * (x + y)), 50],
      'other diagonal': [(x, y) => 10 * Math.sin(turn * (x - y) + 0.3), 50],
      'steep diagonal': [(x, y) => 10 * Math.cos(turn * (x + 2 * y)), 50],
      checkerboard: [(x, y) => 60 + 10 * ((x + y) % 2 ? 1 : -1), 100],
      stripes: [(x) => 10 * (x % 2 ? 1 : -1), 100],
      'one pixel of 16': [(x, y) => (x % 4 === 1 && y % 4 === 2 ? 16 : 0), 256 / 16 - 1],
    };
    for (const [name, [level, meanSquare]] of Object.entries(waves))
      assert.ok(Math.abs(lossOf(level) - meanSquare) < 1e-3 * meanSquare, `${name}: ${lossOf(level)}`);
  });
});

test('flat areas have none; ramps, other periods and noise almost none', () => {
  const next = random(1);
  const noise = Float64Array.from({ length: SIDE * SIDE }, () => 20 * Math.sqrt(12) * (next() - 0.5));
  assert.ok(lossOf(() => 180) < 1e-6);
  assert.ok(lossOf((x) => 2 * x) < 0.5);
  assert.ok(lossOf((x) => 10 * Math.cos((2 * Math.PI * x) / 5)) < 1);
  assert.ok(lossOf((x, y) => 10 * Math.cos((2 * Math.PI * (x + y)) / 8)) < 0.1);
  // Of a mean square of 400.
  assert.ok(lossOf((x, y) => noise[y * SIDE + x]!) < 4);
});

test('its gradient is right', async () => {
  await expectNoLeak(() => {
    const image = tf.randomNormal<tf.Rank.R4>([2, 13, 16, 3], 0, 1, 'float32', 3);
    expectGradientMatches((x) => latticeLoss(x as tf.Tensor4D), [image], { coordinates: 24 });
    image.dispose();
  });
});

test('in bf16, a flat area has none and a wave its own', { skip: withoutBfloat16 }, () => {
  const program = ({ image }: { image: tf.Tensor4D }) => ({ outputs: { loss: latticeLoss(image) } });
  const compiled = compile(program, { inputs: { image: [1, SIDE, SIDE, 3] }, precision: 'bf16' });
  const inBfloat16 = (level: (x: number, y: number) => number) => {
    const image = picture(level);
    const { loss } = compiled.run({ image });
    const value = loss.dataSync()[0]!;
    tf.dispose([image, loss]);
    return value;
  };
  try {
    assert.ok(inBfloat16(() => 201.3) < 1e-3);
    const wave = inBfloat16((x) => 120 + 10 * Math.cos((Math.PI * x) / 2));
    assert.ok(Math.abs(wave - 50) < 1, String(wave));
  } finally {
    compiled.dispose();
  }
});

test('a picture smaller than a filter is refused', () => {
  const image = tf.zeros<tf.Rank.R4>([1, 7, 20, 3]);
  assert.throws(() => latticeLoss(image), /at least 8×8 pixels but got 20×7/);
  image.dispose();
});
