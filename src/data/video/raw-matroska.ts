/**
 * Raw RGB or RGBA frames with their times, as a Matroska stream (RFC 9559) that ffmpeg reads from a pipe: the one container of raw video
 * that is easy to write and exact to the nanosecond. Each frame has a cluster of its own, since a block's time counts
 * from its cluster's in 16 bits.
 */

const ID = {
  ebml: 0x1a45dfa3,
  docType: 0x4282,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  trackType: 0x83,
  defaultDuration: 0x23e383,
  language: 0x22b59c,
  codec: 0x86,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  fourCc: 0x2eb524,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  blockGroup: 0xa0,
  block: 0xa1,
  blockDuration: 0x9b,
} as const;

/** A length that is not known yet. */
const UNKNOWN = Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);

export interface RawStream {
  readonly width: number;
  readonly height: number;
  /** Whether frames are RGBA, not RGB. */
  readonly alpha: boolean;
  /** Nanoseconds that a frame usually lasts, from which encoders compute their rates. */
  readonly frameDuration: bigint;
}

/** What comes before the first frame. */
export function streamHead({ width, height, alpha, frameDuration }: RawStream): Buffer {
  const video = element(
    ID.video,
    Buffer.concat([
      element(ID.pixelWidth, number(width)),
      element(ID.pixelHeight, number(height)),
      element(ID.fourCc, Buffer.from(alpha ? 'RGBA' : 'RGB\x18', 'latin1')),
    ]),
  );
  const track = Buffer.concat([
    element(ID.trackNumber, number(1)),
    element(ID.trackUid, number(1)),
    element(ID.trackType, number(1)),
    // English unless said.
    element(ID.language, Buffer.from('und')),
    element(ID.codec, Buffer.from('V_UNCOMPRESSED')),
    element(ID.defaultDuration, number(frameDuration)),
    video,
  ]);
  return Buffer.concat([
    element(ID.ebml, element(ID.docType, Buffer.from('matroska'))),
    Buffer.concat([id(ID.segment), UNKNOWN]),
    // Times are in nanoseconds.
    element(ID.info, element(ID.timestampScale, number(1))),
    element(ID.tracks, element(ID.trackEntry, track)),
  ]);
}

/** What comes before the `bytes` pixels of a frame. @param time, duration in nanoseconds. */
export function frameHead(bytes: number, time: bigint, duration: bigint): Buffer {
  // Track 1, no time of its own, no flags.
  const blockHead = Buffer.from([0x81, 0, 0, 0]);
  const lasting = element(ID.blockDuration, number(duration));
  const block = Buffer.concat([id(ID.block), size(blockHead.length + bytes), blockHead]);
  const group = Buffer.concat([
    id(ID.blockGroup),
    size(lasting.length + block.length + bytes),
    lasting,
    block,
  ]);
  const timestamp = element(ID.timestamp, number(time));
  return Buffer.concat([id(ID.cluster), size(timestamp.length + group.length + bytes), timestamp, group]);
}

function element(name: number, content: Buffer): Buffer {
  return Buffer.concat([id(name), size(content.length), content]);
}

/** Its own bytes: an element's id brings its length with it. */
function id(name: number): Buffer {
  return number(name);
}

/** A length in 8 bytes. */
function size(bytes: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(bytes) | (1n << 56n));
  return buffer;
}

/** A whole number, big-endian, in as many bytes as it needs. */
function number(value: number | bigint): Buffer {
  const digits = value.toString(16);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
}
