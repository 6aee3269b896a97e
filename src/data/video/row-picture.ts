/** One picture of a row: what it is, and its pixels, upright and in sRGB as those of photos. */

import { inBits, type LayeredPicture, type PictureSize, separated } from '../../picture.ts';
import { expected, ImageError } from '../../system/errors.ts';
import { ffmpegProgram, fileUrl, lastWords, runTool } from '../ffmpeg.ts';
import { decodePhoto } from '../photo/decode.ts';
import { openPhoto } from '../photo/photo-file.ts';
import { isOtherPicture } from './picture-names.ts';

export interface RowPicture extends LayeredPicture {
  readonly pixels: Uint8Array;
  readonly alpha?: Uint8Array;
  /** A part of it could not be decoded. */
  readonly isDamaged: boolean;
}

export interface RowHead extends PictureSize {
  readonly alpha: boolean;
}

/**
 * What a picture's file says of itself; undefined where only decoding it would tell.
 *
 * @throws {ImageError} it cannot be read.
 */
export async function rowHead(path: string): Promise<RowHead | undefined> {
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
