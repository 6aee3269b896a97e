import test from 'node:test';
import { compile, shapesOf } from '../../../src/engine/compile/compile.ts';
import { takeChosen } from '../../../src/engine/ops/take-chosen.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

test('each row of choices takes its value, to the bit, and compiled by the choices of the call', async () => {
  const values = tf.tensor3d([1.1, 2.2, 3.3, 4.4, 5.5, 6.6], [3, 1, 2]);
  const first = tf.tensor2d([
    [0, 0, 1],
    [1, 0, 0],
  ]);
  const second = tf.tensor2d([
    [0, 1, 0],
    [0, 1, 0],
  ]);
  const exact = { absolute: 0, relative: 0 };
  await expectNoLeak(() => {
    const found = takeChosen(values, first);
    expectTensorClose(found, Float32Array.of(5.5, 6.6, 1.1, 2.2), exact);
    const inputs = { values, choices: first };
    const compiled = compile(
      (given: typeof inputs) => ({ outputs: { chosen: takeChosen(given.values, given.choices) } }),
      { inputs: shapesOf(inputs) },
    );
    const { chosen } = compiled.run({ values, choices: second });
    expectTensorClose(chosen, Float32Array.of(3.3, 4.4, 3.3, 4.4), exact);
    compiled.dispose();
    tf.dispose([found, chosen]);
  });
  tf.dispose([values, first, second]);
});
