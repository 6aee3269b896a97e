import assert from 'node:assert/strict';
import test from 'node:test';
import { compile } from '../../src/engine/compile/compile.ts';
import { withinDeviceMemory } from '../../src/engine/device-memory.ts';
import * as tf from '../../src/engine/tensorflow.ts';
import { DeviceMemoryError } from '../../src/system/errors.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';

test('a tensor that finds no memory is one line with what to do, and the function can be called again', async () => {
  // 2 to the 48 bytes: more than a process can address, whatever the machine.
  const side = 2 ** 23;
  const product = compile(
    ({ column, row }: { column: tf.Tensor; row: tf.Tensor }) => ({
      outputs: { largest: tf.max(tf.mul(column, row)) },
    }),
    { inputs: { column: [null, 1], row: [1, null] } },
  );
  await expectNoLeak(() => {
    const [column, row] = [tf.ones([side, 1]), tf.ones([1, side])];
    assert.throws(
      () => product.run({ column, row }),
      (error) =>
        error instanceof DeviceMemoryError &&
        /^Expected memory of the CPU for a tensor of \[8388608,8388608\] but received none that is free; use --accumulate, .*\.$/.test(
          error.message,
        ),
    );
    const small = tf.ones([1, 1]);
    const { largest } = product.run({ column: small, row: small });
    assert.equal(largest.dataSync()[0], 1);
    tf.dispose([column, row, small, largest]);
  });
  product.dispose();
});

test('every other failure stays what it is', () => {
  const other = new Error('Invalid argument');
  assert.throws(
    () =>
      withinDeviceMemory(() => {
        throw other;
      }),
    (error) => error === other,
  );
});
