/** What a HEIF file holds (ISO/IEC 23008-12, 'Image File Format'; ISO/IEC 14496-12, §8.11): items, their properties, who refers to whom. */
import { type ReadAt, readBytesAt } from '../read-at.ts';
import { type Box, boxesIn, Cursor, versionOf } from './boxes.ts';

/** Of a thousand tiles, some 60 KB; more than this is no picture's. */
const MOST_META = 16 * 2 ** 20;
const MOST_EXTENTS = 1024;

export interface Item {
  readonly id: number;
  /** 'hvc1', 'av01', 'grid', 'Exif', 'mime' … */
  readonly type: string;
  /** Of a 'mime' item. */
  readonly contentType?: string;
  /** Compressed how; '' where it is not. */
  readonly encoding: string;
}

export interface Property {
  readonly type: string;
  /** After the property's head; version and flags among them, where it has such. */
  readonly bytes: Uint8Array;
}

export interface Reference {
  readonly type: string;
  readonly from: number;
  readonly to: readonly number[];
}

interface Place {
  /** 0: in the file; 1: in the box 'idat'; 2: in another item. */
  readonly method: number;
  readonly extents: readonly (readonly [from: number, length: number])[];
}

export class HeifItems {
  readonly primary: number;
  readonly items: ReadonlyMap<number, Item>;
  readonly references: readonly Reference[];
  readonly #properties: ReadonlyMap<number, readonly Property[]>;
  readonly #places: ReadonlyMap<number, Place>;
  readonly #read: ReadAt;
  readonly #data: ReadAt;

  /** @param meta the box 'meta'. @throws {RangeError} it is malformed, or names no picture. */
  constructor(read: ReadAt, meta: Box) {
    if (meta.to - meta.from > MOST_META) throw new RangeError('its list of items is too long');
    const bytes = read(meta.from, meta.to - meta.from);
    const parts = readBytesAt(bytes);
    const boxes = new Map(boxesIn(parts, 4, bytes.length).map((box) => [box.type, box]));
    const inside = (type: string) => {
      const box = boxes.get(type);
      return (
        box && { box, ...versionOf(parts, box), cursor: new Cursor(bytes.subarray(box.from + 4, box.to)) }
      );
    };
    const pitm = inside('pitm');
    if (pitm === undefined) throw new RangeError('it names no picture');
    this.primary = pitm.cursor.number(pitm.version === 0 ? 2 : 4);
    this.items = itemsOf(parts, boxes.get('iinf'));
    const iref = inside('iref');
    this.references = iref === undefined ? [] : referencesOf(parts, iref.box, iref.version);
    const iloc = inside('iloc');
    this.#places = iloc === undefined ? new Map() : placesOf(iloc.cursor, iloc.version);
    this.#properties = propertiesOf(parts, boxes.get('iprp'));
    this.#read = read;
    const idat = boxes.get('idat');
    this.#data = readBytesAt(idat === undefined ? new Uint8Array() : bytes.subarray(idat.from, idat.to));
  }

  /** Of a picture, in the order in which what transforms it is to be done. */
  propertiesOf(id: number): readonly Property[] {
    return this.#properties.get(id) ?? [];
  }

  /** Those that an item refers to in a way: 'dimg' what it is put together of, 'cdsc' what it describes. */
  referredBy(id: number, type: string): readonly number[] {
    return this.references.filter((one) => one.type === type && one.from === id).flatMap(({ to }) => to);
  }

  /** Those that refer to an item in a way. */
  referringTo(id: number, type: string): readonly number[] {
    return this.references.filter((one) => one.type === type && one.to.includes(id)).map(({ from }) => from);
  }

  /** What an item holds. @throws {RangeError} it is not there, or longer than `most` bytes. */
  contentOf(id: number, most: number): Uint8Array {
    const { method, extents } = this.#places.get(id) ?? { method: 0, extents: [] };
    const length = extents.reduce((sum, [, one]) => sum + one, 0);
    if (method > 1 || length === 0 || length > most) throw new RangeError('a part of it is not there');
    const read = method === 1 ? this.#data : this.#read;
    return Buffer.concat(extents.map(([from, one]) => read(from, one)));
  }
}

function itemsOf(read: ReadAt, iinf: Box | undefined): Map<number, Item> {
  if (iinf === undefined) throw new RangeError('it has no list of items');
  const { version } = versionOf(read, iinf);
  const items = new Map<number, Item>();
  for (const box of boxesIn(read, iinf.from + (version === 0 ? 6 : 8), iinf.to)) {
    if (box.type !== 'infe') continue;
    const { version: own } = versionOf(read, box);
    if (own < 2) continue; // has no type
    const cursor = new Cursor(read(box.from + 4, box.to - box.from - 4));
    const id = cursor.number(own === 2 ? 2 : 4);
    cursor.number(2);
    const type = cursor.fourCharacters();
    cursor.text();
    const mime = type === 'mime' ? { contentType: cursor.text() } : {};
    const encoding = type === 'mime' && !cursor.isAtEnd ? cursor.text() : '';
    items.set(id, { id, type, ...mime, encoding });
  }
  return items;
}

function referencesOf(read: ReadAt, iref: Box, version: number): readonly Reference[] {
  const bytes = version === 0 ? 2 : 4;
  return boxesIn(read, iref.from + 4, iref.to).map(({ type, from, to }) => {
    const cursor = new Cursor(read(from, to - from));
    const source = cursor.number(bytes);
    const count = cursor.number(2);
    return { type, from: source, to: Array.from({ length: count }, () => cursor.number(bytes)) };
  });
}

function placesOf(cursor: Cursor, version: number): Map<number, Place> {
  const [sizes, more] = [cursor.number(1), cursor.number(1)];
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 4, sizes & 15, more >> 4];
  const indexBytes = version === 0 ? 0 : more & 15;
  const idBytes = version < 2 ? 2 : 4;
  const places = new Map<number, Place>();
  const count = cursor.number(idBytes);
  for (let i = 0; i < count; i++) {
    const id = cursor.number(idBytes);
    const method = version === 0 ? 0 : cursor.number(2) & 15;
    cursor.number(2);
    const base = cursor.number(baseBytes);
    const extentCount = cursor.number(2);
    if (extentCount > MOST_EXTENTS) throw new RangeError('a part of it lies in too many pieces');
    const extents = Array.from({ length: extentCount }, () => {
      cursor.number(indexBytes);
      const from = base + cursor.number(offsetBytes);
      return [from, cursor.number(lengthBytes)] as const;
    });
    places.set(id, { method, extents });
  }
  return places;
}

function propertiesOf(read: ReadAt, iprp: Box | undefined): Map<number, readonly Property[]> {
  const found = new Map<number, Property[]>();
  if (iprp === undefined) return found;
  const boxes = boxesIn(read, iprp.from, iprp.to);
  const container = boxes.find(({ type }) => type === 'ipco');
  if (container === undefined) return found;
  const all = boxesIn(read, container.from, container.to).map(({ type, from, to }) => ({
    type,
    bytes: read(from, to - from),
  }));
  for (const box of boxes.filter(({ type }) => type === 'ipma')) {
    const { version, flags } = versionOf(read, box);
    const cursor = new Cursor(read(box.from + 4, box.to - box.from - 4));
    const count = cursor.number(4);
    for (let i = 0; i < count; i++) {
      const id = cursor.number(version === 0 ? 2 : 4);
      const own = found.get(id) ?? [];
      for (let left = cursor.number(1); left > 0; left--) {
        // The first bit says that who does not know the property must not show the picture.
        const index = (flags & 1) === 1 ? cursor.number(2) & 0x7fff : cursor.number(1) & 0x7f;
        const property = all[index - 1];
        if (property !== undefined) own.push(property);
      }
      found.set(id, own);
    }
  }
  return found;
}
