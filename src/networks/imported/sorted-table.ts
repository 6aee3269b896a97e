/**
 * Reads the tables of sorted keys that TensorFlow keeps checkpoints in, which are LevelDB's: blocks of entries, a block that says
 * where they lie, a footer that says where that one lies.
 * https://github.com/google/leveldb/blob/main/doc/table_format.md
 */
import { varint } from '../../system/protobuf-fields.ts';
import { unpackSnappy } from './snappy.ts';

/** The bytes are no such table; the message says why, without a full stop. */
export class TableFault extends Error {}

export interface TableEntry {
  readonly key: string;
  readonly value: Buffer;
}

/** Last bytes of a table. */
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
const FOOTER_BYTES = 48;
/** After a block: how it is packed, and a checksum. */
const TRAILER_BYTES = 5;
const [PLAIN, SNAPPY] = [0, 1];
/** No name of a tensor is nearly as long; a key repeats the start of the one before, so that few bytes make many. */
const LONGEST_KEY = 1000;

export function isTable(bytes: Buffer): boolean {
  return bytes.subarray(-MAGIC.length).equals(MAGIC);
}

/**
 * The entries of a table in order. Checksums are not looked at.
 *
 * @throws {TableFault | ProtobufFault} while iterating: the table is cut, or none.
 */
export function* tableEntries(bytes: Buffer): Generator<TableEntry> {
  if (bytes.length < FOOTER_BYTES || !isTable(bytes)) throw new TableFault('it is cut');
  const footer = bytes.subarray(-FOOTER_BYTES);
  // The footer has the place of a block that nobody needs first.
  const index = placeIn(footer, placeIn(footer, 0).end);
  let end = 0;
  for (const { value } of blockEntries(blockAt(bytes, index))) {
    const place = placeIn(value, 0);
    // Blocks follow one another: one that is read twice would make much of few bytes.
    if (place.offset < end) throw new TableFault('its blocks overlap');
    end = place.offset + place.size;
    yield* blockEntries(blockAt(bytes, place));
  }
}

interface Place {
  readonly offset: number;
  readonly size: number;
  /** Where what says so ends. */
  readonly end: number;
}

function placeIn(bytes: Buffer, at: number): Place {
  const offset = varint(bytes, at);
  const size = varint(bytes, offset.end);
  return { offset: offset.value, size: size.value, end: size.end };
}

function blockAt(bytes: Buffer, { offset, size }: Place): Buffer {
  if (offset + size + TRAILER_BYTES > bytes.length) throw new TableFault('it is cut');
  const packed = bytes.subarray(offset, offset + size);
  const packing = bytes[offset + size];
  if (packing === PLAIN) return packed;
  if (packing !== SNAPPY) throw new TableFault(`its blocks are packed in the way ${packing}`);
  const block = unpackSnappy(packed);
  if (block === undefined) throw new TableFault('a block of it cannot be unpacked');
  return block;
}

/** Keys leave out what they share with the one before; at the end are places of those that do not, and how many there are. */
function* blockEntries(block: Buffer): Generator<TableEntry> {
  const restarts = block.length < 4 ? 0 : block.readUInt32LE(block.length - 4);
  const end = block.length - 4 * (restarts + 1);
  if (end < 0) throw new TableFault('a block of it is cut');
  let key = '';
  for (let at = 0; at < end; ) {
    const shared = varint(block, at);
    const own = varint(block, shared.end);
    const length = varint(block, own.end);
    const [start, middle] = [length.end, length.end + own.value];
    const next = middle + length.value;
    if (shared.value > key.length || shared.value + own.value > LONGEST_KEY || next > end)
      throw new TableFault('a block of it holds no entries');
    key = key.slice(0, shared.value) + block.toString('latin1', start, middle);
    yield { key, value: block.subarray(middle, next) };
    at = next;
  }
}
