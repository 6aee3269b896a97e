/** `--json`: what happens as a JSON object per line on standard output. Members stay as they are: scripts read them. */
import type { RunWatcher } from '../../train/run/run-news.ts';

/** Least milliseconds between two lines of steps. */
const STEP_MS = 1000;

export function printJson(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Prints all news: of steps one a second at the most, the first and the last always. @param steps of the whole run. */
export function jsonWatcher(steps: number): RunWatcher {
  let said = Number.NEGATIVE_INFINITY;
  return (news) => {
    const now = performance.now();
    if (news.event === 'step' && now - said < STEP_MS && news.step !== steps) return;
    if (news.event === 'step') said = now;
    const { event, step, ...rest } = news;
    printJson({ event, step, ...(event === 'step' ? { steps } : {}), ...rest });
  };
}
