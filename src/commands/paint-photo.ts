import {
  type Picture,
  pictureFileSize,
  readPicture,
  type WriteOptions,
  writePicture,
} from '../data/image-file.ts';
import { StreamedWriter, streamPicture } from '../data/streamed-picture.ts';
import { memoryAtHand } from '../infer/bands/memory-size.ts';
import { choosePlan, describePlan, type TileChoice } from '../infer/choose-plan.ts';
import type { Stylizer } from '../infer/stylizer.ts';
import { requireRoom, scratchFolder } from '../scratch-file.ts';
import { progressBar } from './progress-bar.ts';

export interface PaintOptions extends WriteOptions {
  /** Bytes that the process may take in all; what is at hand where it is not given. */
  readonly memory?: number;
  readonly tiles: TileChoice;
  /** What is to be done with the painted picture before it is written; it needs the whole of it. */
  readonly refine?: (photo: Picture, painted: Picture) => Promise<Picture>;
}

/** Paints one photo into a file: in one piece where memory allows, in bands where not. Answers its size. */
export async function paintPhoto(
  stylizer: Stylizer,
  path: string,
  target: string,
  { memory, tiles: wanted, refine, ...write }: PaintOptions,
): Promise<{ readonly width: number; readonly height: number }> {
  const tiles = refine === undefined ? wanted : 'off';
  const size = await pictureFileSize(path);
  const { width, height } = size;
  const budget = memory ?? memoryAtHand();
  const plan = choosePlan(stylizer.plans(size), budget, tiles);
  if (plan.placement !== 'untiled' || memory !== undefined) {
    process.stderr.write(`${path}, ${width}×${height}, ${describePlan(plan, budget)}\n`);
  }
  if (plan.placement === 'untiled') {
    const photo = await readPicture(path);
    const once = stylizer.stylize(photo);
    const painted = refine === undefined ? once : await refine(photo, once);
    await writePicture(target, painted, write);
    return painted;
  }
  const folder = scratchFolder();
  requireRoom(folder, plan.spilled + 2 * width * height * 3);
  const picture = await streamPicture(path, folder);
  try {
    const painted = new StreamedWriter(picture, folder);
    const bar = progressBar({ label: 'Painting', total: 100, show: (share) => `${Math.round(share)} %` });
    try {
      await stylizer.stylizeBands(
        picture,
        (rows) => painted.write(rows),
        plan,
        (share) => bar.update(100 * share),
      );
      await painted.encode(target, write);
    } finally {
      bar.stop();
      painted.close();
    }
  } finally {
    picture.close();
  }
  return size;
}
