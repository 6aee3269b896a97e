import { setImmediate } from 'node:timers/promises';
import { median } from './step-check.ts';
import type { Trainer } from './trainer.ts';

/** Fewer steps are not worth a probe. */
const WORTHWHILE = 20;
/** What is enough to measure: two steps and a second, or so many quick steps. */
const LEAST_STEPS = 2;
const SECONDS = 1;
const MOST_STEPS = 20;

/**
 * Seconds that a step takes, the reading of its photos included: the median of some steps behind a first one, in which
 * TensorFlow optimises the graph. The trainer then stands where it stood.
 *
 * @returns undefined if the run has so few steps left that it is over sooner.
 */
export async function probeStep(trainer: Trainer, stepsLeft: number): Promise<number | undefined> {
  if (stepsLeft < WORTHWHILE) return undefined;
  const before = trainer.runState();
  const seconds: number[] = [];
  let sum = 0;
  let last: number | undefined;
  for await (const _ of trainer.steps()) {
    await setImmediate();
    const now = performance.now();
    if (last !== undefined) seconds.push((now - last) / 1000);
    sum += seconds.at(-1) ?? 0;
    last = now;
    if ((seconds.length >= LEAST_STEPS && sum >= SECONDS) || seconds.length >= MOST_STEPS - 1) break;
  }
  trainer.restore(before);
  return median(seconds);
}
