/** TIFF files put together by hand: of any photometric interpretation, with several directories and such as lie within them. */

type Tag = readonly [tag: number, type: number, values: readonly number[]];

export interface Directory {
  readonly width: number;
  readonly height: number;
  readonly bits: 8 | 16;
  readonly channels: number;
  readonly photometric: number;
  readonly data: Buffer;
  /** Said only; the data stay as they are. Defaults to none (1). */
  readonly compression?: number;
  readonly make?: string;
  readonly further?: readonly Tag[];
  /** SubIFDs. */
  readonly within?: readonly Directory[];
}

const [BYTE, ASCII, SHORT, LONG] = [1, 2, 3, 4];
const BYTES: Readonly<Record<number, number>> = { [BYTE]: 1, [ASCII]: 1, [SHORT]: 2, [LONG]: 4 };

/** Little-endian; of four channels the last is alpha. */
export function tiffFile(directories: readonly Directory[]): Buffer {
  const parts: Buffer[] = [Buffer.from('II*\0\0\0\0\0', 'latin1')];
  let length = 8;
  const put = (part: Buffer): number => {
    const at = length;
    const padded = Buffer.concat([part, Buffer.alloc(part.length % 2)]);
    parts.push(padded);
    length += padded.length;
    return at;
  };
  /** Answers where it lies. */
  const write = (directory: Directory, next: number): number => {
    const {
      width,
      height,
      bits,
      channels,
      photometric,
      data,
      compression = 1,
      make,
      further = [],
    } = directory;
    const within = (directory.within ?? []).map((one) => write(one, 0));
    const tags: Tag[] = [
      [256, LONG, [width]],
      [257, LONG, [height]],
      [258, SHORT, Array(channels).fill(bits)],
      [259, SHORT, [compression]],
      [262, SHORT, [photometric]],
      ...(make === undefined ? [] : [[271, ASCII, [...Buffer.from(`${make}\0`)]] as Tag]),
      [273, LONG, [put(data)]],
      [277, SHORT, [channels]],
      [278, LONG, [height]],
      [279, LONG, [data.length]],
      [284, SHORT, [1]],
      ...(within.length === 0 ? [] : [[330, LONG, within] as Tag]),
      ...(channels === 4 ? [[338, SHORT, [2]] as Tag] : []),
      ...further,
    ];
    const table = Buffer.alloc(2 + 12 * tags.length + 4);
    table.writeUInt16LE(tags.length);
    tags.forEach(([tag, type, values], i) => {
      const at = 2 + 12 * i;
      const bytes = Buffer.alloc(Math.max(4, values.length * BYTES[type]!));
      const size = BYTES[type]!;
      for (const [j, value] of values.entries()) bytes.writeUIntLE(value, j * size, size);
      table.writeUInt16LE(tag, at);
      table.writeUInt16LE(type, at + 2);
      table.writeUInt32LE(values.length, at + 4);
      if (bytes.length > 4) table.writeUInt32LE(put(bytes), at + 8);
      else bytes.copy(table, at + 8);
    });
    table.writeUInt32LE(next, table.length - 4);
    return put(table);
  };
  const first = [...directories].reverse().reduce((next, directory) => write(directory, next), 0);
  const whole = Buffer.concat(parts);
  whole.writeUInt32LE(first, 4);
  return whole;
}
