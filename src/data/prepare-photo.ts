/** One photo on its way into a data set: read, judged, shrunk, encoded as a record. */

import { createHash } from 'node:crypto';
import type { Picture, PictureSize } from '../picture.ts';
import { asFileError } from '../system/atomic-file.ts';
import { ImageError } from '../system/errors.ts';
import { readPlainFile } from '../system/plain-file.ts';
import type { SetAside, SetAsideReason } from './dataset-index.ts';
import { decodePicture, encodePicture, pictureSize } from './image-file.ts';
import type { PhotoFile } from './photo-files.ts';
import { encodeExample } from './tfrecord-file.ts';

export interface PreparedPhoto {
  readonly photo: Pick<PhotoFile, 'name'>;
  /** SHA-256 of the photo's file, in hexadecimal. */
  readonly sourceId: string;
  /** A `tf.train.Example` message. */
  readonly record: Uint8Array;
}

export interface PhotoSettings {
  /** Short side of the stored picture, px. */
  readonly size: number;
  /** JPEG quality it is stored with, 1..100. */
  readonly quality: number;
}

/** A photo enlarged more than this has nothing left to learn from but blur. */
const MOST_ENLARGED = 2;
/** Long side over short side; beyond, a crop says nothing about the rest, and the stored picture is mostly waste. */
const MOST_NARROW = 8;
/** Standard deviation of the liveliest channel, of 255 levels: below, there is nothing to see. */
const LEAST_CONTRAST = 3;

/**
 * Reads a photo once and makes its record: upright, sRGB, short side `size`, a JPEG at full colour resolution, with
 * the features that TensorFlow's own data sets use. A photo that cannot serve comes back with the reason.
 */
export async function preparePhoto(
  photo: PhotoFile,
  { size, quality }: PhotoSettings,
): Promise<PreparedPhoto | SetAside> {
  const aside = (reason: SetAsideReason, detail: string): SetAside => ({ file: photo.name, reason, detail });
  const bytes = await readPlainFile(photo.path).catch((error: unknown) => error);
  if (!(bytes instanceof Uint8Array)) return aside('unreadable', readFailure(bytes, photo.name));
  let picture: Picture;
  try {
    const { width, height } = await pictureSize(bytes, photo.name);
    const short = Math.min(width, height);
    if (short * MOST_ENLARGED < size) {
      return aside('tiny', `${width} x ${height} px: the short side is less than half of ${size} px.`);
    }
    if (Math.max(width, height) > short * MOST_NARROW) {
      return aside('narrow', `${width} x ${height} px: more than ${MOST_NARROW} times as long as wide.`);
    }
    picture = await decodePicture(bytes, photo.name, { shortSide: size });
  } catch (error) {
    if (error instanceof ImageError) return aside('unreadable', error.message);
    throw error;
  }
  const contrast = liveliestDeviation(picture);
  if (contrast < LEAST_CONTRAST) {
    return aside(
      'flat',
      `Its colours vary by ${contrast.toFixed(1)} of 255 levels: there is nothing to see.`,
    );
  }
  const sourceId = createHash('sha256').update(bytes).digest('hex');
  const encoded = await encodePicture(picture, 'jpeg', quality);
  return { photo, sourceId, record: toRecord(picture, encoded, photo.name, sourceId) };
}

/** The record of a stored picture. @param encoded the same as a JPEG. */
export function toRecord(
  { width, height }: PictureSize,
  encoded: Uint8Array,
  name: string,
  sourceId: string,
): Uint8Array {
  return encodeExample({
    'image/encoded': encoded,
    'image/format': Buffer.from('jpeg'),
    'image/height': height,
    'image/width': width,
    'image/colorspace': Buffer.from('RGB'),
    'image/channels': 3,
    'image/filename': Buffer.from(name),
    'image/source_id': Buffer.from(sourceId),
  });
}

/** Standard deviation of the channel that varies most, over every fourth pixel: this runs in the main thread. */
function liveliestDeviation({ pixels }: Picture): number {
  return Math.max(...[0, 1, 2].map((channel) => deviation(pixels, channel, 12)));
}

function deviation(pixels: Uint8Array, from: number, step: number): number {
  let sum = 0;
  let squares = 0;
  for (let i = from; i < pixels.length; i += step) {
    const value = pixels[i]!;
    sum += value;
    squares += value * value;
  }
  const n = Math.ceil((pixels.length - from) / step);
  return Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
}

function readFailure(error: unknown, name: string): string {
  const reason = asFileError(error, `read ${name}`);
  return reason instanceof Error ? reason.message : String(reason);
}
