import type { Checkpoint } from '../networks/checkpoint.ts';
import type { PictureSize } from '../picture.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { COMPILED, type MemoryPlan, memoryAtHand, showMemory, untiledBytes } from './bands/memory-plan.ts';
import { stagesOf } from './bands/stages.ts';

/** The estimate may be wrong by this much on the safe side. */
const MARGIN = 1.05;

/**
 * `off` is in one piece or not at all, `exact` in bands even where one piece would do; `fast` in bands with the statistics of
 * samples, which is nearly the same.
 */
export type TileChoice = 'auto' | 'off' | 'exact' | 'fast';

/**
 * The fastest way to paint a picture that memory allows.
 *
 * @param plans fastest first. @param budget bytes that the process may take in all.
 * @throws {ConfigError} none fits: the message says what would be needed.
 */
export function choosePlan(plans: readonly MemoryPlan[], budget: number, tiles: TileChoice): MemoryPlan {
  const untiled = plans.find(({ placement }) => placement === 'untiled');
  if (tiles === 'off' && untiled !== undefined) {
    // Without the margin: who asks for one piece gets it wherever it may do.
    if (untiled.peak <= budget) return untiled;
    throw tooLittle(untiled.peak, budget, 'for this picture in one piece');
  }
  const allowed = plans.filter(({ placement }) =>
    tiles === 'fast'
      ? placement === 'sampled'
      : placement !== 'sampled' && (tiles === 'auto' || placement !== 'untiled'),
  );
  const chosen = allowed.find(({ peak }) => MARGIN * peak <= budget);
  if (chosen !== undefined) return chosen;
  throw tooLittle(MARGIN * Math.min(...allowed.map(({ peak }) => peak)), budget, 'for this picture');
}

/** @param bytes that work of another kind needs, besides what the process takes now. @throws {ConfigError} they are not allowed. */
export function requireMemory(bytes: number, budget: number, purpose: string): void {
  if (bytes === 0) return;
  const needed = process.memoryUsage.rss() + bytes;
  if (needed > budget) throw tooLittle(needed, budget, purpose);
}

function tooLittle(bytes: number, budget: number, purpose: string): ConfigError {
  const needed = showMemory(Math.ceil(bytes / 1e7) * 1e7);
  return new ConfigError(
    expected(`at least ${needed} of memory ${purpose}`, showMemory(budget), 'raise --memory'),
  );
}

const WORDS = {
  untiled: 'in one piece',
  tiled: 'in bands, in memory',
  spilled: 'in bands, with temporary files',
  sampled: 'in bands, with statistics of samples',
} as const;

/** The plan in one line. */
export function describeMemoryPlan({ placement, peak, spilled }: MemoryPlan, budget: number): string {
  const files = spilled > 0 ? ` and ${showMemory(spilled)} of disk` : '';
  return `${WORDS[placement]}: about ${showMemory(peak)} of memory${files}, of ${showMemory(budget)} allowed`;
}

/** Bytes that painting a picture in one piece adds to a process. */
export function wholeBytes(
  { layers, margin = 0 }: Pick<Checkpoint, 'layers' | 'margin'>,
  { width, height }: PictureSize,
): number {
  const larger = { width: width + 2 * margin, height: height + 2 * margin };
  return COMPILED + untiledBytes(stagesOf(layers), larger);
}

/**
 * Makes sure that a picture can be painted in one piece: how much that takes is for the style's file to say, whose layers may be a
 * thousand channels wide.
 *
 * @param remedy what to do where it cannot. @param memory bytes that the process may take.
 * @throws {ConfigError} there is less memory than that takes.
 */
export function requireWhole(
  checkpoint: Pick<Checkpoint, 'layers' | 'margin' | 'name'>,
  picture: PictureSize,
  remedy: string,
  memory = memoryAtHand(),
): void {
  const { width, height } = picture;
  const needed = process.memoryUsage.rss() + wholeBytes(checkpoint, picture);
  if (needed <= memory) return;
  throw new ConfigError(
    expected(
      `at least ${showMemory(needed)} of memory to paint ${width}×${height} px in the style ${checkpoint.name}`,
      showMemory(memory),
      remedy,
    ),
  );
}
