/**
 * EXIF (CIPA DC-008-2019, 'Exif 2.32'): a TIFF structure of directories with 12 bytes an entry. It is changed in place:
 * cameras' own notes within it point to places by their distance from its start, which must not move.
 */
import type { PictureSize } from '../../picture.ts';

const [ORIENTATION, EXIF_DIRECTORY] = [0x0112, 0x8769];
const [COLOUR_SPACE, WIDTH, HEIGHT] = [0xa001, 0xa002, 0xa003];
const [THUMBNAIL_AT, THUMBNAIL_LENGTH] = [0x0201, 0x0202];
const [SHORT, LONG] = [3, 4];
const SRGB = 1;

interface Entry {
  readonly tag: number;
  /** Where its value lies, and how to write a number there. */
  readonly set: (value: number) => void;
  readonly value: number;
}

/**
 * EXIF of a painted picture: orientation upright, size its own, the photo's small preview gone.
 *
 * @param srgb whether the pixels are sRGB now, whatever they were.
 * @returns the TIFF structure, without 'Exif\0\0'; undefined where it is malformed.
 */
export function paintedExif(
  block: Uint8Array,
  { width, height }: PictureSize,
  srgb: boolean,
): Uint8Array | undefined {
  const prefixed = Buffer.from(block.subarray(0, 6)).toString('latin1') === 'Exif\0\0';
  const tiff = Uint8Array.from(prefixed ? block.subarray(6) : block);
  try {
    return painted(tiff, { width, height }, srgb);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // a place beyond its end
    throw error;
  }
}

function painted(tiff: Uint8Array, { width, height }: PictureSize, srgb: boolean): Uint8Array | undefined {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  const little = view.getUint16(0) === 0x4949;
  if (!little && view.getUint16(0) !== 0x4d4d) return undefined;
  if (view.getUint16(2, little) !== 42) return undefined;
  const first = directory(view, view.getUint32(4, little), little);
  for (const { tag, value, set } of first.entries) {
    if (tag === ORIENTATION) set(1);
    if (tag !== EXIF_DIRECTORY) continue;
    for (const one of directory(view, value, little).entries) {
      if (one.tag === WIDTH) one.set(width);
      if (one.tag === HEIGHT) one.set(height);
      if (one.tag === COLOUR_SPACE && srgb) one.set(SRGB);
    }
  }
  const second = view.getUint32(first.end, little);
  if (second === 0) return tiff;
  view.setUint32(first.end, 0);
  return withoutPreview(tiff, directory(view, second, little), second);
}

function withoutPreview(tiff: Uint8Array, { entries, end }: Directory, from: number): Uint8Array {
  const find = (wanted: number) => entries.find(({ tag }) => tag === wanted)?.value;
  const at = find(THUMBNAIL_AT) ?? 0;
  const to = at + (find(THUMBNAIL_LENGTH) ?? 0);
  tiff.fill(0, from, end + 4);
  // Elsewhere it may share its place with what is kept, if somebody means ill.
  if (at < from || to > tiff.length) return tiff;
  tiff.fill(0, at, to);
  return to === tiff.length && at >= end + 4 ? tiff.subarray(0, at) : tiff;
}

interface Directory {
  readonly entries: readonly Entry[];
  /** Where the offset of the next directory is. */
  readonly end: number;
}

/** @throws {RangeError} it reaches beyond the structure. */
function directory(view: DataView, at: number, little: boolean): Directory {
  const count = view.getUint16(at, little);
  const end = at + 2 + 12 * count;
  view.getUint32(end, little);
  const entries = Array.from({ length: count }, (_, i): Entry => {
    const place = at + 2 + 12 * i;
    const type = view.getUint16(place + 2, little);
    return {
      tag: view.getUint16(place, little),
      value: type === SHORT ? view.getUint16(place + 8, little) : view.getUint32(place + 8, little),
      set(number) {
        if (view.getUint32(place + 4, little) !== 1) return; // not one number
        if (type === SHORT && number <= 0xffff) view.setUint16(place + 8, number, little);
        else if (type === LONG) view.setUint32(place + 8, number, little);
      },
    };
  });
  return { entries, end };
}
