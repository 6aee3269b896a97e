import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { Graph, GraphNode } from '../../../src/engine/compile/graph.ts';
import { encodedPieces, withSavedModel } from '../../../src/engine/compile/saved-model.ts';
import { DataType } from '../../../src/engine/data-type.ts';
import { nativeBackend } from '../../../src/engine/native-backend.ts';
import { ProtobufMessage } from '../../../src/system/protobuf-message.ts';
import { AS_LOADED } from '../../helpers/as-loaded.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

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

test('graphs of killed processes are removed, those of others stay', async (t) => {
  const folder = await temporaryFolder(t);
  const old = new Date(Date.now() - 3600_000);
  const put = (name: string, when?: Date) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'saved_model.pb'), 'graph');
    if (when !== undefined) utimesSync(join(folder, name), when, when);
  };
  const [dead, alive] = [2 ** 22 + 1, process.ppid];
  put(`fast-style-graph-${dead}-01234567`, old);
  put(`fast-style-graph-${dead}-fresh012`.replace('fresh', 'abcde'));
  put(`fast-style-graph-${alive}-01234567`, old);
  put(`fast-style-graph-mine`, old);
  const module = new URL('../../../src/engine/compile/saved-model.ts', import.meta.url).href;
  const code = `const { withSavedModel } = await import(${JSON.stringify(module)}); withSavedModel({ nodes: [], functions: {}, outputNames: [], numState: 0 }, () => undefined);`;
  const args = [...AS_LOADED, '--input-type=module', '-e', code];
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: folder },
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(
    readdirSync(folder)
      .filter((name) => name.startsWith('fast-style'))
      .sort(),
    [
      `fast-style-graph-${dead}-abcde012`,
      `fast-style-graph-${alive}-01234567`,
      'fast-style-graph-mine',
    ].sort(),
  );
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
