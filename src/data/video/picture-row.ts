/** An image sequence as a video. */

import type { PictureSize } from '../../picture.ts';
import { mapInOrder } from '../map-in-order.ts';
import type { VideoFacts } from './facts.ts';
import type { VideoInput } from './input.ts';
import { UPRIGHT } from './orientation.ts';
import type { Rational } from './rational.ts';
import { type RowHead, readRowPicture, rowHead } from './row-picture.ts';

/** Heads that are read at a time. */
const AT_ONCE = 8;

/**
 * Looks at all pictures before one is painted. The film is as large as the first, and has alpha where one of them has.
 *
 * @param rate pictures per second. @throws {ImageError} one cannot be read.
 */
export async function probeRow(
  { name, files, notes = [] }: Pick<VideoInput, 'name' | 'files' | 'notes'>,
  rate: Rational,
): Promise<VideoFacts> {
  const heads: (RowHead | undefined)[] = [];
  for await (const head of mapInOrder(files, AT_ONCE, rowHead)) heads.push(head);
  const first = heads[0] ?? (await decodedHead(files[0]!));
  const { width, height } = first;
  const hasAlpha = first.alpha || heads.some((head) => head?.alpha === true);
  const others = heads.filter((head) => head !== undefined && !isOfSize(head, first)).length;
  const seconds = (files.length * rate.den) / rate.num;
  return {
    ...{ name, format: 'image2', codec: 'pictures', pixelFormat: hasAlpha ? 'rgba' : 'rgb24', width, height },
    ...{ pixelAspect: { num: 1, den: 1 }, orientation: UPRIGHT, timeBase: { num: rate.den, den: rate.num } },
    ...{ rate, frames: files.length, seconds, end: seconds, isInterlaced: false },
    colour: { isRgb: true, hasAlpha },
    ...{ others: [], chapters: 0, stream: 0 },
    notes: [...notes, ...(others === 0 ? [] : [otherSizes(others, files.length, first)])],
  };
}

async function decodedHead(path: string): Promise<RowHead> {
  const { width, height, alpha } = await readRowPicture(path);
  return { width, height, alpha: alpha !== undefined };
}

export const isOfSize = (one: PictureSize, other: PictureSize): boolean =>
  one.width === other.width && one.height === other.height;

function otherSizes(count: number, all: number, { width, height }: RowHead): string {
  const are = count === 1 ? 'is' : 'are';
  const they = count === 1 ? 'it is' : 'they are';
  return `${count} of ${all} pictures ${are} not ${width}×${height} as the first: ${they} fitted in, and keep the aspect.`;
}
