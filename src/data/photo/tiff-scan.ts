/** All directories of a TIFF or BigTIFF file, as far as it takes to tell what kind of file it is. */
import { type ReadAt, viewOf } from '../read-at.ts';

export interface TiffField {
  readonly tag: number;
  /** Its first number; 0 where it holds none. */
  readonly value: number;
  /** Where in the file that is. */
  readonly valueAt: number;
  readonly little: boolean;
  /** Of letters; '' where it is none. */
  readonly text: string;
}

const [ASCII, SHORT, LONG, IFD, LONG8, IFD8] = [2, 3, 4, 13, 16, 18];
/** Bytes of one value of the types that matter here. */
const BYTES: Readonly<Record<number, number>> = {
  ...{ 1: 1, 6: 1, 7: 1, [ASCII]: 1, [SHORT]: 2, 8: 2, [LONG]: 4, 9: 4, 11: 4, [IFD]: 4 },
  ...{ 5: 8, 10: 8, 12: 8, [LONG8]: 8, 17: 8, [IFD8]: 8 },
};
const SUB_DIRECTORIES = 330;
/** More than any camera writes. */
const [MOST_DIRECTORIES, MOST_FIELDS, MOST_TEXT, MOST_SUB] = [32, 1000, 64, 8];

/** Each directory's fields, the first's first, those of nested directories last. What is malformed is left out. */
export function scanTiff(read: ReadAt): readonly (readonly TiffField[])[] {
  const found: (readonly TiffField[])[] = [];
  try {
    const head = viewOf(read(0, 8));
    const little = head.getUint16(0) === 0x4949;
    const isBig = head.getUint16(2, little) === 43;
    const numbers = { read, little, isBig };
    const places = [isBig ? longer(read(8, 8), 0, little) : head.getUint32(4, little)];
    const seen = new Set<number>();
    for (let at = places.shift(); at !== undefined && found.length < MOST_DIRECTORIES; at = places.shift()) {
      if (at === 0 || seen.has(at)) continue;
      seen.add(at);
      const { fields, within, next } = directory(numbers, at);
      found.push(fields);
      places.push(next, ...within);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return found;
}

interface Numbers {
  readonly read: ReadAt;
  readonly little: boolean;
  readonly isBig: boolean;
}

function directory({ read, little, isBig }: Numbers, at: number) {
  const [countBytes, entryBytes, valueBytes] = isBig ? [8, 20, 8] : [2, 12, 4];
  const countAt = read(at, countBytes);
  const count = isBig ? longer(countAt, 0, little) : viewOf(countAt).getUint16(0, little);
  if (count > MOST_FIELDS) throw new RangeError('Too many fields.');
  const from = at + countBytes;
  const table = viewOf(read(from, entryBytes * count));
  const fields: TiffField[] = [];
  const within: number[] = [];
  for (let i = 0; i < count; i++) {
    const entry = entryBytes * i;
    const tag = table.getUint16(entry, little);
    const type = table.getUint16(entry + 2, little);
    const amount = isBig ? wide(table, entry + 4, little) : table.getUint32(entry + 4, little);
    const bytes = BYTES[type];
    if (bytes === undefined || amount === 0) continue;
    const inPlace = entry + (isBig ? 12 : 8);
    const isNear = amount * bytes <= valueBytes;
    const valueAt = isNear
      ? from + inPlace
      : isBig
        ? wide(table, inPlace, little)
        : table.getUint32(inPlace, little);
    const numberAt = (index: number) => number(read, valueAt + index * bytes, type, little);
    if (tag === SUB_DIRECTORIES) {
      for (let j = 0; j < Math.min(amount, MOST_SUB); j++) within.push(numberAt(j));
    }
    const text = type === ASCII ? textAt(read, valueAt, Math.min(amount, MOST_TEXT)) : '';
    fields.push({ tag, value: numberAt(0), valueAt, little, text });
  }
  const nextAt = from + entryBytes * count;
  const next = isBig ? longer(read(nextAt, 8), 0, little) : viewOf(read(nextAt, 4)).getUint32(0, little);
  return { fields, within, next };
}

/** A place beyond the end holds no number. */
function number(read: ReadAt, at: number, type: number, little: boolean): number {
  try {
    if (type === SHORT) return viewOf(read(at, 2)).getUint16(0, little);
    if (type === LONG || type === IFD) return viewOf(read(at, 4)).getUint32(0, little);
    return type === LONG8 || type === IFD8 ? longer(read(at, 8), 0, little) : 0;
  } catch (error) {
    if (error instanceof RangeError) return 0;
    throw error;
  }
}

function textAt(read: ReadAt, at: number, length: number): string {
  try {
    return Buffer.from(read(at, length)).toString('latin1').split('\0', 1)[0]!;
  } catch (error) {
    if (error instanceof RangeError) return '';
    throw error;
  }
}

const wide = (view: DataView, at: number, little: boolean) => Number(view.getBigUint64(at, little));
const longer = (bytes: Uint8Array, at: number, little: boolean) => wide(viewOf(bytes), at, little);
