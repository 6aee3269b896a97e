import assert from 'node:assert/strict';
import test from 'node:test';
import { compile } from '../../../src/engine/compile/compile.ts';
import { packOutputs } from '../../../src/engine/compile/pack-outputs.ts';
import { record } from '../../../src/engine/compile/record.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';

test('outputs come back by their names from one tensor, and the state is assigned as without', async () => {
  const { program, read } = packOutputs(({ x }: { x: tf.Tensor }, { sum }: { sum: tf.Tensor }) => ({
    outputs: { of: { total: tf.sum(x), nothing: undefined, twice: tf.mul(x, 2) }, old: sum },
    nextState: { sum: tf.add(sum, tf.sum(x)) },
  }));
  await expectNoLeak(() => {
    const [x, sum] = [tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.scalar(5)];
    const graph = record(
      ([x], [sum]) => {
        const { outputs, nextState } = program({ x: x! }, { sum: sum! });
        return { outputs: [outputs.packed!], nextState: [nextState!.sum] };
      },
      { inputs: [x], state: [sum], constants: [] },
    );
    assert.equal(graph.outputNames.length, 1);
    const compiled = compile(program, { inputs: { x: [2, 2] }, state: { sum } });
    for (const old of [5, 15])
      assert.deepEqual(read(compiled.run({ x })), {
        of: { total: Float32Array.of(10), twice: Float32Array.of(2, 4, 6, 8) },
        old: Float32Array.of(old),
      });
    compiled.dispose();
    tf.dispose([x, sum]);
  });
});

test('a program that answers nothing has nothing to pack', async () => {
  const { program, read } = packOutputs((_: object, { x }: { x: tf.Tensor }) => ({
    outputs: {},
    nextState: { x: tf.add(x, 1) },
  }));
  await expectNoLeak(() => {
    const x = tf.scalar(1);
    const compiled = compile(program, { inputs: {}, state: { x } });
    assert.deepEqual(read(compiled.run({})), {});
    const after = compiled.readState();
    assert.equal(after.x.dataSync()[0], 2);
    compiled.dispose();
    tf.dispose([x, after]);
  });
});
