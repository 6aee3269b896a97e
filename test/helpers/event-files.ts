/**
 * TensorBoard's event files, read by other means than they are written by: the tfrecord package's reader, which checks
 * the checksums, and the messages' bytes by hand.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RecordReader } from 'tfrecord/lib/record_reader.js';

export interface EventEntry {
  readonly step: number;
  readonly seconds: number;
  readonly tag?: string;
  readonly scalar?: number;
  readonly image?: Buffer;
  readonly version?: string;
  readonly isStart: boolean;
}

type Field = bigint | Buffer;

/** The fields of a message by their numbers: https://protobuf.dev/programming-guides/encoding */
function fields(bytes: Buffer): Map<number, Field[]> {
  const found = new Map<number, Field[]>();
  let at = 0;
  const varint = () => {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const wire = key & 7;
    const value =
      wire === 0 ? varint() : wire === 1 ? take(8) : wire === 5 ? take(4) : take(Number(varint()));
    found.set(key >> 3, [...(found.get(key >> 3) ?? []), value]);
  }
  return found;
}

/** All entries of a folder's files, in the order in which TensorBoard reads them. */
export async function readEvents(folder: string): Promise<EventEntry[]> {
  const entries: EventEntry[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const reader = await RecordReader.create(join(folder, name));
    for (;;) {
      // One whose writer was killed may end in the middle of a record.
      const record = await reader.readRecord().catch(() => null);
      if (record === null) break;
      entries.push(...entriesOf(Buffer.from(record)));
    }
    await reader.close();
  }
  return entries;
}

function entriesOf(record: Buffer): EventEntry[] {
  const event = fields(record);
  const session = event.get(7)?.[0] as Buffer | undefined;
  const common = {
    seconds: (event.get(1)![0] as Buffer).readDoubleLE(),
    step: Number(event.get(2)?.[0] ?? 0),
    isStart: session !== undefined && fields(session).get(1)?.[0] === 1n,
  };
  const version = event.get(3)?.[0] as Buffer | undefined;
  const summary = event.get(5)?.[0] as Buffer | undefined;
  if (summary === undefined)
    return [{ ...common, ...(version === undefined ? {} : { version: version.toString() }) }];
  return (fields(summary).get(1) as Buffer[]).map((bytes) => {
    const value = fields(bytes);
    const scalar = value.get(2)?.[0] as Buffer | undefined;
    const image = value.get(4)?.[0] as Buffer | undefined;
    return {
      ...common,
      tag: (value.get(1)![0] as Buffer).toString(),
      ...(scalar === undefined ? {} : { scalar: scalar.readFloatLE() }),
      ...(image === undefined ? {} : { image: fields(image).get(4)![0] as Buffer }),
    };
  });
}
