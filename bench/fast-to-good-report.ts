/** Times and tables of bench/fast-to-good.ts, from what its processes have answered. */
import type { TrainConfig } from '../src/train/config.ts';
import type { TrainingTerms } from '../src/train/settings.ts';
import { type PhaseSettings, phasesFrom } from '../src/train/step/schedule.ts';

/** Seconds of a variant's steps, for each of its phases in the order in which they come (`phasesFrom`). */
export interface StepTimes {
  readonly cost: string;
  readonly stepSeconds: readonly number[];
}

/** Held-out losses after a step. */
export interface HeldOut extends TrainingTerms {
  readonly name: string;
  readonly step: number;
  readonly images: number;
  readonly config: TrainConfig;
  readonly precision: string;
  /** Of the process, without looking at held-out photos. */
  readonly cpuSeconds: number;
}

/** Steps that take so many seconds, small crops included. */
export function stepsWithin(seconds: number, stepSeconds: readonly number[], smallCrops: number): number {
  const [first = Number.NaN, last = first] = stepSeconds;
  return Math.round(seconds / (smallCrops * first + (1 - smallCrops) * last));
}

/** Seconds of all steps up to one of them. */
export function secondsUpTo(step: number, stepSeconds: readonly number[], config: PhaseSettings): number {
  return phasesFrom(0, config).reduce((sum, { from, steps }, i) => {
    const done = Math.max(0, Math.min(steps, step - from));
    return sum + done * (stepSeconds[i] ?? Number.NaN);
  }, 0);
}

/** One row per variant: seconds of a step, then total (content, style) at each time at which it was looked at. */
export function table(
  found: readonly HeldOut[],
  timesOf: (name: string) => readonly number[] | undefined,
): string {
  const names = [...new Set(found.map(({ name }) => name))];
  const rows = names.flatMap((name) => {
    const stepSeconds = timesOf(name);
    if (stepSeconds === undefined) return [];
    const cells = found
      .filter((one) => one.name === name)
      .map(({ step, config, total, content, style }) => {
        const seconds = secondsUpTo(step, stepSeconds, config).toFixed(0);
        return `${total.toFixed(3)} (${content.toFixed(3)}, ${style.toFixed(3)}) at ${seconds} s`;
      });
    const photos = found.findLast((one) => one.name === name)!.images;
    return [[name, stepSeconds.map((one) => one.toPrecision(2)).join(', '), String(photos), ...cells]];
  });
  const width = Math.max(3, ...rows.map((row) => row.length));
  const head = ['training', 's a step', 'photos', ...Array.from({ length: width - 3 }, () => 'loss')];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('');
}
