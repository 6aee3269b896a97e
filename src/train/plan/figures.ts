/** What a run will take, as numbers. Nothing here reaches TensorFlow's types. */
import { type CheckedPlan, roomOf } from './plan.ts';

/** Bytes and seconds; null for what is not known. */
export interface PlanFigures {
  /** Steps that are left. */
  readonly steps: number;
  /** Measured; null for a run that has too few steps left to be worth it. */
  readonly secondsPerStep: number | null;
  readonly seconds: number | null;
  /** Peak of memory, on a GPU of the card's. */
  readonly memory: number;
  /** What of it the process can have in all; null for a card that does not say. */
  readonly memoryFree: number | null;
  /** States, checkpoint, previews and log. */
  readonly disk: number;
  readonly diskFree: number;
}

/** Steps of one phase, and the seconds that each takes. */
export interface TimedSteps {
  readonly steps: number;
  readonly seconds: number;
}

/** @param probed what steps take, measured. @param steps that are left. */
export function planFigures(
  { plan, room }: CheckedPlan,
  probed: readonly TimedSteps[] | undefined,
  steps: number,
): PlanFigures {
  const seconds = probed === undefined ? null : secondsOf(probed);
  return {
    steps,
    secondsPerStep: seconds === null ? null : seconds / steps,
    seconds,
    memory: plan.memory,
    memoryFree: roomOf(room) ?? null,
    disk: plan.disk,
    diskFree: room.disk,
  };
}

export function secondsOf(probed: readonly TimedSteps[]): number {
  return probed.reduce((sum, part) => sum + part.seconds * part.steps, 0);
}
