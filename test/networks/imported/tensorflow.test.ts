/**
 * Networks of lengstrom/fast-style-transfer as styles: held to what TensorFlow has painted with checkpoints that it has saved itself
 * (test/fixtures/tensorflow-style/make-fixtures.py).
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkExport, checkRuntime, type NamedPicture } from '../../../src/export/check-export.ts';
import { exportAs } from '../../../src/export/export-style.ts';
import { loadCheckpoint } from '../../../src/networks/checkpoint.ts';
import { importFile } from '../../../src/networks/imported/import-file.ts';
import { unpackSnappy } from '../../../src/networks/imported/snappy.ts';
import { CheckpointError, FileError } from '../../../src/system/errors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const FIXTURES = 'test/fixtures/tensorflow-style';
const fixture = (name: string) => readFileSync(join(FIXTURES, name));
const [V1, INDEX] = ['v1.ckpt', 'v2.ckpt.index'];
const DATA = 'v2.ckpt.data-00000-of-00001';
const sizes = [
  [64, 48],
  [20, 36],
] as const;
const pictures = sizes.map(([width, height]): NamedPicture => {
  const name = `${width}x${height}`;
  return { name, pixels: new Uint8Array(fixture(`photo-${name}.rgb`)), width, height };
});

test('both formats of TensorFlow paint what TensorFlow paints with them', async (t) => {
  const folder = await temporaryFolder(t);
  const paths = await Promise.all(
    [V1, INDEX].map((file) => importFile(join(FIXTURES, file), { out: folder })),
  );
  const [first, second] = await Promise.all(paths.map(loadCheckpoint));
  assert.equal(first!.architecture, 'zero,c9s1-4,d5,d6,R6x2,t5,t4,c9s1-6,c1s1-3,tanh150');
  assert.deepEqual(second!.parameters, first!.parameters);
  assert.deepEqual([first!.name, second!.name], ['v1', 'v2']);
  assert.equal((second!.training.imported as { file: string }).file, DATA);
  for (const picture of pictures) {
    const painted = Float32Array.from(fixture(`painted-${picture.name}.rgb`));
    const [found] = await checkRuntime(
      { run: async () => painted },
      first!,
      { layout: 'nhwc', hasAmount: false },
      [picture],
    );
    assert.ok(found!.largest <= 1 && found!.mean < 0.1, JSON.stringify(found));
  }
});

test('it is exported, with the same result', async (t) => {
  const folder = await temporaryFolder(t);
  const checkpoint = await loadCheckpoint(await importFile(join(FIXTURES, V1), { out: folder }));
  for (const format of ['onnx', 'tfjs', 'savedmodel'] as const) {
    const options = { layout: 'nhwc', weights: 'float16', hasAmount: false } as const;
    const files = await exportAs(format, { checkpoint, label: 'v1' }, options);
    for (const { largest } of await checkExport(format, files, checkpoint, options, pictures))
      assert.ok(largest <= 1, `${format}: ${largest}`);
  }
});

test('what is no such checkpoint is refused with a reason, and nothing is written', async (t) => {
  const folder = await temporaryFolder(t);
  const refused = async (name: string, bytes: Buffer, reason: RegExp, kind = CheckpointError) => {
    writeFileSync(join(folder, name), bytes);
    await assert.rejects(importFile(join(folder, name), { out: join(folder, 'out') }), (error: unknown) => {
      assert.ok(error instanceof kind, String(error));
      assert.match(error.message, reason);
      return true;
    });
  };
  await refused(DATA, fixture(DATA), /another part of a checkpoint of TensorFlow; name its \.index/);
  await refused('fns.ckpt.meta', Buffer.from([10, 9]), /another part of a checkpoint .* name its \.index/);
  await refused('alone.index', fixture(INDEX), /alone\.data-00000-of-00001/, FileError);
  writeFileSync(join(folder, 'cut.data-00000-of-00001'), fixture(DATA).subarray(0, 9000));
  await refused('cut.index', fixture(INDEX), /its file of numbers is cut/);
  await refused('cut.ckpt', fixture(V1).subarray(-100), /it is cut/);
  // Residual blocks that are missing a variable, and names of another program.
  const renamed = (from: string, to: string) =>
    Buffer.from(fixture(V1).toString('latin1').replaceAll(from, to), 'latin1');
  await refused('other.ckpt', renamed('Variable', 'Weighted'), /its 0 variables are not those of lengstrom/);
  assert.ok(!readdirSync(folder).includes('out'));
});

test('what Snappy has packed is unpacked: literals and copies of all kinds; what is cut is refused', () => {
  const packed = Buffer.from([
    ...[17, 2 << 2, ...Buffer.from('abc')],
    // Five bytes from three back, of which two are written by the copy itself.
    ...[0b000_001_01, 3],
    ...[0b000011_10, 2, 0],
    // A literal whose length is in a byte of its own.
    ...[60 << 2, 1, ...Buffer.from('xy')],
    ...[0b000010_11, 1, 0, 0, 0],
  ]);
  assert.equal(unpackSnappy(packed)?.toString(), 'abcabcabababxyyyy');
  for (let length = 1; length < packed.length; length++)
    assert.equal(unpackSnappy(packed.subarray(0, length)), undefined);
});
