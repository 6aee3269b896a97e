import assert from 'node:assert/strict';
import test from 'node:test';
import { peakOfGraph } from '../../bench/graph-memory.ts';
import { toBfloat16 } from '../../src/engine/compile/bfloat16.ts';
import { record } from '../../src/engine/compile/record.ts';
import * as tf from '../../src/engine/tensorflow.ts';

test('a graph holds what is still to be read, state and constants always', () => {
  const [input, state, constant] = [
    tf.zeros([1000]),
    tf.zeros([50]),
    tf.tensor1d(Array.from({ length: 100 }, (_, i) => i)),
  ];
  const graph = record(
    ([given], [kept]) => {
      // 4,000 bytes of input wait for the last op; of the chain at most two tensors are there.
      const chain = tf.exp(tf.exp(tf.exp(tf.reshape(given!, [10, 100]))));
      const far = tf.sum(tf.mul(chain, tf.reshape(given!, [10, 100])));
      return { outputs: [tf.add(far, tf.sum(constant))], nextState: [tf.add(kept!, 1)] };
    },
    { inputs: [input], state: [state], constants: [constant] },
  );
  const { peak, fixed } = peakOfGraph(graph, graph.functions.run!.fetchNames);
  const small = graph.nodes
    .filter(({ op }) => op === 'Const')
    .reduce((sum, { attr }) => sum + attr.value!.tensor!.tensor_content.length, 0);
  // The nought of what initialises the state is read by another call.
  assert.equal(fixed, 200 + small - 4);
  assert.ok(small >= 400 && small < 450, `${small}`);
  assert.equal(peak - fixed, 3 * 4000);
  tf.dispose([input, state, constant]);
});

test('in bf16 a product takes half, and casts are counted', () => {
  const pair = [tf.zeros([64, 64]), tf.zeros([64, 64])];
  const graph = record(([a, b]) => ({ outputs: [tf.sum(tf.relu(tf.matMul(a!, b!)))] }), {
    inputs: pair,
    state: [],
    constants: [],
  });
  const bytes = 4 * 64 * 64;
  const peakOf = (of: typeof graph) => {
    const { peak, fixed } = peakOfGraph(of, of.functions.run!.fetchNames);
    return peak - fixed;
  };
  // Both factors and the product; in bf16 both factors and the cast of one, before that factor is gone.
  assert.equal(peakOf(graph), 3 * bytes);
  assert.equal(peakOf(toBfloat16(graph)), 2.5 * bytes);
  tf.dispose(pair);
});
