import { fillTransparent } from '../data/photo/colour-rows.ts';
import { decodePhoto, type Photo } from '../data/photo/decode.ts';
import { deliver, encodeWhole } from '../data/photo/photo-file.ts';
import { inBits, type Picture, type PictureSize } from '../data/picture.ts';
import { ABILITIES } from '../data/picture-format.ts';
import { memoryAtHand } from '../infer/bands/memory-size.ts';
import { choosePlan, describePlan, requireMemory, type TileChoice } from '../infer/choose-plan.ts';
import type { Painter } from '../infer/finish/look-painter.ts';
import { paintBands } from './paint-bands.ts';
import { paintFrames } from './paint-frames.ts';
import type { PhotoOptions } from './photo-options.ts';
import { photoOutput } from './photo-output.ts';
import type { Target } from './photo-targets.ts';

export interface PaintOptions extends PhotoOptions {
  readonly overwrite: boolean;
  /** Bytes that the process may take in all; what is at hand where it is not given. */
  readonly memory?: number;
  readonly tiles: TileChoice;
  /** What is to be done with the painted picture before it is written; it needs the whole of it, in 8 bit. */
  readonly refine?: (photo: Picture, painted: Picture) => Promise<Picture>;
}

/** Paints one photo into a file: in one piece where memory allows, in bands where not. Answers its size. */
export async function paintPhoto(
  stylizer: Painter,
  photo: Photo,
  { path: target, format }: Target,
  options: PaintOptions,
): Promise<PictureSize> {
  const { memory, refine, overwrite } = options;
  const { head, source } = photo;
  const { width, height } = head;
  const say = (line: string) => process.stderr.write(`${source.name}, ${line}\n`);
  const { output, notes } = photoOutput(head, format, options);
  for (const note of notes) say(note);
  const budget = memory ?? memoryAtHand();
  const bytesPerPixel = ((head.alpha ? 4 : 3) * Math.max(head.depth, output.depth)) / 8;
  const plans = stylizer.plans(head, bytesPerPixel);
  const encode = async (write: (path: string) => Promise<void>) => deliver(target, write, overwrite);
  if (head.frames > 1 && ABILITIES[format].frames && refine === undefined) {
    await paintFrames(stylizer, photo, output, { budget, plans, encode });
    return { width, height };
  }
  requireMemory(head.unpacked, budget, 'to unpack this picture, which cannot be read in bands');
  const plan = choosePlan(plans, budget, refine === undefined ? options.tiles : 'off');
  if (plan.placement !== 'untiled' || memory !== undefined) {
    say(`${width}×${height}, ${describePlan(plan, budget)}`);
  }
  if (plan.placement !== 'untiled') {
    await paintBands(stylizer, photo, plan, output, encode);
    return { width, height };
  }
  const picture = await decodePhoto(photo);
  fillTransparent(picture);
  const alpha = picture.alpha === undefined ? {} : { alpha: picture.alpha };
  if (refine === undefined) {
    const painted = stylizer.stylize(picture, output.depth);
    await encode((path) => encodeWhole({ ...painted, ...alpha }, output, path));
  } else {
    const seen = { width, height, pixels: inBits(picture.pixels, 8) as Uint8Array };
    const refined = await refine(seen, stylizer.stylize(seen));
    await encode((path) => encodeWhole({ ...refined, ...alpha }, output, path));
  }
  return { width, height };
}
