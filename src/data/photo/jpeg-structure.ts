/** What a JPEG file (ITU-T T.81, annex B) holds besides the picture that libvips decodes, and whether it is whole. */
import { type ReadAt, readBytesAt, readingParts, viewOf } from '../read-at.ts';
import { scanTiff } from './tiff-scan.ts';

export interface JpegNotes {
  /**
   * How it ends: with its end marker; without it, though all its scans are there; or, of a progressive one, before they are. Whether
   * the last scan is whole only decoding tells.
   */
  readonly end: 'marked' | 'unmarked' | 'missing scans';
  /** A second picture in it makes it one of high dynamic range (ISO 21496-1, Ultra HDR, Apple's). */
  readonly hasGainMap: boolean;
  /** A film follows it. */
  readonly hasFilm: boolean;
}

const [SOI, EOI, SOS, APP1, APP2] = [0xd8, 0xd9, 0xda, 0xe1, 0xe2];
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
const isAlone = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7) || marker === SOI;
/** More than any file has; a segment takes 4 bytes. */
const MOST_SEGMENTS = 100_000;
const CHUNK = 2 ** 20;
/** Where in the second picture its own metadata lie. */
const SECOND_HEAD = 2 ** 16;
const GAIN_MAP = /hdrgm:Version|HDRGainMapVersion|Semantic(>|=["'])GainMap|urn:iso:std:iso:ts:21496:-1/;
const FILM = /:(MotionPhoto|MicroVideo)(>|=["'])\s*1\b|Semantic(>|=["'])MotionPhoto/;
/** Samsung's films follow a marker of their own. */
const SAMSUNG_FILM = 'MotionPhoto_Data';

/** Undefined where it is no JPEG, or its head is cut short. */
export function readJpegNotes(content: string | Uint8Array): JpegNotes | undefined {
  return readingParts(content, (read, length) => {
    try {
      return notesOf(read, length);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  });
}

function notesOf(read: ReadAt, length: number): JpegNotes {
  const blocks: string[] = [];
  let index: { readonly at: number; readonly body: Uint8Array } | undefined;
  const scans = new Scans();
  let [at, count] = [0, 0];
  let end: JpegNotes['end'] | undefined;
  while (end === undefined) {
    const next = nextMarker(read, at, length);
    if (next === undefined) end = scans.areAll ? 'unmarked' : 'missing scans';
    else if (next.marker === EOI) end = 'marked';
    else {
      at = next.at + 2;
      if (isAlone(next.marker)) continue;
      if (++count > MOST_SEGMENTS) throw new RangeError('Too many segments.');
      const size = viewOf(read(at, 2)).getUint16(0);
      const body = read(at + 2, size - 2);
      if (next.marker === APP1 || next.marker === APP2) blocks.push(Buffer.from(body).toString('latin1'));
      if (next.marker === APP2 && blocks.at(-1)!.startsWith(MPF)) index ??= { at: at + 2, body };
      if (isFrame(next.marker)) scans.frame(body, next.marker);
      at += size;
      if (next.marker !== SOS) continue;
      scans.scan(body);
      // What ends as it should need not be searched through; other pictures may follow it.
      if (isMarkedAt(read, length)) end = 'marked';
    }
  }
  const text = blocks.join('\n');
  const second = index === undefined ? '' : secondPicture(read, length, index);
  return {
    end,
    hasGainMap: GAIN_MAP.test(text) || GAIN_MAP.test(second),
    hasFilm: FILM.test(text) || tail(read, length).includes(SAMSUNG_FILM),
  };
}

function isMarkedAt(read: ReadAt, length: number): boolean {
  const [first, second] = read(length - 2, 2);
  return first === 0xff && second === EOI;
}

/** The next marker from a place on; in the data of a scan, 0xff 00 is none. */
function nextMarker(
  read: ReadAt,
  from: number,
  length: number,
): { readonly at: number; readonly marker: number } | undefined {
  for (let start = from; start < length - 1; ) {
    const chunk = read(start, Math.min(CHUNK, length - start));
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let i = bytes.indexOf(0xff); i >= 0 && i < bytes.length - 1; i = bytes.indexOf(0xff, i + 1)) {
      const marker = bytes[i + 1]!;
      if (marker !== 0 && marker !== 0xff) return { at: start + i, marker };
    }
    start += chunk.length - 1;
  }
  return undefined;
}

/** What has been said of each coefficient (T.81, annex G): a progressive JPEG tells them by and by. */
class Scans {
  readonly #left = new Map<number, Uint8Array>();
  #isProgressive = false;

  frame(body: Uint8Array, marker: number): void {
    this.#isProgressive = [0xc2, 0xc6, 0xca, 0xce].includes(marker);
    for (let i = 0; i < (body[5] ?? 0); i++)
      this.#left.set(body[6 + 3 * i] ?? 0, new Uint8Array(64).fill(255));
  }

  scan(body: Uint8Array): void {
    const count = body[0] ?? 0;
    const [from = 0, to = 63, precision = 0] = this.#isProgressive ? body.subarray(1 + 2 * count) : [];
    for (let i = 0; i < count; i++)
      this.#left.get(body[1 + 2 * i] ?? 0)?.fill(precision & 15, from, Math.min(63, to) + 1);
  }

  get areAll(): boolean {
    return this.#left.size > 0 && [...this.#left.values()].every((bits) => bits.every((one) => one === 0));
  }
}

/** Name of the list of pictures, and its field of entries (CIPA DC-007, 'Multi-Picture Format', §5.2). */
const [MPF, ENTRIES, ENTRY_BYTES] = ['MPF\0', 0xb002, 16];

/** The head of the second picture after the first. @param index where the list lies. */
function secondPicture(
  read: ReadAt,
  length: number,
  { at, body }: { readonly at: number; readonly body: Uint8Array },
): string {
  const structure = body.subarray(MPF.length);
  const entries = scanTiff(readBytesAt(structure))[0]?.find(({ tag }) => tag === ENTRIES);
  const placeAt = (entries?.valueAt ?? structure.length) + ENTRY_BYTES + 8;
  if (entries === undefined || placeAt + 4 > structure.length) return '';
  // Places count from the structure's beginning.
  const from = at + MPF.length + viewOf(structure).getUint32(placeAt, entries.little);
  if (from >= length) return '';
  return Buffer.from(read(from, Math.min(SECOND_HEAD, length - from))).toString('latin1');
}

/** Of a file, the last bytes, where makers put a list of what follows the picture. */
function tail(read: ReadAt, length: number): string {
  const size = Math.min(SECOND_HEAD, length);
  return Buffer.from(read(length - size, size)).toString('latin1');
}
