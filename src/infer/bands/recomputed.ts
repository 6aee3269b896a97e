import { type Activation, activationParts, type NetworkStage } from './stages.ts';

/** What a part of an activation is read from: `raw 3` is the result of stage 3, `kept 3` what that stage has kept. */
export function sourceKey(part: Activation): string {
  if (part.kind === 'picture') return 'picture';
  if (part.kind === 'kept') return `kept ${part.stage}`;
  if (part.kind === 'rectified') return `raw ${part.stage}`;
  throw new Error('A sum is read from its parts.');
}

/**
 * Stages whose result is not kept but computed again, band by band, by the one stage that reads it: those at the picture's
 * own size, whose results are the largest by far and cheap for their size. Never two in a row.
 */
export function recomputedStages(stages: readonly NetworkStage[]): ReadonlySet<number> {
  const readers = stages.map(
    (_, i) =>
      stages.filter(({ input }) =>
        activationParts(input).some((part) => part.kind === 'rectified' && part.stage === i),
      ).length,
  );
  const chosen = new Set<number>();
  stages.forEach(({ kind, halvings, keepsInput, input }, i) => {
    if (kind === 'colours' || halvings > 0 || keepsInput || readers[i] !== 1) return;
    const onRecomputed = activationParts(input).some(
      (part) => part.kind === 'rectified' && chosen.has(part.stage),
    );
    if (!onRecomputed) chosen.add(i);
  });
  return chosen;
}

/** For each source the stage that reads it last; `stages.length` where it is read twice at once by that stage. */
export function lastReaders(
  stages: readonly NetworkStage[],
  recomputed: ReadonlySet<number>,
): ReadonlyMap<string, { readonly stage: number; readonly times: number }> {
  const sourcesOf = (stage: number): string[] =>
    activationParts(stages[stage]!.input).flatMap((part) => [
      sourceKey(part),
      ...(part.kind === 'rectified' && recomputed.has(part.stage) ? sourcesOf(part.stage) : []),
    ]);
  const last = new Map<string, { stage: number; times: number }>();
  stages.forEach((_, stage) => {
    const sources = sourcesOf(stage);
    for (const key of sources) {
      last.set(key, { stage, times: sources.filter((other) => other === key).length });
    }
  });
  return last;
}
