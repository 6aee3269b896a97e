import assert from 'node:assert/strict';
import test from 'node:test';
import { toBfloat16 } from '../../../src/engine/compile/bfloat16.ts';
import { asBytes, GraphBuilder, type GraphNode, parseNodeInput } from '../../../src/engine/compile/graph.ts';
import { record } from '../../../src/engine/compile/record.ts';
import { DataType } from '../../../src/engine/data-type.ts';
import * as tf from '../../../src/engine/tensorflow.ts';

const ops = (nodes: readonly GraphNode[], op: string) => nodes.filter((node) => node.op === op);

test('a small constant is recorded once, a large one of one value as Fill, others as they are', () => {
  const graph = new GraphBuilder();
  const scalar = (value: number) => graph.constant([], DataType.FLOAT, asBytes(Float32Array.of(value)));
  assert.equal(scalar(2), scalar(2));
  assert.notEqual(scalar(2), scalar(3));
  assert.notEqual(graph.constant([1], DataType.FLOAT, asBytes(Float32Array.of(2))), scalar(2), 'other shape');
  assert.notEqual(graph.constant([], DataType.INT32, asBytes(Int32Array.of(0))), scalar(0), 'other type');
  graph.constant([10, 10], DataType.FLOAT, asBytes(new Float32Array(100).fill(5)));
  assert.equal(ops(graph.nodes, 'Fill').length, 1);
  const varied = asBytes(Float32Array.from({ length: 100 }, (_, i) => i));
  const large = graph.constant([10, 10], DataType.FLOAT, varied);
  const node = graph.nodes.find(({ name }) => name === large);
  assert.equal(node?.op, 'Const');
  assert.deepEqual(node?.attr.value?.tensor?.tensor_content, varied);
});

test('bytes are copied, so that TensorFlow may reuse its memory', () => {
  const values = Float32Array.of(1, 2, 3).subarray(1);
  const bytes = asBytes(values);
  values[0] = 9;
  assert.deepEqual(new Float32Array(bytes.buffer), Float32Array.of(2, 3));
});

test('inputs name a node and a port', () => {
  assert.deepEqual(parseNodeInput('Add_3'), { node: 'Add_3', port: 0 });
  assert.deepEqual(parseNodeInput('Split_3:2'), { node: 'Split_3', port: 2 });
});

test('a declared constant that an op uses ten times is one node of the graph', () => {
  const weights = tf.randomNormal([20, 20], 0, 1, 'float32', 1);
  const example = tf.zeros([20, 20]);
  const graph = record(
    ([x]) => {
      let y = x!;
      for (let i = 0; i < 10; i++) y = tf.matMul(tf.mul(y, 0.5), weights);
      return { outputs: [y] };
    },
    { inputs: [example], state: [], constants: [weights] },
  );
  const large = ops(graph.nodes, 'Const').filter(
    ({ attr }) => (attr.value?.tensor?.tensor_content.length ?? 0) === 1600,
  );
  assert.equal(large.length, 1);
  assert.equal(ops(graph.nodes, 'Const').length, 2, 'and the factor is another, shared');
  tf.dispose([weights, example]);
});

test('bf16 covers the heavy ops and those between them, and no state, loss or output', () => {
  const kernel = tf.randomNormal([3, 3, 4, 4], 0, 1, 'float32', 1) as tf.Tensor4D;
  const example = tf.zeros([1, 8, 8, 4]);
  const graph = record(
    ([x]) => {
      const once = tf.relu(tf.conv2d(x as tf.Tensor4D, kernel, 1, 'same'));
      return { outputs: [tf.mean(tf.square(tf.conv2d(once, kernel, 1, 'same')))] };
    },
    { inputs: [example], state: [], constants: [kernel] },
  );
  const half = toBfloat16(graph);
  const type = (op: string) => ops(half.nodes, op).map(({ attr }) => attr.T?.type);
  assert.deepEqual(type('Conv2D'), [DataType.BFLOAT16, DataType.BFLOAT16]);
  assert.deepEqual(type('Relu'), [DataType.BFLOAT16]);
  assert.deepEqual(type('Mean'), [DataType.FLOAT]);
  assert.deepEqual(type('Square'), [DataType.FLOAT]);
  assert.deepEqual(type('Identity'), [DataType.FLOAT]);
  // Image and kernel down, the result up: the kernel once for both, nothing between the two convolutions.
  assert.equal(ops(half.nodes, 'Cast').length, 3 + ops(graph.nodes, 'Cast').length);
  assert.deepEqual(half.outputNames, graph.outputNames);
  tf.dispose([kernel, example]);
});
