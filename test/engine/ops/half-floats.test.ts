import assert from 'node:assert/strict';
import test from 'node:test';
import { compile } from '../../../src/engine/compile/compile.ts';
import { packHalves, unpackHalves } from '../../../src/engine/ops/half-floats.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { fromHalf, toHalf } from '../../../src/networks/half-float.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';

test('packed and unpacked, numbers are rounded to the nearest half, compiled for every size too', async () => {
  const values = Float32Array.from({ length: 2 * 3 * 5 * 4 }, (_, i) => Math.sin(i) * 10 ** ((i % 9) - 4));
  values.set([1e6, -1e6, 0, 65504]);
  const wanted = values.map((value) => fromHalf(toHalf(Math.max(-65504, Math.min(65504, value)))));
  await expectNoLeak(() => {
    const images = tf.tensor4d(values, [2, 3, 5, 4]);
    const packed = packHalves(images);
    assert.deepEqual(packed.shape, [2, 3, 5, 2]);
    const unpacked = unpackHalves(packed);
    assert.deepEqual(unpacked.shape, images.shape);
    assert.deepEqual(unpacked.dataSync(), wanted);
    for (const precision of ['f32', 'bf16'] as const) {
      const both = compile(
        ({ x }: { x: tf.Tensor4D }) => ({ outputs: { result: unpackHalves(packHalves(x)) } }),
        {
          inputs: { x: [2, null, null, 4] },
          precision,
        },
      );
      const { result } = both.run({ x: images });
      assert.deepEqual(result.dataSync(), wanted);
      result.dispose();
      both.dispose();
    }
    tf.dispose([images, packed, unpacked]);
  });
});

test('an odd number of channels cannot be packed', () => {
  const odd = tf.zeros<tf.Rank.R4>([1, 2, 2, 3]);
  assert.throws(() => packHalves(odd), /Cannot pack 3 channels in pairs/);
  odd.dispose();
});
