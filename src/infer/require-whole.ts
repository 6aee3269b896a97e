/** What is painted in one piece, whatever it takes: frames of films, pictures to be measured. Loads nothing. */

import type { Checkpoint } from '../networks/checkpoint.ts';
import type { PictureSize } from '../picture.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { COMPILED, untiledBytes } from './bands/memory-plan.ts';
import { memoryAtHand, showMemory } from './bands/memory-size.ts';
import { stagesOf } from './bands/stages.ts';

/**
 * Makes sure that a picture can be painted in one piece: how much that takes is for the style's file to say, whose layers may be a
 * thousand channels wide.
 *
 * @param remedy what to do where it cannot. @param memory bytes that the process may take.
 * @throws {ConfigError} there is less memory than that takes.
 */
export function requireWhole(
  { layers, margin = 0, name }: Pick<Checkpoint, 'layers' | 'margin' | 'name'>,
  { width, height }: PictureSize,
  remedy: string,
  memory = memoryAtHand(),
): void {
  const larger = { width: width + 2 * margin, height: height + 2 * margin };
  const needed = process.memoryUsage.rss() + COMPILED + untiledBytes(stagesOf(layers), larger);
  if (needed <= memory) return;
  throw new ConfigError(
    expected(
      `at least ${showMemory(needed)} of memory to paint ${width}×${height} px in the style ${name}`,
      showMemory(memory),
      remedy,
    ),
  );
}
