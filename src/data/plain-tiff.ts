/**
 * Uncompressed BigTIFF files: rows of pixels one after another behind a header of 16 bytes. libvips reads and writes them
 * in bands, whatever their size, which makes them the door to its decoders and encoders for pictures larger than memory.
 * The format: Adobe 1992, 'TIFF 6.0'; BigTIFF: https://www.awaresystems.be/imaging/tiff/bigtiff.html
 */

/** Where the pixels begin. */
export const PIXELS_AT = 16;
/** Rows that a reader takes at once. */
const ROWS_PER_STRIP = 16;
const [SHORT, LONG, LONG8] = [3, 4, 16];
const WIDTH_OF: Readonly<Record<number, number>> = { [SHORT]: 2, [LONG]: 4, [LONG8]: 8 };

export interface PlainTiff {
  readonly width: number;
  readonly height: number;
}

/** Header and, to be written behind the pixels, directory of a picture in RGB of 8 bit. */
export function plainTiff({ width, height }: PlainTiff): {
  readonly header: Uint8Array;
  readonly directory: Uint8Array;
  readonly directoryAt: number;
} {
  const rowBytes = width * 3;
  const directoryAt = PIXELS_AT + 2 * Math.ceil((rowBytes * height) / 2);
  const strips = Array.from({ length: Math.ceil(height / ROWS_PER_STRIP) }, (_, i) => i * ROWS_PER_STRIP);
  const tags: readonly (readonly [tag: number, type: number, values: readonly number[]])[] = [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, [8, 8, 8]],
    [259, SHORT, [1]], // not compressed
    [262, SHORT, [2]], // RGB
    [273, LONG8, strips.map((row) => PIXELS_AT + row * rowBytes)],
    [277, SHORT, [3]],
    [278, LONG, [ROWS_PER_STRIP]],
    [279, LONG8, strips.map((row) => Math.min(ROWS_PER_STRIP, height - row) * rowBytes)],
    [284, SHORT, [1]], // channels interleaved
  ];
  const header = new DataView(new ArrayBuffer(PIXELS_AT));
  header.setUint32(0, 0x002b4949, true); // 'II', 43
  header.setUint32(4, 8, true);
  header.setBigUint64(8, BigInt(directoryAt), true);
  const tableBytes = 8 + 20 * tags.length + 8;
  const long = tags.map(([, type, values]) => values.length * WIDTH_OF[type]!).filter((bytes) => bytes > 8);
  const directory = new DataView(new ArrayBuffer(tableBytes + long.reduce((sum, bytes) => sum + bytes, 0)));
  directory.setBigUint64(0, BigInt(tags.length), true);
  let behind = tableBytes;
  tags.forEach(([tag, type, values], i) => {
    const at = 8 + 20 * i;
    directory.setUint16(at, tag, true);
    directory.setUint16(at + 2, type, true);
    directory.setBigUint64(at + 4, BigInt(values.length), true);
    const bytes = values.length * WIDTH_OF[type]!;
    const valuesAt = bytes > 8 ? behind : at + 12;
    if (bytes > 8) {
      directory.setBigUint64(at + 12, BigInt(directoryAt + behind), true);
      behind += bytes;
    }
    values.forEach((value, j) => {
      const place = valuesAt + j * WIDTH_OF[type]!;
      if (type === SHORT) directory.setUint16(place, value, true);
      else if (type === LONG) directory.setUint32(place, value, true);
      else directory.setBigUint64(place, BigInt(value), true);
    });
  });
  return {
    header: new Uint8Array(header.buffer),
    directory: new Uint8Array(directory.buffer),
    directoryAt,
  };
}

/** Whether a BigTIFF that begins so has nothing but its pixels before its directory, row by row. */
export function isPlain(header: Uint8Array, { width, height }: PlainTiff): boolean {
  const view = new DataView(header.buffer, header.byteOffset, PIXELS_AT);
  const pixels = width * height * 3;
  const gap = Number(view.getBigUint64(8, true)) - PIXELS_AT - pixels;
  return view.getUint32(0, true) === 0x002b4949 && gap >= 0 && gap < 16;
}
