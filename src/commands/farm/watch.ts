/** `farm watch`: what is done and left, how fast, and when it will be done. */
import { setTimeout } from 'node:timers/promises';
import type { Argv, CommandModule } from 'yargs';
import type { FarmStatus } from '../../farm/queue/control.ts';
import type { JobRecord } from '../../farm/queue/job-records.ts';
import { duration } from '../../system/duration.ts';
import { printableLine } from '../../system/printable.ts';
import { catchInterruption } from '../shared/interruption.ts';
import { printJson } from '../shared/json-lines.ts';
import { TimeLeft } from '../shared/progress-bar.ts';
import { type FarmArguments, jsonOption, redisOption, withFarm } from './farm-options.ts';
import { counted, jobLine } from './status.ts';

interface WatchArguments extends FarmArguments {
  readonly job?: string | undefined;
}

/** Milliseconds between two looks. */
const LOOK = 1000;
const OVER = ['done', 'failed', 'cancelled'];

export const watchCommand: CommandModule<object, WatchArguments> = {
  command: 'watch [job]',
  describe: 'Follow jobs until they are over: done, left, per second, time left',
  builder: (yargs: Argv) =>
    yargs
      .positional('job', { type: 'string', describe: 'Id of a job; all unless given' })
      .options({ ...redisOption, ...jsonOption }),
  handler: ({ redis, job, json }) =>
    withFarm(redis, async (farm) => {
      const { statusOf } = await import('../../farm/queue/control.ts');
      if (job !== undefined) await farm.records.require(job);
      const { signal, release } = catchInterruption();
      const paces = new Paces();
      const screen = new Screen();
      try {
        while (!signal.aborted) {
          const status = await statusOf(farm);
          const jobs = status.jobs.filter(({ id, state }) =>
            job === undefined ? !OVER.includes(state) : id === job,
          );
          if (json)
            for (const one of jobs) printJson({ event: 'job', ...one, data: undefined, ...paces.of(one) });
          else screen.show(linesOf(jobs, status, paces));
          if (jobs.every(({ state }) => OVER.includes(state))) return;
          await setTimeout(LOOK, undefined, { signal }).catch(() => undefined);
        }
      } finally {
        release();
      }
    }),
};

function linesOf(
  jobs: readonly JobRecord[],
  { workers, queues }: FarmStatus,
  paces: Paces,
): readonly string[] {
  const busy = workers.reduce((sum, one) => sum + one.busy, 0);
  const waiting = queues.reduce((sum, one) => sum + one.waiting, 0);
  const lines = jobs.map((job) => {
    const { perSecond, secondsLeft } = paces.of(job);
    const pace = perSecond === undefined ? '' : `, ${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`;
    const left = secondsLeft === undefined ? '' : `, ${duration(secondsLeft)} left`;
    return `${jobLine(job)}${pace}${left}`;
  });
  return [
    ...lines,
    `${counted(workers.length, 'worker')}, ${counted(busy, 'task')} under way, ${waiting} waiting`,
  ];
}

/** How fast each job goes, by its last looks. */
class Paces {
  readonly #readings = new Map<
    string,
    { readonly left: TimeLeft; readonly seen: { done: number; at: number }[] }
  >();

  of({ id, items, itemsDone, itemsFailed }: JobRecord): { perSecond?: number; secondsLeft?: number } {
    const known = this.#readings.get(id) ?? { left: new TimeLeft(), seen: [] };
    this.#readings.set(id, known);
    const now = performance.now();
    const done = itemsDone + itemsFailed;
    known.left.read(done, now);
    known.seen.push({ done, at: now });
    if (known.seen.length > 60) known.seen.shift();
    const first = known.seen[0]!;
    const secondsLeft = known.left.secondsTo(items);
    if (now === first.at || done === first.done) return {};
    const perSecond = (1000 * (done - first.done)) / (now - first.at);
    return { perSecond, ...(secondsLeft === undefined ? {} : { secondsLeft }) };
  }
}

/** Lines that replace one another on a terminal; elsewhere those that have changed follow one another. */
class Screen {
  #last: readonly string[] = [];

  show(lines: readonly string[]): void {
    const shown = lines.map(printableLine);
    const isTerminal = process.stdout.isTTY === true;
    if (isTerminal && this.#last.length > 0) process.stdout.write(`\x1b[${this.#last.length}A\x1b[J`);
    const fresh = isTerminal ? shown : shown.filter((line) => !this.#last.includes(line));
    if (fresh.length > 0) process.stdout.write(`${fresh.join('\n')}\n`);
    this.#last = shown;
  }
}
