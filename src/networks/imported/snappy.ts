import { varint } from '../../system/protobuf-fields.ts';

/** A copy takes three bytes and gives at most 64. */
const MOST_GROWTH = 64 / 3;

/**
 * Unpacks what Snappy has packed: bytes as they are, and copies of what came before.
 * https://github.com/google/snappy/blob/main/format_description.txt
 *
 * @returns undefined where the bytes are cut, or were packed by something else. @throws {ProtobufFault} they have no length.
 */
export function unpackSnappy(bytes: Buffer): Buffer | undefined {
  const length = varint(bytes, 0);
  // What a file claims may not decide how much memory is taken.
  if (length.value > MOST_GROWTH * bytes.length) return undefined;
  const out = Buffer.alloc(length.value);
  let done = 0;
  for (let at = length.end; at < bytes.length; ) {
    const tag = bytes[at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      const few = tag >> 2;
      const wide = Math.max(0, few - 59);
      if (at + wide > bytes.length) return undefined;
      const count = 1 + (wide === 0 ? few : bytes.readUIntLE(at, wide));
      at += wide;
      if (count > bytes.length - at || count > out.length - done) return undefined;
      bytes.copy(out, done, at, at + count);
      [at, done] = [at + count, done + count];
      continue;
    }
    const wide = [0, 1, 2, 4][kind]!;
    if (at + wide > bytes.length) return undefined;
    const count = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const back = bytes.readUIntLE(at, wide) + (kind === 1 ? (tag >> 5) << 8 : 0);
    at += wide;
    if (back === 0 || back > done || count > out.length - done) return undefined;
    // It may copy what it has just written.
    for (const end = done + count; done < end; done++) out[done] = out[done - back]!;
  }
  return done === out.length ? out : undefined;
}
