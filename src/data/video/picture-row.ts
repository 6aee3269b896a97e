/** An image sequence as a video. */
import { inBits, type LayeredPicture, type PictureSize, separated } from '../../picture.ts';
import { expected, ImageError } from '../../system/errors.ts';
import { ffmpegProgram, fileUrl, lastWords, runTool } from '../ffmpeg.ts';
import { mapInOrder } from '../map-in-order.ts';
import { decodePhoto, openPhoto } from '../photo/read-photo.ts';
import { type Rational, UPRIGHT, type VideoFacts } from './facts.ts';
import type { VideoInput } from './input.ts';
import { isOtherPicture } from './picture-names.ts';

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

export interface RowPicture extends LayeredPicture<Uint8Array> {
  /** A part of it could not be decoded. */
  readonly isDamaged: boolean;
}

interface RowHead extends PictureSize {
  readonly alpha: boolean;
}

/**
 * What a picture's file says of itself; undefined where only decoding it would tell.
 *
 * @throws {ImageError} it cannot be read.
 */
async function rowHead(path: string): Promise<RowHead | undefined> {
  if (isOtherPicture(path)) return undefined;
  const { width, height, alpha } = (await openPhoto(path)).head;
  return { width, height, alpha };
}

/** Decodes a picture; one that is cut short as far as it goes. @throws {ImageError} nothing of it can be decoded. */
export async function readRowPicture(path: string): Promise<RowPicture> {
  if (isOtherPicture(path)) return { ...(await decodedByFfmpeg(path)), isDamaged: false };
  let isDamaged = false;
  const onDamage = () => {
    isDamaged = true;
  };
  const picture = await decodePhoto(await openPhoto(path, { onDamage }));
  return { ...inEightBits(picture), isDamaged };
}

function inEightBits({ width, height, pixels, alpha }: LayeredPicture): Omit<RowPicture, 'isDamaged'> {
  const opacity = alpha === undefined ? {} : { alpha: inBits(alpha, 8) as Uint8Array };
  return { width, height, pixels: inBits(pixels, 8) as Uint8Array, ...opacity };
}

/** As a PAM (netpbm), which brings its size along; its alpha counts where something shines through. */
async function decodedByFfmpeg(path: string): Promise<Omit<RowPicture, 'isDamaged'>> {
  const parts: Buffer[] = [];
  const { code, complaint } = await runTool(
    ffmpegProgram(),
    [
      ...['-v', 'error', '-nostdin', '-f', 'image2', '-pattern_type', 'none', '-i', fileUrl(path)],
      ...['-frames:v', '1', '-pix_fmt', 'rgba', '-c:v', 'pam', '-f', 'image2pipe', 'pipe:1'],
    ],
    { output: (part) => parts.push(part) },
  );
  const bytes = Buffer.concat(parts);
  const end = bytes.indexOf('ENDHDR\n');
  const head = bytes.toString('latin1', 0, Math.max(0, end));
  const [width, height] = ['WIDTH', 'HEIGHT'].map((word) =>
    Number(new RegExp(`^${word} (\\d+)$`, 'm').exec(head)?.[1] ?? 0),
  ) as [number, number];
  const samples = new Uint8Array(bytes.subarray(end + 'ENDHDR\n'.length));
  if (code !== 0 || end < 0 || samples.length !== 4 * width * height)
    throw new ImageError(expected(`a picture in ${path}`, lastWords(complaint)));
  const { pixels, alpha } = separated(samples, 4) as { pixels: Uint8Array; alpha: Uint8Array };
  return { width, height, pixels, ...(alpha.every((value) => value === 255) ? {} : { alpha }) };
}
