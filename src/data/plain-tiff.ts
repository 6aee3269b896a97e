/**
 * Uncompressed BigTIFF files: rows of pixels in order after a header of 16 bytes. libvips reads and writes them
 * in bands, whatever their size, which makes them the door to its decoders and encoders for pictures larger than memory.
 * The format: Adobe 1992, 'TIFF 6.0'; BigTIFF: https://www.awaresystems.be/imaging/tiff/bigtiff.html
 */
import { interleaved, type LayeredPicture, type PictureSize } from '../picture.ts';

/** Where the pixels begin. */
export const PIXELS_AT = 16;
/** Rows that a reader takes at once. */
const ROWS_PER_STRIP = 16;
const [SHORT, LONG, RATIONAL, UNDEFINED, LONG8] = [3, 4, 5, 7, 16];
const WIDTH_OF: Readonly<Record<number, number>> = {
  [SHORT]: 2,
  [LONG]: 4,
  [RATIONAL]: 8,
  [UNDEFINED]: 1,
  [LONG8]: 8,
};

export interface PlainTiff extends PictureSize {
  /** RGB, or RGB and alpha. Defaults to 3. */
  readonly channels?: 3 | 4;
  /** Of a sample. Defaults to 8. */
  readonly bits?: 8 | 16;
}

/** What a plain TIFF says besides its pixels, for the encoder that reads it. */
export interface TiffNotes {
  /** Colour profile. */
  readonly icc?: Uint8Array | undefined;
  /** IPTC-IIM, in the form that the file to be written wants. */
  readonly iptc?: Uint8Array | undefined;
  /** Pixels per inch. */
  readonly density?: number | undefined;
}

/** Bytes of one row of pixels. */
export function rowLength({ width, channels = 3, bits = 8 }: PlainTiff): number {
  return (width * channels * bits) / 8;
}

/** Header and, to be written after the pixels, directory of a picture. Samples of 16 bit are little-endian. */
export function plainTiff(
  tiff: PlainTiff,
  { icc, iptc, density }: TiffNotes = {},
): {
  readonly header: Uint8Array;
  readonly directory: Uint8Array;
  readonly directoryAt: number;
} {
  const { width, height, channels = 3, bits = 8 } = tiff;
  const rowBytes = rowLength(tiff);
  const directoryAt = PIXELS_AT + 2 * Math.ceil((rowBytes * height) / 2);
  const resolution = density === undefined ? undefined : [Math.round(density * 1000), 1000];
  const strips = Array.from({ length: Math.ceil(height / ROWS_PER_STRIP) }, (_, i) => i * ROWS_PER_STRIP);
  const tags: readonly (readonly [tag: number, type: number, values: ArrayLike<number>])[] = [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, Array.from({ length: channels }, () => bits)],
    [259, SHORT, [1]], // not compressed
    [262, SHORT, [2]], // RGB
    [273, LONG8, strips.map((row) => PIXELS_AT + row * rowBytes)],
    [277, SHORT, [channels]],
    [278, LONG, [ROWS_PER_STRIP]],
    [279, LONG8, strips.map((row) => Math.min(ROWS_PER_STRIP, height - row) * rowBytes)],
    ...(resolution === undefined
      ? []
      : ([
          [282, RATIONAL, resolution],
          [283, RATIONAL, resolution],
        ] as const)),
    [284, SHORT, [1]], // channels interleaved
    ...(resolution === undefined ? [] : ([[296, SHORT, [2]]] as const)), // inches
    ...(channels === 4 ? ([[338, SHORT, [2]]] as const) : []), // alpha that the colours are not multiplied by
    ...(iptc === undefined ? [] : ([[33723, UNDEFINED, iptc]] as const)),
    ...(icc === undefined ? [] : ([[34675, UNDEFINED, icc]] as const)),
  ];
  const header = new DataView(new ArrayBuffer(PIXELS_AT));
  header.setUint32(0, 0x002b4949, true); // 'II', 43
  header.setUint32(4, 8, true);
  header.setBigUint64(8, BigInt(directoryAt), true);
  const tableBytes = 8 + 20 * tags.length + 8;
  const bytesOf = (type: number, values: ArrayLike<number>) =>
    type === RATIONAL ? 8 : values.length * WIDTH_OF[type]!;
  const long = tags.map(([, type, values]) => bytesOf(type, values)).filter((bytes) => bytes > 8);
  const directory = new DataView(new ArrayBuffer(tableBytes + long.reduce((sum, bytes) => sum + bytes, 0)));
  directory.setBigUint64(0, BigInt(tags.length), true);
  let behind = tableBytes;
  tags.forEach(([tag, type, values], i) => {
    const at = 8 + 20 * i;
    directory.setUint16(at, tag, true);
    directory.setUint16(at + 2, type, true);
    directory.setBigUint64(at + 4, BigInt(type === RATIONAL ? 1 : values.length), true);
    const bytes = bytesOf(type, values);
    const valuesAt = bytes > 8 ? behind : at + 12;
    if (bytes > 8) {
      directory.setBigUint64(at + 12, BigInt(directoryAt + behind), true);
      behind += bytes;
    }
    for (let j = 0; j < values.length; j++) {
      const value = values[j]!;
      if (type === UNDEFINED) directory.setUint8(valuesAt + j, value);
      else if (type === SHORT) directory.setUint16(valuesAt + 2 * j, value, true);
      else if (type === LONG || type === RATIONAL) directory.setUint32(valuesAt + 4 * j, value, true);
      else directory.setBigUint64(valuesAt + 8 * j, BigInt(value), true);
    }
  });
  return {
    header: new Uint8Array(header.buffer),
    directory: new Uint8Array(directory.buffer),
    directoryAt,
  };
}

/** Whether a BigTIFF that begins so has nothing but its pixels before its directory, row by row. */
export function isPlainTiff(header: Uint8Array, tiff: PlainTiff): boolean {
  const view = new DataView(header.buffer, header.byteOffset, PIXELS_AT);
  const pixels = tiff.height * rowLength(tiff);
  const gap = Number(view.getBigUint64(8, true)) - PIXELS_AT - pixels;
  return view.getUint32(0, true) === 0x002b4949 && gap >= 0 && gap < 16;
}

/** A picture in memory as such a file. */
export function plainTiffBytes(tiff: PlainTiff, samples: Uint8Array, notes?: TiffNotes): Uint8Array {
  const { header, directory, directoryAt } = plainTiff(tiff, notes);
  const file = new Uint8Array(directoryAt + directory.length);
  file.set(header, 0);
  file.set(samples, PIXELS_AT);
  file.set(directory, directoryAt);
  return file;
}

/** As `plainTiffBytes`, of a picture with its transparency, in the depth it has. */
export function plainTiffOf({ width, height, pixels, alpha }: LayeredPicture, notes?: TiffNotes): Uint8Array {
  const samples = interleaved(pixels, alpha);
  const bits = samples instanceof Uint16Array ? 16 : 8;
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return plainTiffBytes({ width, height, bits, channels: alpha === undefined ? 3 : 4 }, bytes, notes);
}
