import assert from 'node:assert/strict';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { createReader } from 'tfrecord';
import {
  decodeExample,
  encodeExample,
  FRAME_BYTES,
  frameRecord,
  readRecord,
} from '../../src/data/tfrecord-file.ts';
import { DatasetError } from '../../src/system/errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** CRC32C bit by bit, from its definition: reflected polynomial 0x82f63b78. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

test('frames a record as TensorFlow defines it', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283, 'the check value of CRC32C');
  for (const text of ['', 'a', '123456789', 'x'.repeat(70_000)]) {
    const data = Buffer.from(text);
    const frame = frameRecord(data);
    assert.equal(frame.length, data.length + FRAME_BYTES);
    assert.equal(frame.readBigUInt64LE(0), BigInt(data.length));
    assert.equal(frame.readUInt32LE(8), masked(crc32c(frame.subarray(0, 8))));
    assert.deepEqual(frame.subarray(12, -4), data);
    assert.equal(frame.readUInt32LE(12 + data.length), masked(crc32c(data)));
  }
});

test('reads records in any order and at the same time', async (t) => {
  const path = join(await temporaryFolder(t), 'a.tfrecord');
  const records = Array.from({ length: 40 }, (_, i) => Buffer.alloc(i * 37, i));
  await writeFile(path, Buffer.concat(records.map(frameRecord)));
  const offsets = records.map((_, i) =>
    records.slice(0, i).reduce((sum, { length }) => sum + length + FRAME_BYTES, 0),
  );
  const file = await open(path);
  t.after(() => file.close());
  const order = records.map((_, i) => (i * 17) % 40);
  const read = await Promise.all(
    order.map((i) => readRecord(file, offsets[i]!, records[i]!.length, `record ${i}`)),
  );
  read.forEach((data, i) => {
    assert.deepEqual(Buffer.from(data), records[order[i]!]);
  });
});

test('finds a fault in every byte of a frame, and names file and record', async (t) => {
  const path = join(await temporaryFolder(t), 'a.tfrecord');
  const whole = frameRecord(Buffer.from('thirteen bytes'));
  for (let i = 0; i < whole.length; i++) {
    const bytes = Buffer.from(whole);
    bytes[i]! ^= 1 << (i % 8);
    await writeFile(path, bytes);
    await rejects(path, 14, `byte ${i}`);
  }
  for (const cut of [0, 1, 11, 12, 20, whole.length - 1]) {
    await writeFile(path, whole.subarray(0, cut));
    await rejects(path, 14, `cut at ${cut}`, /is cut short/);
  }
  await writeFile(path, whole);
  await rejects(path, 13, 'another length than the index says', /14 bytes long where the index says 13/);

  async function rejects(at: string, length: number, what: string, message = /is (corrupt|cut|\d+ bytes)/) {
    const file = await open(at);
    try {
      await assert.rejects(readRecord(file, 0, length, 'a.tfrecord: record 1 of 1'), (error: Error) => {
        assert.ok(error instanceof DatasetError, `${what}: ${error.stack}`);
        assert.match(error.message, message, what);
        assert.match(error.message, /^a\.tfrecord: record 1 of 1 /);
        return true;
      });
    } finally {
      await file.close();
    }
  }
});

test('features come back as they were, and the package reads the file too', async (t) => {
  const features = {
    'image/encoded': Uint8Array.from([0, 255, 1, 254]),
    'image/filename': Buffer.from('Große Welle 神奈川.jpg'),
    'image/width': 384,
    large: 2 ** 40 + 1,
    negative: -3,
    zero: 0,
  };
  const message = encodeExample(features);
  const back = decodeExample(message, 'here');
  assert.deepEqual(Object.keys(back).sort(), Object.keys(features).sort());
  for (const [name, value] of Object.entries(features)) {
    const got = back[name]!;
    if (typeof value === 'number') assert.equal(got, value, name);
    else assert.deepEqual([...(got as Uint8Array)], [...value], name);
  }

  const path = join(await temporaryFolder(t), 'a.tfrecord');
  await writeFile(path, Buffer.concat([frameRecord(message), frameRecord(message)]));
  const reader = await createReader(path);
  t.after(() => reader.close());
  for (let i = 0; i < 2; i++) {
    const example = await reader.readExample();
    const encoded = example?.features?.feature?.['image/encoded']?.bytesList?.value?.[0];
    assert.deepEqual([...encoded!], [0, 255, 1, 254]);
  }
  assert.equal(await reader.readExample(), null);
});

test('bytes that are no Example are an error about file and record', () => {
  assert.throws(
    () => decodeExample(Uint8Array.from([0x0a, 0xff, 0xff, 0xff, 0x0f, 1]), 'b.tfrecord: record 3 of 9'),
    (error: Error) =>
      error instanceof DatasetError && /^b\.tfrecord: record 3 of 9 holds no/.test(error.message),
  );
});
