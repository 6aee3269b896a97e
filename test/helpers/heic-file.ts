/** HEIC files put together from streams of HEVC (test/fixtures/heic), as phones and editors write them: no encoder is needed. */
import { readFileSync } from 'node:fs';

/** Streams of 64×64: quarters of red, green, blue and grey; the same in 10 bit; a ramp from black at the top to white, grey alone. */
type Stream = 'quarters' | 'quarters-10-bit' | 'ramp';

export interface HeicOptions {
  readonly stream?: Stream;
  /** The file's own brand, and the others. */
  readonly brands?: readonly string[];
  /** Tiles of 64×64 and the size that is cut out of them. */
  readonly grid?: {
    readonly columns: number;
    readonly rows: number;
    readonly width: number;
    readonly height: number;
  };
  /** Further properties of the picture, in their order. */
  readonly properties?: readonly Buffer[];
  readonly exif?: Uint8Array;
  readonly xmp?: string;
  /** Transparency from nothing at the top to all at the bottom. */
  readonly alpha?: boolean;
  /** An auxiliary picture of Apple's kind. */
  readonly gainMap?: boolean;
  /** In place of 64×64. */
  readonly promised?: readonly [width: number, height: number];
  /** In place of 'hvc1'. */
  readonly itemType?: string;
}

interface Entry {
  readonly type: string;
  readonly data: Buffer;
  readonly properties: readonly Buffer[];
  readonly mime?: string;
  readonly references?: readonly (readonly [type: string, ...to: number[]])[];
  readonly inMeta?: boolean;
}

const SIDE = 64;

export function heicFile({
  stream = 'quarters',
  brands = ['heic', 'mif1', 'heic'],
  grid,
  properties = [colour(1, 13)],
  exif,
  xmp,
  alpha = false,
  gainMap = false,
  promised = [SIDE, SIDE],
  itemType = 'hvc1',
}: HeicOptions = {}): Buffer {
  const coded = (
    name: Stream,
    extra: readonly Buffer[],
    size = [SIDE, SIDE] as readonly [number, number],
  ) => {
    const { config, data } = hevc(name);
    return { type: itemType, data, properties: [config, extent(...size), ...extra] };
  };
  const entries: Entry[] = [];
  if (grid === undefined) entries.push(coded(stream, properties, promised));
  else {
    const { columns, rows, width, height } = grid;
    const count = columns * rows;
    const tiles = Array.from({ length: count }, (_, i) => i + 2);
    entries.push({
      type: 'grid',
      data: join(u8(0, 0, rows - 1, columns - 1), u16(width, height)),
      properties: [extent(width, height), ...properties],
      references: [['dimg', ...tiles]],
      inMeta: true,
    });
    for (const _ of tiles) entries.push(coded(stream, [colour(1, 13)]));
  }
  if (exif !== undefined)
    entries.push({
      type: 'Exif',
      data: join(u32(6), Buffer.from('Exif\0\0'), exif),
      properties: [],
      references: [['cdsc', 1]],
    });
  if (xmp !== undefined)
    entries.push({
      type: 'mime',
      mime: 'application/rdf+xml',
      data: Buffer.from(xmp),
      properties: [],
      references: [['cdsc', 1]],
    });
  const auxiliary = (name: string) => full('auxC', 0, Buffer.from(`${name}\0`));
  if (alpha)
    entries.push({
      ...coded('ramp', [auxiliary('urn:mpeg:mpegB:cicp:systems:auxiliary:alpha')]),
      references: [['auxl', 1]],
    });
  if (gainMap)
    entries.push({
      ...coded('ramp', [auxiliary('urn:com:apple:photo:2020:aux:hdrgainmap')]),
      references: [['auxl', 1]],
    });
  const [major = 'heic', ...others] = brands;
  const ftyp = box('ftyp', Buffer.from(major), u32(0), ...others.map((brand) => Buffer.from(brand)));
  const length = meta(entries, 0).length;
  return join(
    ftyp,
    meta(entries, ftyp.length + length + 8),
    box('mdat', ...entries.filter(({ inMeta }) => !inMeta).map(({ data }) => data)),
  );
}

/** Turns by quarters against the clock. */
export const rotation = (quarters: number) => box('irot', u8(quarters));
/** Mirrors left to right (1) or top to bottom (0). */
export const mirror = (axis: 0 | 1) => box('imir', u8(axis));
/** Codes of H.273; the matrix is that of BT.601, the range full. */
export const colour = (primaries: number, transfer: number) =>
  box('colr', Buffer.from('nclx'), u16(primaries, transfer, 6), u8(0x80));
export const profile = (icc: Uint8Array) => box('colr', Buffer.from('prof'), icc);

function meta(entries: readonly Entry[], from: number): Buffer {
  const all = [
    ...new Map(
      entries.flatMap(({ properties }) => properties).map((one) => [one.toString('hex'), one]),
    ).values(),
  ];
  const indexOf = (one: Buffer) => all.findIndex((other) => other.equals(one)) + 1;
  let [inFile, inMeta] = [from, 0];
  const places = entries.map(({ data, inMeta: isNear = false }, i) => {
    const at = isNear ? inMeta : inFile;
    if (isNear) inMeta += data.length;
    else inFile += data.length;
    return join(u16(i + 1, isNear ? 1 : 0, 0, 1), u32(at, data.length));
  });
  const items = entries.map(({ type, mime }, i) =>
    full(
      'infe',
      2,
      u16(i + 1, 0),
      Buffer.from(type),
      u8(0),
      ...(mime === undefined ? [] : [Buffer.from(`${mime}\0`)]),
    ),
  );
  const references = entries.flatMap(({ references: own = [] }, i) =>
    own.map(([type, ...to]) => box(type, u16(i + 1, to.length, ...to))),
  );
  const used = entries.map(({ properties }, i) =>
    join(u16(i + 1), u8(properties.length, ...properties.map(indexOf))),
  );
  return full(
    'meta',
    0,
    full('hdlr', 0, u32(0), Buffer.from('pict'), u32(0, 0, 0), u8(0)),
    full('pitm', 0, u16(1)),
    full('iinf', 0, u16(entries.length), ...items),
    full('iloc', 1, u8(0x44, 0), u16(entries.length), ...places),
    ...(references.length === 0 ? [] : [full('iref', 0, ...references)]),
    box('iprp', box('ipco', ...all), full('ipma', 0, u32(entries.length), ...used)),
    box('idat', ...entries.filter(({ inMeta: isNear }) => isNear).map(({ data }) => data)),
  );
}

/** A stream's parameter sets as hvcC (ISO/IEC 14496-15, §8.3.3.1), and its pictures with lengths before them. */
function hevc(name: Stream): { readonly config: Buffer; readonly data: Buffer } {
  const stream = readFileSync(new URL(`../fixtures/heic/${name}.hevc`, import.meta.url));
  const units = stream
    .toString('latin1')
    .split('\0\0\x01')
    .map((unit) => unit.replace(/\0+$/, ''))
    .filter((unit) => unit !== '')
    .map((unit) => Buffer.from(unit, 'latin1'));
  const typeOf = (unit: Buffer) => (unit[0]! >> 1) & 63;
  const sets = units.filter((unit) => [32, 33, 34].includes(typeOf(unit)));
  const sequence = sets.find((unit) => typeOf(unit) === 33)!;
  // Zeros are followed by a 3 that is not meant.
  const tier = Buffer.from(sequence.toString('latin1').replaceAll('\0\0\x03', '\0\0'), 'latin1').subarray(
    3,
    15,
  );
  const depth = name === 'quarters-10-bit' ? 2 : 0;
  const chroma = name === 'ramp' ? 0 : 1;
  const config = box(
    'hvcC',
    ...[u8(1), tier, u8(0xf0, 0, 0xfc, 0xfc | chroma, 0xf8 | depth, 0xf8 | depth, 0, 0, 0x0f, sets.length)],
    ...sets.map((unit) => join(u8(0x80 | typeOf(unit)), u16(1, unit.length), unit)),
  );
  const slices = units.filter((unit) => typeOf(unit) < 32);
  return { config, data: join(...slices.map((unit) => join(u32(unit.length), unit))) };
}

const extent = (width: number, height: number) => full('ispe', 0, u32(width, height));
const join = (...parts: readonly Uint8Array[]) => Buffer.concat(parts);
const u8 = (...values: readonly number[]) => Buffer.from(values);
const u16 = (...values: readonly number[]) => join(...values.map((value) => u8(value >> 8, value & 255)));
const u32 = (...values: readonly number[]) =>
  join(...values.map((value) => u16(value >>> 16, value & 65535)));
const box = (type: string, ...parts: readonly Uint8Array[]) => {
  const inside = join(...parts);
  return join(u32(inside.length + 8), Buffer.from(type), inside);
};
const full = (type: string, version: number, ...parts: readonly Uint8Array[]) =>
  box(type, u8(version, 0, 0, 0), ...parts);
