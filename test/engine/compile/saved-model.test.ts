import assert from 'node:assert/strict';
import test from 'node:test';
import type { Graph, GraphNode } from '../../../src/engine/compile/graph.ts';
import { encodedPieces, withSavedModel } from '../../../src/engine/compile/saved-model.ts';
import { DataType, nativeBackend } from '../../../src/engine/native-backend.ts';
import { ProtobufMessage } from '../../../src/protobuf-message.ts';

const hex = (message: ProtobufMessage) => Buffer.concat(message.pieces).toString('hex');

test('fields are written as the format says', () => {
  // The examples of protobuf.dev/programming-guides/encoding.
  assert.equal(hex(new ProtobufMessage().integer(1, 150)), '089601');
  assert.equal(hex(new ProtobufMessage().text(2, 'testing')), '120774657374696e67');
  assert.equal(hex(new ProtobufMessage().message(3, new ProtobufMessage().integer(1, 150))), '1a03089601');
  assert.equal(hex(new ProtobufMessage().packed(6, [3, 270, 86942], 'integer')), '3206038e029ea705');
  assert.equal(hex(new ProtobufMessage().integer(1, -1)), '08ffffffffffffffffff01');
  assert.equal(hex(new ProtobufMessage().integer(1, 2 ** 40)), `08${'80'.repeat(5)}20`);
  assert.equal(hex(new ProtobufMessage().integer(20, true)), 'a00101');
  assert.equal(hex(new ProtobufMessage().float(4, 1.5)), '250000c03f');
});

test('a graph of many nodes and a large constant is written whole and can be loaded', () => {
  const values = Float32Array.from({ length: 100_000 }, (_, i) => i);
  const content = new Uint8Array(values.buffer);
  const type = { type: DataType.FLOAT };
  const tensor_shape = { dim: [{ size: values.length }] };
  const nodes: GraphNode[] = [
    {
      name: 'large',
      op: 'Const',
      input: [],
      attr: {
        dtype: type,
        value: { tensor: { dtype: DataType.FLOAT, tensor_shape, tensor_content: content } },
      },
      dtypes: [DataType.FLOAT],
    },
  ];
  for (let i = 0; i < 20_000; i++) {
    const input = [i === 0 ? 'large' : `n${i - 1}`];
    nodes.push({ name: `n${i}`, op: 'Identity', input, attr: { T: type }, dtypes: [DataType.FLOAT] });
  }
  const graph: Graph = { nodes, functions: {}, outputNames: [], numState: 0 };
  assert.ok(encodedPieces(graph).includes(content));
  const { binding } = nativeBackend();
  const model = withSavedModel(graph, (folder, tag) => binding.loadSavedModel(folder, tag));
  const [result] = binding.runSavedModel(model, [], '', 'n9:0');
  assert.deepEqual(binding.tensorDataSync(result!.id), values);
  binding.deleteTensor(result!.id);
  binding.deleteSavedModel(model);
});
