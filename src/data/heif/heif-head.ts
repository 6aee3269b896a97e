/** What a HEIF file (HEIC, AVIF) says of its picture before anything is decoded. */
import type { PictureSize } from '../../picture.ts';
import type { CodedColours } from '../coded-colours.ts';
import { type ReadAt, readingParts, viewOf } from '../read-at.ts';
import { type Box, boxAt, boxesIn, Cursor, versionOf } from './boxes.ts';
import { HeifItems, type Property } from './items.ts';

/** Width and height as the picture is to be seen: cropped, turned and mirrored as the file says. */
export interface HeifHead extends PictureSize {
  /** Type of the item that is coded, of the first tile where it is one of tiles: 'hvc1', 'av01', 'jpeg' … */
  readonly codec: string;
  /** Bits of a sample. */
  readonly bits: number;
  readonly alpha: boolean;
  readonly turned: boolean;
  readonly icc?: Uint8Array;
  /** As the codes of ITU-T H.273 name them. */
  readonly coded?: CodedColours;
  /** A TIFF structure. */
  readonly exif?: Uint8Array;
  readonly xmp?: Uint8Array;
  /** It brings a picture that makes it one of high dynamic range. */
  readonly gainMap: boolean;
  /** A film follows it (Google, 'Motion Photo format 1.0'). */
  readonly hasFilm: boolean;
  /** Pictures of the sequence besides the intended one; 1 where there is none. */
  readonly frames: number;
}

const MOST_METADATA = 2 ** 20;
const MOST_PROFILE = 16 * 2 ** 20;
const MOST_TOP = 64;
/** Pictures that are put together of pictures that are put together. */
const DEEPEST = 4;
const COMPOSED: ReadonlySet<string> = new Set(['grid', 'iovl', 'iden', 'tmap']);
const ALPHA = /^urn:(mpeg:mpegB:cicp:systems:auxiliary:alpha|mpeg:hevc:2015:auxid:1)$/;
const GAIN_MAP = /hdrgainmap/i;

/**
 * Reads a file's head.
 *
 * @returns undefined where it holds no still picture, but a sequence alone. @throws {RangeError} it is malformed or cut short.
 */
export function readHeifHead(content: string | Uint8Array): HeifHead | undefined {
  return readingParts(content, (read, length) => {
    const boxes = topLevel(read, length);
    const meta = boxes.find(({ type }) => type === 'meta');
    const moov = boxes.find(({ type }) => type === 'moov');
    if (meta === undefined && moov !== undefined) return undefined;
    if (meta === undefined) throw new RangeError('it ends before its head does');
    const items = new HeifItems(read, meta);
    const hasFilm = boxes.some(({ type }) => type === 'mpvd');
    return { ...headOf(items), hasFilm, frames: moov === undefined ? 1 : framesIn(read, moov) };
  });
}

/** As far as the file is whole: the head comes first, and what is cut off may be pixels alone. */
function topLevel(read: ReadAt, length: number): readonly Box[] {
  const found: Box[] = [];
  try {
    for (let at = 0; at + 8 <= length && found.length < MOST_TOP; at = found.at(-1)!.to)
      found.push(boxAt(read, at, length));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return found;
}

function headOf(items: HeifItems): Omit<HeifHead, 'hasFilm' | 'frames'> {
  const { primary } = items;
  const properties = items.propertiesOf(primary);
  const first = codedItem(items, primary);
  const size = sizeOf(items, primary);
  const shown = transformed(size, properties);
  const auxiliary = items.referringTo(primary, 'auxl');
  const kinds = auxiliary.map((id) => auxiliaryKind(items.propertiesOf(id)));
  const colours = properties.filter(({ type }) => type === 'colr');
  const profile = colours.find(({ bytes }) => /^(prof|rICC)$/.test(nameIn(bytes)))?.bytes.subarray(4);
  const nclx = colours.find(({ bytes }) => nameIn(bytes) === 'nclx' && bytes.length >= 10)?.bytes;
  const coded = nclx && {
    primaries: viewOf(nclx).getUint16(4),
    transfer: viewOf(nclx).getUint16(6),
  };
  const describing = items.referringTo(primary, 'cdsc').map((id) => items.items.get(id));
  const exif = describing.find((item) => item?.type === 'Exif');
  const xmp = describing.find((item) => item?.contentType === 'application/rdf+xml' && item.encoding === '');
  return {
    ...shown,
    codec: items.items.get(first)?.type ?? '',
    bits: bitsOf(items.propertiesOf(first)),
    alpha: kinds.some((kind) => ALPHA.test(kind)),
    ...(profile !== undefined && profile.length <= MOST_PROFILE && { icc: profile }),
    ...(coded && { coded }),
    ...optional('exif', exif && tiffIn(contentOf(items, exif.id))),
    ...optional('xmp', xmp && contentOf(items, xmp.id)),
    gainMap: kinds.some((kind) => GAIN_MAP.test(kind)) || isBaseOfToneMap(items),
  };
}

/** The item that a codec reads: of a picture of tiles, the first of them. */
function codedItem(items: HeifItems, id: number, depth = 0): number {
  const type = items.items.get(id)?.type;
  if (type === undefined) throw new RangeError('it names a picture that is not there');
  if (!COMPOSED.has(type)) return id;
  const part = items.referredBy(id, 'dimg')[0];
  if (part === undefined || depth === DEEPEST) throw new RangeError('a picture in it has no parts');
  return codedItem(items, part, depth + 1);
}

/** ISO/IEC 23008-12, §6.5.3 (ispe); of tiles, what the item itself says (§6.6.2.3.2) is what a decoder goes by. */
function sizeOf(items: HeifItems, id: number): PictureSize {
  const extent = items.propertiesOf(id).find(({ type }) => type === 'ispe')?.bytes;
  if (extent === undefined || extent.length < 12) throw new RangeError('it does not say how large it is');
  const view = viewOf(extent);
  const [width, height] = [view.getUint32(4), view.getUint32(8)];
  if (items.items.get(id)?.type === 'grid') {
    const grid = new Cursor(items.contentOf(id, 64));
    grid.number(1);
    const bytes = (grid.number(1) & 1) === 1 ? 4 : 2;
    const tiles = (grid.number(1) + 1) * (grid.number(1) + 1);
    const isSame = grid.number(bytes) === width && grid.number(bytes) === height;
    if (!isSame || tiles > items.referredBy(id, 'dimg').length)
      throw new RangeError('its tiles do not make the picture that it names');
  }
  return { width, height };
}

/** Cropping (clap), turning by quarters (irot) and mirroring (imir): §6.5.9, §6.5.10, §6.5.12. */
function transformed(
  size: PictureSize,
  properties: readonly Property[],
): Pick<HeifHead, 'width' | 'height' | 'turned'> {
  let { width, height } = size;
  let turned = false;
  for (const { type, bytes } of properties) {
    if (type === 'clap' && bytes.length >= 32) {
      const view = viewOf(bytes);
      width = Math.min(width, Math.round(view.getUint32(0) / view.getUint32(4)));
      height = Math.min(height, Math.round(view.getUint32(8) / view.getUint32(12)));
    }
    if (type === 'irot' && bytes.length > 0) {
      const quarters = bytes[0]! & 3;
      if (quarters % 2 === 1) [width, height] = [height, width];
      turned ||= quarters > 0;
    }
    if (type === 'imir') turned = true;
  }
  return { width, height, turned };
}

/** hvcC: ISO/IEC 14496-15, §8.3.3.1; av1C: AV1-ISOBMFF, §2.3. */
function bitsOf(properties: readonly Property[]): number {
  for (const { type, bytes } of properties) {
    if (type === 'hvcC' && bytes.length > 18) return 8 + Math.max(bytes[17]! & 7, bytes[18]! & 7);
    if (type === 'av1C' && bytes.length > 2)
      return (bytes[2]! & 0x40) === 0 ? 8 : 10 + ((bytes[2]! & 0x20) >> 4);
  }
  return 8;
}

function auxiliaryKind(properties: readonly Property[]): string {
  const bytes = properties.find(({ type }) => type === 'auxC')?.bytes;
  return bytes === undefined ? '' : (Buffer.from(bytes).toString('latin1', 4).split('\0', 1)[0] ?? '');
}

/** ISO 21496-1: a derived picture names the base picture and its gain map. */
function isBaseOfToneMap({ items, references, primary }: HeifItems): boolean {
  return references.some(
    ({ type, from, to }) =>
      type === 'dimg' && items.get(from)?.type === 'tmap' && (from === primary || to[0] === primary),
  );
}

function nameIn(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 4)).toString('latin1');
}

/** Metadata that are not there do not make a picture unreadable. */
function contentOf(items: HeifItems, id: number): Uint8Array | undefined {
  try {
    return items.contentOf(id, MOST_METADATA);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** An Exif item begins with the distance to its TIFF structure (ISO/IEC 23008-12, annex A.2.1). */
function tiffIn(bytes: Uint8Array | undefined): Uint8Array | undefined {
  if (bytes === undefined || bytes.length < 8) return undefined;
  const from = 4 + viewOf(bytes).getUint32(0);
  return from < bytes.length ? bytes.subarray(from) : undefined;
}

function optional<K extends string, V>(key: K, value: V | undefined): { [key in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]?: V });
}

/** Samples of the first track of pictures (ISO/IEC 14496-12, §8.7.3). */
function framesIn(read: ReadAt, moov: Box): number {
  try {
    const within = (box: Box, type: string) =>
      boxesIn(read, box.from, box.to).filter((one) => one.type === type);
    for (const track of within(moov, 'trak')) {
      const media = within(track, 'mdia')[0];
      const handler = media && within(media, 'hdlr')[0];
      if (media === undefined || handler === undefined) continue;
      if (!/pict|vide/.test(nameIn(read(handler.from + 8, 4)))) continue;
      const table = within(media, 'minf').flatMap((one) => within(one, 'stbl'))[0];
      const sizes = table && [...within(table, 'stsz'), ...within(table, 'stz2')][0];
      if (sizes !== undefined && versionOf(read, sizes).version === 0)
        return Math.max(1, viewOf(read(sizes.from + 8, 4)).getUint32(0));
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}
