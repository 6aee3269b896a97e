/**
 * What a picture's file says that libvips passes over, or would object to: HEIC, colours named by codes, Lab, raw files, missing end
 * marks, and what is left out when only the picture is painted.
 */
import { DamagedImageError, ImageError } from '../../system/errors.ts';
import { readPlainFileNow } from '../../system/plain-file.ts';
import { type CodedColours, codedConversion, dynamicRange } from '../coded-colours.ts';
import { decodeHeif, requireHevc } from '../heif/decode-heif.ts';
import { type HeifHead, readHeifHead } from '../heif/heif-head.ts';
import type { ColourConversion } from '../linear-light.ts';
import type { PhotoFormat, SourceFormat } from '../picture-format.ts';
import { readingParts } from '../read-at.ts';
import { rawKindOfTiff, rawRefused } from './camera-raw.ts';
import { readJpegNotes } from './jpeg-structure.ts';
import { labKind, labToSrgb, relabelled } from './lab-tiff.ts';
import { readPngNotes } from './png-chunks.ts';
import { scanTiff } from './tiff-scan.ts';

/** What a decoder is not to skip. */
export type FailOn = 'none' | 'error' | 'warning';

/** A photo's content, and what is to be known before it is decoded. */
export interface PhotoSource {
  /** What to call it in messages. */
  readonly name: string;
  /** A file's path, or the bytes of one. */
  readonly content: string | Uint8Array;
  readonly format: SourceFormat;
  /** Of HEIC, which sharp does not read: its head. */
  readonly heif?: HeifHead;
  /** Brings decoded samples to sRGB, where they have no profile that says how. */
  readonly toSrgb?: ColourConversion;
  /** An embedded profile does not hold. */
  readonly ignoresProfile: boolean;
  /** What the decoder is not to skip. */
  readonly failOn: FailOn;
  /** Known before it is decoded, in words that follow its name. */
  readonly damage?: string;
  /** What is left out of the picture, or done to it, in words that follow its name. */
  readonly notes: readonly string[];
}

type Content = PhotoSource['content'];

const GAIN_MAP = 'its gain map, for screens of high dynamic range, is left out';
const CUT = 'is cut short: not all of its scans are there';
const FILM = 'the film in it (a motion photo) is left out';

/**
 * Looks into a file of a known format.
 *
 * @param format by its first bytes. @param takesDamaged as in `openSource`. @throws {ImageError} it is of a kind that is not read, or its head is damaged.
 */
export function examined(
  content: Content,
  format: PhotoFormat | 'heif',
  name: string,
  takesDamaged = false,
): PhotoSource {
  const plain = { name, content, ignoresProfile: false, failOn: 'error', notes: [] } as const;
  switch (format) {
    case 'heif':
      return { ...plain, ...examinedHeif(content, name) };
    case 'jpeg':
      return { ...plain, format, ...examinedJpeg(content, name, takesDamaged) };
    case 'png':
      return { ...plain, format, ...examinedPng(content) };
    case 'tiff':
      return { ...plain, format, ...examinedTiff(content, name) };
    default:
      return { ...plain, format };
  }
}

function examinedHeif(content: Content, name: string): Partial<PhotoSource> & Pick<PhotoSource, 'format'> {
  const isAvif = brandOf(content) === 'avif';
  const head = heifHead(content, name, isAvif);
  if (head === undefined) return { format: 'avif' };
  const notes = [
    ...moreFrames(head.frames),
    ...(head.gainMap ? [GAIN_MAP] : []),
    ...(head.hasFilm ? [FILM] : []),
  ];
  // A profile says more than codes do, where both are there.
  const colours = head.icc === undefined ? colouredBy(head.coded, notes) : {};
  if (head.codec === 'av01')
    return { format: 'avif', content: isAvif ? content : asAvif(content), notes, ...colours };
  requireHevc(head, name);
  return { format: 'heic', heif: head, notes, ...colours };
}

/** Of AVIF undefined where it cannot be read: its decoder reports what is wrong. */
function heifHead(content: Content, name: string, isAvif: boolean): HeifHead | undefined {
  let head: HeifHead | undefined;
  try {
    head = readHeifHead(content);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    if (isAvif) return undefined;
    throw new ImageError(`${name} is damaged or cut short (its head cannot be read).`, { cause: error });
  }
  if (head !== undefined) return head;
  throw new ImageError(
    `${name} is a sequence of pictures (HEIF or AVIF) without a still one; save it as GIF, WebP or a film.`,
  );
}

function brandOf(content: Content): string {
  return readingParts(content, (read) => Buffer.from(read(8, 4)).toString('latin1'));
}

/** libvips opens files of the brand 'avif'; those of other brands hold the same. */
function asAvif(content: Content): Content {
  const bytes = inMemory(content);
  bytes.set(Buffer.from('avif'), 8);
  return bytes;
}

function examinedJpeg(content: Content, name: string, takesDamaged: boolean): Partial<PhotoSource> {
  const found = readJpegNotes(content);
  if (found === undefined) return {}; // the decoder reports it
  const notes = [...(found.hasGainMap ? [GAIN_MAP] : []), ...(found.hasFilm ? [FILM] : [])];
  if (found.end === 'marked') return { notes };
  if (found.end === 'missing scans') {
    if (takesDamaged) return { failOn: 'none', damage: CUT, notes };
    throw new DamagedImageError(`${name} ${CUT}.`);
  }
  const bytes = inMemory(content);
  // Half of the mark may be there.
  const mark = bytes.at(-1) === 0xff ? [0xd9] : [0xff, 0xd9];
  return {
    content: Buffer.concat([bytes, Uint8Array.from(mark)]),
    // What is missing before the mark is but a warning then.
    failOn: 'warning',
    notes: ['its end marker is missing; its picture is whole', ...notes],
  };
}

function examinedPng(content: Content): Partial<PhotoSource> {
  const { coded, isAboveProfile, frames } = readPngNotes(content);
  const notes = [...moreFrames(frames)];
  return { notes, ignoresProfile: isAboveProfile, ...colouredBy(coded, notes) };
}

function examinedTiff(content: Content, name: string): Partial<PhotoSource> {
  const directories = readingParts(content, (read) => scanTiff(read));
  const raw = rawKindOfTiff(directories, name);
  if (raw !== undefined) throw rawRefused(raw, name);
  const lab = labKind(directories[0] ?? []);
  if (lab === undefined) return {};
  return { content: relabelled(inMemory(content)), toSrgb: labToSrgb(lab), ignoresProfile: true };
}

/** Of high dynamic range it is said, too. */
function colouredBy(
  coded: CodedColours | undefined,
  notes: string[],
): { readonly toSrgb?: NonNullable<PhotoSource['toSrgb']> } {
  const toSrgb = coded && codedConversion(coded);
  if (coded === undefined || toSrgb === undefined) return {};
  const range = dynamicRange(coded);
  if (range !== undefined)
    notes.push(`its colours of high dynamic range (${range}) are brought to those of sRGB`);
  return { toSrgb };
}

function moreFrames(frames: number): readonly string[] {
  if (frames <= 1) return [];
  return [`only the first of its ${frames} frames is painted; save it as GIF or WebP for all`];
}

/** A copy of the file. */
function inMemory(content: Content): Uint8Array {
  return typeof content === 'string' ? readPlainFileNow(content) : Uint8Array.from(content);
}

/** What sharp is given of a source: its content; of HEIC a plain TIFF of its pixels. @throws {ImageError} that does not decode. */
export async function readable({ content, heif, name }: PhotoSource): Promise<string | Uint8Array> {
  return heif === undefined ? content : decodeHeif(content, heif, name);
}
