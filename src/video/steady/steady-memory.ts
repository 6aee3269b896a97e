/** What a steady painter continues from, as bytes. */
import { createHash } from 'node:crypto';
import { expected, FileError } from '../../system/errors.ts';
import type { LastShown } from './steady-film.ts';

export interface SteadyMemory {
  /** Of the network's normalisations; empty where they are not carried on. */
  readonly statistics: Float32Array;
  /** None before the first frame. */
  readonly last: LastShown | undefined;
}

const MAGIC = 'fast-style steady 1\n';
const DIGEST_BYTES = 32;
const HEADER_BYTES = MAGIC.length + DIGEST_BYTES + 3 * 4;

/** Header (magic, SHA-256 of all that follows, width, height, count of statistics), statistics, frame, picture; little-endian. */
export function toBytes({ statistics, last }: SteadyMemory): Uint8Array {
  const { width, height, pixels } = last?.frame ?? { width: 0, height: 0, pixels: new Uint8Array(0) };
  const sizes = Buffer.alloc(12);
  [width, height, statistics.length].forEach((value, i) => {
    sizes.writeUInt32LE(value, 4 * i);
  });
  const body = Buffer.concat([
    sizes,
    bytesOf(statistics),
    pixels,
    bytesOf(last?.shown ?? new Uint16Array(0)),
  ]);
  const digest = createHash('sha256').update(body).digest();
  return new Uint8Array(Buffer.concat([Buffer.from(MAGIC), digest, body]));
}

/** @throws {FileError} they are cut, changed, or of something else. */
export function fromBytes(bytes: Uint8Array): SteadyMemory {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (all.length < HEADER_BYTES || all.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new FileError(expected('the state of a film painted steadily', `${all.length} other bytes`));
  const body = all.subarray(MAGIC.length + DIGEST_BYTES);
  const digest = createHash('sha256').update(body).digest();
  if (!digest.equals(all.subarray(MAGIC.length, MAGIC.length + DIGEST_BYTES)))
    throw new FileError('The state of the film is damaged; start it again with --overwrite.');
  const [width, height, count] = [0, 4, 8].map((at) => body.readUInt32LE(at)) as [number, number, number];
  const values = 3 * width * height;
  const [statisticsEnd, frameEnd] = [12 + 4 * count, 12 + 4 * count + values];
  // Copies: typed arrays begin at multiples of their size.
  const part = (from: number, to: number) => new Uint8Array(body.subarray(from, to));
  if (body.length !== frameEnd + 2 * values)
    throw new FileError(expected(`a frame of ${width}×${height} in the film's state`, 'another one'));
  return {
    statistics: new Float32Array(part(12, statisticsEnd).buffer),
    last:
      values === 0
        ? undefined
        : {
            frame: { pixels: part(statisticsEnd, frameEnd), width, height },
            shown: new Uint16Array(part(frameEnd, body.length).buffer),
          },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
