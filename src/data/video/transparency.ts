import { mapInOrder } from '../map-in-order.ts';
import { decodable } from '../photo/source.ts';
import { sharp } from '../sharp.ts';
import type { VideoFacts } from './facts.ts';
import type { VideoInput } from './input.ts';
import { isOtherPicture } from './picture-names.ts';
import { readRowPicture } from './picture-row.ts';

/** Pictures that are looked at together. */
const AT_ONCE = 4;

/**
 * Whether anything shines through in a video that has alpha. Pictures and animations often have it for nothing: every frame of a GIF does
 * for ffmpeg, and renderers write it always. Who makes a film with alpha means it.
 */
export async function showsThrough(
  { kind, files }: Pick<VideoInput, 'kind' | 'files'>,
  { colour, codec }: Pick<VideoFacts, 'colour' | 'codec'>,
): Promise<boolean> {
  if (!colour.hasAlpha) return false;
  const isAnimation = kind === 'animation' || (kind === 'file' && codec === 'gif');
  if (!isAnimation && kind !== 'pictures') return true;
  for await (const isOpaque of mapInOrder(files, AT_ONCE, opaque)) if (!isOpaque) return true;
  return false;
}

async function opaque(path: string): Promise<boolean> {
  if (isOtherPicture(path)) return (await readRowPicture(path)).alpha === undefined;
  const input = sharp(await decodable(path), { pages: -1, limitInputPixels: false, failOn: 'none' });
  // What is damaged shows when it is painted.
  return (await input.stats().catch(() => ({ isOpaque: true }))).isOpaque;
}
