/** The one importer of cli-progress: a bar on a terminal, a line now and then elsewhere (logs stay readable). */
import { createRequire } from 'node:module';
import type * as cliProgress from 'cli-progress';
import { duration } from '../../system/duration.ts';
import { printableLine } from '../../system/printable.ts';
import { say } from './say.ts';

export interface ProgressBar {
  /** @param value what is done so far, in the units of `total`. @param note short text shown after the bar. */
  update(value: number, note?: string): void;
  setTotal(total: number): void;
  /** Writes a line of its own. */
  say(line: string): void;
  /** Leaves the bar as it is; idempotent. */
  stop(): void;
}

export interface ProgressBarOptions {
  readonly label: string;
  readonly total: number;
  /** What was done before the bar starts, as in a resumed run. Defaults to 0. */
  readonly initial?: number;
  /** How a count is shown, for instance bytes as MB. Defaults to whole numbers. */
  readonly show?: (value: number) => string;
  /** Shows lines said, and nothing else. Defaults to false. */
  readonly isSilent?: boolean;
  /** Milliseconds between lines where stderr is no terminal. Defaults to 10,000. */
  readonly lineEveryMs?: number;
}

/** Starts a progress bar on stderr. Standard output stays free for results. */
export function progressBar({
  label,
  total,
  initial = 0,
  show = (v) => String(Math.round(v)),
  lineEveryMs = 10_000,
  isSilent = false,
}: ProgressBarOptions): ProgressBar {
  if (isSilent) return lineProgress(label, total, show, Number.POSITIVE_INFINITY);
  if (!process.stderr.isTTY) return lineProgress(label, total, show, lineEveryMs);
  // Not before: every command would begin later, most of them without a bar.
  const { Presets, SingleBar } = createRequire(import.meta.url)('cli-progress') as typeof cliProgress;
  const bar = new SingleBar(
    {
      stream: process.stderr,
      hideCursor: false, // an interrupted run must not leave a terminal without a cursor
      fps: 5,
      stopOnComplete: false,
      format: `${label} {bar} {percentage}% {shown}{left} {note}`,
    },
    Presets.shades_classic,
  );
  let wanted = total;
  let stopped = false;
  const shown = (value: number) => `${show(value)}/${show(wanted)}`;
  // Not the package's own estimate, which counts the first step, too.
  const timeLeft = new TimeLeft();
  bar.start(total, initial, { note: '', shown: shown(initial), left: '' });
  return {
    update: (value, note = '') => {
      timeLeft.read(value, performance.now());
      const left = leftText(timeLeft, wanted);
      bar.update(value, { note: printableLine(note), shown: shown(value), left });
    },
    setTotal: (next) => {
      wanted = next;
      bar.setTotal(next);
    },
    // The bar's own line is cleared, and drawn again below at its next turn.
    say: (line) => process.stderr.write(`\r\x1b[K${printableLine(line)}\n`),
    stop: () => {
      if (!stopped) bar.stop();
      stopped = true;
    },
  };
}

function leftText(timeLeft: TimeLeft, total: number): string {
  const seconds = timeLeft.secondsTo(total);
  return seconds === undefined ? '' : `, ${duration(seconds)} left`;
}

function lineProgress(
  label: string,
  total: number,
  show: (v: number) => string,
  everyMs: number,
): ProgressBar {
  const timeLeft = new TimeLeft();
  let last = performance.now();
  let wanted = total;
  return {
    update(value, note = '') {
      const now = performance.now();
      timeLeft.read(value, now);
      if (now - last < everyMs) return;
      last = now;
      say(`${label} ${show(value)}/${show(wanted)}${leftText(timeLeft, wanted)}${note ? ` ${note}` : ''}`);
    },
    setTotal(next) {
      wanted = next;
    },
    say,
    stop() {},
  };
}

/** Readings that the pace is taken over. */
const READINGS = 100;

/**
 * The time left, by the pace of the last readings. The pace begins at the first of them and not before: what the first step
 * takes, in which graphs are compiled and memory is found, says nothing of the others.
 */
export class TimeLeft {
  readonly #readings: { readonly value: number; readonly at: number }[] = [];

  /** @param value what is done. @param at milliseconds of any clock. */
  read(value: number, at: number): void {
    this.#readings.push({ value, at });
    if (this.#readings.length > READINGS) this.#readings.shift();
  }

  /** Seconds up to `total`; undefined as long as nothing is known. */
  secondsTo(total: number): number | undefined {
    const [first, last] = [this.#readings[0], this.#readings.at(-1)];
    if (first === undefined || last === undefined || last.value <= first.value) return undefined;
    const each = (last.at - first.at) / 1000 / (last.value - first.value);
    return Math.max(0, each * (total - last.value));
  }
}
