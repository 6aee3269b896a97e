import type { Layer } from '../../networks/architecture.ts';
import type { PictureSize } from '../../picture.ts';
import { COMPILED, type MemoryPlan, untiledBytes } from '../bands/memory-plan.ts';
import type { NetworkStage } from '../bands/stages.ts';
import { alignment, reach } from './reach.ts';
import { windowsOf } from './samples.ts';

/** Statistics that are given and the slices of a band are held as well. Measured. */
const BESIDE = 1.4;
/** Rows of a band, more first: fewer rows pass through the network twice. */
const BAND_ROWS = [1024, 512, 256, 128, 64];

/** What painting a picture in bands with statistics of samples takes, by the rows of a band; fastest first. */
export function sampledPlans(
  layers: readonly Layer[],
  stages: readonly NetworkStage[],
  picture: PictureSize,
  resident: number,
): readonly MemoryPlan[] {
  const { size, windows } = windowsOf(picture);
  const sampling = untiledBytes(stages, { width: size.width * windows.length, height: size.height });
  const step = alignment(layers);
  return BAND_ROWS.map((wanted) => {
    const rows = step * Math.ceil(wanted / step);
    const height = Math.min(picture.height, rows + 2 * reach(layers));
    const painting = untiledBytes(stages, { width: picture.width, height });
    return {
      placement: 'sampled',
      peak: resident + COMPILED + BESIDE * Math.max(sampling, painting),
      spilled: 0,
      recomputed: new Set<number>(),
      bandRows: () => rows,
    };
  });
}
