import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatSafetensors, type NamedArray, parseSafetensors } from '../../src/networks/safetensors.ts';
import { readSafetensors } from '../../src/networks/safetensors-file.ts';
import { CheckpointError, FileError, WeightsError } from '../../src/system/errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const tensors: readonly NamedArray[] = [
  { name: 'b', shape: [2, 3], values: Float32Array.of(1, -2.5, 0.1, 65504, -0, 3e-6) },
  { name: 'a', shape: [], values: Float32Array.of(7) },
  { name: '__proto__', shape: [0, 4], values: new Float32Array(0) },
];

/** A file with this header text (or object) and that many bytes of data. */
function file(header: unknown, dataLength: number, length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const f32 = (begin: number, end: number, shape: readonly unknown[] = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

test('float32 tensors, names, shapes and metadata survive a round trip', () => {
  const bytes = formatSafetensors(tensors, { title: 'The Great Wave — 神奈川沖浪裏', empty: '' }, 'F32');
  const read = parseSafetensors(bytes, 'file');
  assert.deepEqual(read.metadata, { title: 'The Great Wave — 神奈川沖浪裏', empty: '' });
  assert.deepEqual([...read.tensors.keys()].sort(), ['__proto__', 'a', 'b']);
  for (const tensor of tensors) assert.deepEqual(read.tensors.get(tensor.name), tensor);
});

test('half precision rounds, and the result is unchanged when written again', () => {
  const once = parseSafetensors(formatSafetensors(tensors, {}, 'F16'), 'file');
  assert.deepEqual(
    once.tensors.get('b')?.values,
    Float32Array.of(1, -2.5, 0.0999755859375, 65504, -0, 50 * 2 ** -24),
  );
  const again = parseSafetensors(formatSafetensors(once.tensors.values(), {}, 'F16'), 'file');
  assert.deepEqual(again, once);
});

test('equal content gives equal bytes in any order, and data begin at a multiple of eight', () => {
  const forth = formatSafetensors(tensors, { x: '1', y: '2' }, 'F16');
  const back = formatSafetensors([...tensors].reverse(), { y: '2', x: '1' }, 'F16');
  assert.deepEqual(forth, back);
  assert.equal(new DataView(forth.buffer).getBigUint64(0, true) % 8n, 0n);
});

test('F64 and BF16 are widened to float32, also from bytes that do not start at the start of their buffer', () => {
  const bytes = file(
    {
      d: { dtype: 'F64', shape: [1], data_offsets: [0, 8] },
      h: { dtype: 'BF16', shape: [2], data_offsets: [8, 12] },
    },
    12,
  );
  const view = new DataView(bytes.buffer);
  view.setFloat64(bytes.length - 12, 1 / 3, true);
  view.setUint16(bytes.length - 4, 0x3f80, true);
  view.setUint16(bytes.length - 2, 0xc049, true);
  const shifted = new Uint8Array(bytes.length + 3).subarray(3);
  shifted.set(bytes);
  const read = parseSafetensors(shifted, 'file');
  assert.deepEqual(read.tensors.get('d')?.values, Float32Array.of(1 / 3));
  assert.deepEqual(read.tensors.get('h')?.values, Float32Array.of(1, -3.140625));
});

test('tensors do not share memory with the file they were read from', () => {
  const bytes = Buffer.from(formatSafetensors(tensors, {}, 'F32'));
  const read = parseSafetensors(bytes, 'file');
  bytes.fill(0);
  assert.deepEqual(read.tensors.get('a')?.values, Float32Array.of(7));
});

test('a number beyond half precision, a wrong shape and a double name are refused when writing', () => {
  const huge = { name: 'w', shape: [1], values: Float32Array.of(70000) };
  assert.throws(() => formatSafetensors([huge], {}, 'F16'), /w holds 70000/);
  assert.doesNotThrow(() => formatSafetensors([huge], {}, 'F32'));
  assert.throws(() => formatSafetensors([{ ...huge, shape: [2] }], {}, 'F32'), /shape \[2\]/);
  assert.throws(() => formatSafetensors([huge, huge], {}, 'F32'), /called w/);
});

const sound = formatSafetensors(tensors, { k: 'v' }, 'F32');
const hostile: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['an empty file', new Uint8Array(0), /only 0 bytes/],
  ['a header longer than the file', file({}, 0, 1n << 62n), /should take 4611686018427387904 bytes/],
  ['a header that is no JSON', file('{"a":', 0), /not a JSON object/],
  ['a header that is a list', file('[]', 0), /not a JSON object/],
  ['a header that is not UTF-8', file('{"a":1}', 0).fill(0xff, 9, 12), /not a JSON object/],
  ['metadata that are not text', file({ __metadata__: { a: 1 } }, 0), /not all text/],
  ['an entry without a type', file({ a: { shape: [], data_offsets: [0, 4] } }, 4), /tensor a lacks/],
  ['a type of another kind', file({ a: { ...f32(0, 8), dtype: 'I64', shape: [1] } }, 8), /the type I64/],
  ['a type from the prototype', file({ a: { ...f32(0, 4), dtype: 'toString' } }, 4), /the type toString/],
  ['a negative size', file({ a: f32(0, 4, [-1, -1]) }, 4), /tensor a lacks/],
  ['a shape beyond the numbers', file({ a: f32(0, 4, [2 ** 52, 2 ** 52]) }, 4), /cannot take 4 bytes/],
  ['a shape that does not fit', file({ a: f32(0, 8, [3]) }, 8), /shape \[3\] and type F32 cannot take 8/],
  ['overlapping tensors', file({ a: f32(0, 8), b: f32(4, 12) }, 12), /tensor b overlaps/],
  ['a gap', file({ a: f32(0, 4), b: f32(8, 12) }, 12), /4 bytes before tensor b/],
  ['data at the end', file({ a: f32(0, 4) }, 6), /2 bytes at its end/],
  ['a cut file', sound.subarray(0, sound.length - 1), /it is cut/],
];

for (const [what, bytes, message] of hostile) {
  test(`${what} is refused in one line`, () => {
    for (const ErrorClass of [WeightsError, CheckpointError]) {
      assert.throws(
        () => parseSafetensors(bytes, 'x.safetensors', ErrorClass),
        (error: unknown) => {
          assert.ok(error instanceof ErrorClass);
          assert.match(error.message, message);
          assert.match(error.message, /^x\.safetensors .*[^.]\.$/);
          return true;
        },
      );
    }
  });
}

test('reading from the disk names the file in its errors', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'w.safetensors');
  await assert.rejects(readSafetensors(path), (error: unknown) => {
    assert.ok(error instanceof FileError);
    return error.message === `Cannot read ${path}: no such file or folder.`;
  });
  await writeFile(path, sound);
  assert.equal((await readSafetensors(path)).metadata.k, 'v');
  await writeFile(path, 'hello, world');
  await assert.rejects(readSafetensors(path), WeightsError);
});
