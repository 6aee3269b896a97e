/**
 * The one importer of tfrecord: records of TFRecord files and the `tf.train.Example` messages in them.
 *
 *   uint64 length · uint32 masked CRC32C of length · byte data[length] · uint32 masked CRC32C of data   (little endian)
 *
 * The package serves for messages and checksums. Framing is done here, because its reader knows no random access,
 * forbids overlapping reads and names neither file nor record, and its writer, short of room on the disk, throws an
 * error without a code.
 */
import type { FileHandle } from 'node:fs/promises';
import { createBuilder, Example } from 'tfrecord';
import { maskedCrc32c } from 'tfrecord/lib/crc32c.js';
import { DatasetError } from '../system/errors.ts';

/** What a frame adds to its data: length, its checksum, the data's checksum. */
export const FRAME_BYTES = 16;
const HEADER_BYTES = 12;

/** Features of an example, each of one value: bytes, or a whole number (int64). */
export type Features = Readonly<Record<string, Uint8Array | number>>;

/** Frames one record: what a TFRecord file is a row of. */
export function frameRecord(data: Uint8Array): Buffer {
  const frame = Buffer.alloc(FRAME_BYTES + data.length);
  frame.writeBigUInt64LE(BigInt(data.length), 0);
  frame.writeUInt32LE(maskedCrc32c(frame.subarray(0, 8)), 8);
  frame.set(data, HEADER_BYTES);
  frame.writeUInt32LE(maskedCrc32c(frame.subarray(HEADER_BYTES, -4)), HEADER_BYTES + data.length);
  return frame;
}

/**
 * Reads the record whose frame starts at `offset` and checks it. Reads of one file may overlap.
 *
 * @param length bytes of its data, as the index has it.
 * @param where file and record, for errors.
 * @throws {DatasetError} the file is cut, or length or a checksum is not what it should be.
 */
export async function readRecord(
  file: FileHandle,
  offset: number,
  length: number,
  where: string,
): Promise<Uint8Array> {
  const frame = Buffer.allocUnsafe(FRAME_BYTES + length);
  const { bytesRead } = await file.read(frame, 0, frame.length, offset);
  if (bytesRead < frame.length) {
    throw corrupt(where, `is cut short: ${bytesRead} of ${frame.length} bytes are there`);
  }
  if (frame.readUInt32LE(8) !== maskedCrc32c(frame.subarray(0, 8))) {
    throw corrupt(where, 'is corrupt: the checksum of its length does not match');
  }
  if (frame.readBigUInt64LE(0) !== BigInt(length)) {
    throw corrupt(where, `is ${frame.readBigUInt64LE(0)} bytes long where the index says ${length}`);
  }
  const data = frame.subarray(HEADER_BYTES, HEADER_BYTES + length);
  if (frame.readUInt32LE(HEADER_BYTES + length) !== maskedCrc32c(data)) {
    throw corrupt(where, 'is corrupt: the checksum of its data does not match');
  }
  return data;
}

/** Writes features as a `tf.train.Example` message. */
export function encodeExample(features: Features): Uint8Array {
  const builder = createBuilder();
  for (const [name, value] of Object.entries(features)) {
    if (typeof value === 'number') builder.setInteger(name, value);
    else builder.setBinary(name, value);
  }
  return Example.encode(builder.releaseExample()).finish();
}

/**
 * Reads a `tf.train.Example` message: the first value of each feature of bytes or whole numbers.
 *
 * @param where file and record, for errors.
 * @throws {DatasetError} the bytes are no such message.
 */
export function decodeExample(message: Uint8Array, where: string): Features {
  const features: Record<string, Uint8Array | number> = {};
  try {
    const byName = Example.decode(message).features?.feature ?? {};
    for (const [name, feature] of Object.entries(byName)) {
      const bytes = feature.bytesList?.value?.[0];
      const integer = feature.int64List?.value?.[0];
      if (bytes) features[name] = bytes;
      // An int64 is decoded as a Long, which turns into a number by way of its digits.
      else if (integer !== undefined) features[name] = Number(integer);
    }
  } catch (error) {
    throw corrupt(where, 'holds no tf.train.Example message', error);
  }
  return features;
}

function corrupt(where: string, fault: string, cause?: unknown): DatasetError {
  return new DatasetError(`${where} ${fault}; build the data set again with --overwrite.`, { cause });
}
