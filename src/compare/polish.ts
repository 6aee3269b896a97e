/** `stylize --refine`, as painting photos into files takes it. Loads nothing heavy. */
import type { PictureInput } from '../data/photo/source.ts';
import type { Refine } from './refine.ts';
import type { Trained } from './training-objective.ts';

/** By the names of the options of `fast-style stylize` in camelCase. */
export interface PolishCall {
  readonly refine?: number | undefined;
  readonly painting?: PictureInput | undefined;
  readonly lossNetwork?: string | undefined;
}

/**
 * What polishes each painted picture; undefined where that is not wanted. `open` throws as `openRefine`.
 *
 * @param say takes a line on what is weighed otherwise than in training.
 */
export function polishOf({ refine: steps, painting, lossNetwork }: PolishCall, say: (line: string) => void) {
  if (steps === undefined) return undefined;
  const open = async (style: Trained): Promise<Refine> => {
    // Only now: nothing else of painting needs the loss network.
    const { openRefine } = await import('./refine.ts');
    return openRefine(style, { steps, painting, lossNetwork, say });
  };
  return { steps, open };
}
