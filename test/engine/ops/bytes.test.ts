import assert from 'node:assert/strict';
import test from 'node:test';
import { compile, interpret } from '../../../src/engine/compile/compile.ts';
import {
  areBytes,
  bytesAsFloats,
  bytesTensor,
  packBytes,
  sliceOf,
  unpackBytes,
} from '../../../src/engine/ops/bytes.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';

const counted = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 83) % 256);

test('values become the bytes that a clamped array makes of them, whatever their number', async () => {
  const values = [-300, -0.5, -0.4, 0, 0.5, 0.51, 1.5, 2.5, 127.49, 127.5, 128.5, 254.5, 255.4, 255.5, 1e9];
  await expectNoLeak(() => {
    for (let count = 1; count <= values.length; count++) {
      const some = tf.tensor1d(values.slice(0, count));
      const packed = packBytes(some);
      assert.equal(packed.shape[0], Math.ceil(count / 4));
      const wanted = new Uint8Array(new Uint8ClampedArray(values.slice(0, count)));
      assert.deepEqual(unpackBytes(packed, count), wanted);
      tf.dispose([some, packed]);
    }
  });
});

test('every bit pattern comes through, those of signalling NaN, too', () => {
  const bytes = Uint8Array.of(1, 0, 160, 127, 1, 0, 128, 255, 255, 255, 255, 255, 0, 0, 192, 127);
  const values = tf.tensor1d(Float32Array.from(bytes));
  const packed = packBytes(values);
  assert.deepEqual(unpackBytes(packed, bytes.length), bytes);
  tf.dispose([values, packed]);
});

test('bytes are floats to the program, and go on as bytes, in pictures of any size', async () => {
  await expectNoLeak(() => {
    for (const build of [compile, interpret]) {
      const doubled = build(
        ({ image }: { image: tf.Tensor }) => ({
          outputs: { bytes: packBytes(tf.mul(image, 2)), floats: tf.mul(image, 2) },
        }),
        { inputs: { image: [1, null, null, 3] }, bytes: ['image'] },
      );
      for (const [height, width] of [
        [1, 1],
        [5, 7],
        [40, 31],
      ] as const) {
        const bytes = counted(height * width * 3);
        const image = bytesTensor(bytes, [1, height, width, 3]);
        const answer = doubled.run({ image });
        const wanted = Float32Array.from(bytes, (value) => 2 * value);
        assert.deepEqual(answer.floats.dataSync(), wanted);
        const found = unpackBytes(answer.bytes, bytes.length);
        assert.deepEqual(found, new Uint8Array(new Uint8ClampedArray(wanted)));
        tf.dispose([image, answer]);
      }
      doubled.dispose();
    }
  });
});

test('a state takes what bytes are cast to, and outlives them', async () => {
  await expectNoLeak(() => {
    const state = { sum: tf.zeros([1000]) };
    const adding = compile(
      ({ x }: { x: tf.Tensor }, { sum }: { sum: tf.Tensor }) => ({
        outputs: {},
        nextState: { sum: tf.add(sum, x) },
      }),
      { inputs: { x: [1000] }, bytes: ['x'], state },
    );
    for (let i = 0; i < 3; i++) {
      const x = bytesTensor(counted(1000), [1000]);
      adding.run({ x });
      x.dispose();
    }
    const { sum } = adding.readState();
    assert.deepEqual(
      sum.dataSync(),
      Float32Array.from(counted(1000), (value) => 3 * value),
    );
    adding.dispose();
    tf.dispose([state, sum]);
  });
});

test('floats where bytes are taken are refused, bytes where floats are, and a name that is no input', () => {
  const x = tf.tensor1d([1, 2]);
  const bytes = bytesTensor(Uint8Array.of(1, 2), [2]);
  const program = ({ x }: { x: tf.Tensor }) => ({ outputs: { y: tf.mul(x, 2) } });
  for (const build of [compile, interpret]) {
    const [ofBytes, ofFloats] = [['x'], []].map((bytes) => build(program, { inputs: { x: [2] }, bytes }));
    assert.throws(() => ofBytes!.run({ x }), /Expected input x as bytes but received floats/);
    assert.throws(() => ofFloats!.run({ x: bytes }), /Expected input x as floats but received bytes/);
    for (const one of [ofBytes, ofFloats]) one!.dispose();
    assert.throws(
      () => build(program, { inputs: { x: [2] }, bytes: ['y'] }),
      /Expected an input as bytes but y is none/,
    );
  }
  tf.dispose([x, bytes]);
});

test('a part of bytes is bytes', async () => {
  await expectNoLeak(() => {
    const whole = bytesTensor(counted(24), [4, 3, 2]);
    const part = sliceOf(whole, [1, 0, 0], [2, 3, 2]);
    assert.ok(areBytes(part));
    assert.deepEqual(part.shape, [2, 3, 2]);
    const floats = bytesAsFloats(part);
    assert.ok(!areBytes(floats));
    assert.deepEqual(floats.dataSync(), Float32Array.from(counted(24).subarray(6, 18)));
    const same = sliceOf(floats, [1, 0, 0], [1, 3, 2]);
    assert.deepEqual(same.dataSync(), Float32Array.from(counted(24).subarray(12, 18)));
    tf.dispose([whole, part, floats, same]);
  });
});
