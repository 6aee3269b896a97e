/** `stylize --refine`, as painting photos into files takes it. Loads nothing heavy. */
import type { PictureInput } from '../data/photo/source.ts';
import { ConfigError, expected } from '../system/errors.ts';
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
 * @param say takes a line on what is weighed otherwise than in training. @throws {ConfigError} what only polishing needs, without it.
 */
export function polishOf({ refine: steps, painting, lossNetwork }: PolishCall, say: (line: string) => void) {
  if (steps === undefined) {
    const unused =
      painting !== undefined ? '--painting' : lossNetwork !== undefined ? '--loss-network' : undefined;
    if (unused === undefined) return undefined;
    throw new ConfigError(expected(`--refine with ${unused}`, 'none', `give both, or omit ${unused}`));
  }
  const open = async (style: Trained): Promise<Refine> => {
    // Only now: nothing else of painting needs the loss network.
    const { openRefine } = await import('./refine.ts');
    return openRefine(style, { steps, painting, lossNetwork, say });
  };
  return { steps, open };
}
