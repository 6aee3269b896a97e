import { setImmediate } from 'node:timers/promises';
import type { TrainConfig } from '../config.ts';
import { median } from '../guard/step-check.ts';
import { type Phase, phasesFrom } from '../step/schedule.ts';
import type { NetworkTrainer } from '../trainer.ts';

/** Fewer steps are not worth a probe. */
const WORTHWHILE = 20;
/** What suffices to measure: two steps and a second, or this many quick steps. */
const LEAST_STEPS = 2;
const SECONDS = 1;
const MOST_STEPS = 20;

/** Steps of one phase, and what each takes. */
export interface ProbedSteps extends Phase {
  readonly steps: number;
  readonly seconds: number;
}

/**
 * Time of the remaining steps, one entry for each phase to come (`phasesFrom`). The trainer's state is then restored.
 *
 * @returns undefined if the run has so few steps left that it is over sooner.
 */
export async function probeSteps(
  trainer: NetworkTrainer,
  config: TrainConfig,
): Promise<readonly ProbedSteps[] | undefined> {
  const before = trainer.runState();
  if (config.steps - before.step < WORTHWHILE) return undefined;
  const found: ProbedSteps[] = [];
  try {
    for (const { from, steps, ...phase } of phasesFrom(before.step, config)) {
      // The last steps of a phase may be too few to measure, and are then too few to matter.
      if (steps <= LEAST_STEPS) continue;
      trainer.restore({ ...before, step: from });
      found.push({ ...phase, steps, seconds: await stepSeconds(trainer, steps) });
    }
  } finally {
    trainer.restore(before);
  }
  return found;
}

/**
 * Seconds that a step takes, the reading of its photos included: the median of some steps after a first one, in which
 * TensorFlow optimises the graph.
 *
 * @param steps until the phase ends.
 */
async function stepSeconds(trainer: NetworkTrainer, steps: number): Promise<number> {
  const seconds: number[] = [];
  let sum = 0;
  let last: number | undefined;
  for await (const _ of trainer.steps()) {
    await setImmediate();
    const now = performance.now();
    if (last !== undefined) seconds.push((now - last) / 1000);
    sum += seconds.at(-1) ?? 0;
    last = now;
    const most = Math.min(steps, MOST_STEPS) - 1;
    if ((seconds.length >= LEAST_STEPS && sum >= SECONDS) || seconds.length >= most) break;
  }
  return median(seconds);
}
