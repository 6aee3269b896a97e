import { isRecord, jsonOrNothing } from '../system/json-text.ts';

/** A line of the log with numbers: by name, those of layers as `styleLayers/relu1_1`, those of held-out photos as `heldOut/style`. */
export interface LogPoint {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
  /** ISO 8601, or empty. */
  readonly time: string;
}

/** A line of the log that says what happened. Its other members are as the log has them. */
export interface LogEvent {
  readonly step: number;
  readonly event: string;
  /** ISO 8601, or empty. */
  readonly time: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface RunLog {
  /** In the order of their steps: what a roll-back has undone is left out. */
  readonly points: readonly LogPoint[];
  readonly events: readonly LogEvent[];
  /** Lines that are none of both. */
  readonly unreadable: number;
  /** The furthest step that is known to be valid, and when the last line was written. */
  readonly step: number;
  readonly time: string;
}

/** Reads the text of a run's log (`log.jsonl`), whatever has happened to it, in a time that grows as its length does. */
export function readLog(text: string): RunLog {
  const points: LogPoint[] = [];
  const events: LogEvent[] = [];
  let unreadable = 0;
  let [step, time] = [0, ''];
  // Steps grow along the points: what is after a step is at their end.
  const undo = (isUndone: (point: LogPoint) => boolean) => {
    while (points.length > 0 && isUndone(points.at(-1)!)) points.pop();
  };
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const record = parsed(line);
    if (record === undefined) {
      unreadable += 1;
      continue;
    }
    const at = record.step as number;
    time = textOf(record.time) || time;
    step = at;
    if (typeof record.event === 'string') {
      const { step: _, event, time: when, ...details } = record;
      events.push({ step: at, event: record.event, time: textOf(when), details });
      const { to } = details;
      if (typeof to === 'number') {
        undo((point) => point.step > to);
        step = to;
      }
    } else {
      // A log that was put together by hand may say a step twice: the later holds.
      undo((point) => point.step >= at);
      points.push({ step: at, values: numbersOf(record), time: textOf(record.time) });
    }
  }
  return { points, events, unreadable, step, time };
}

function parsed(line: string): Record<string, unknown> | undefined {
  const value = jsonOrNothing(line);
  if (!isRecord(value) || !Number.isFinite(value.step)) return undefined;
  return typeof value.event === 'string' || Number.isFinite(value.total) ? value : undefined;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

/** The numbers of a line by name, as a `LogPoint` has them. */
export function numbersOf({ step: _, ...record }: Readonly<Record<string, unknown>>): Record<string, number> {
  const entries = Object.entries(record).flatMap(([name, value]) =>
    (name.endsWith('Layers') || name === 'heldOut') && isRecord(value)
      ? Object.entries(value).map(([part, loss]) => [`${name}/${part}`, loss] as const)
      : [[name, value] as const],
  );
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => Number.isFinite(entry[1])));
}

/**
 * Decides for what was written after a step at a time (ms) whether it still belongs to the run: not if the run went back to before that step
 * later on.
 */
export function standing({ events }: RunLog): (step: number, writtenAt: number) => boolean {
  const returns = events
    .flatMap(({ event, step, time, details }) => {
      const to = event === 'resumed' ? step : event === 'rolled back' ? details.to : undefined;
      const at = Date.parse(time);
      return typeof to === 'number' && !Number.isNaN(at) ? [{ to, at }] : [];
    })
    .sort((a, b) => a.at - b.at);
  /** How far back the run went at a return or at any later one. */
  const furthest = new Float64Array(returns.length + 1).fill(Number.POSITIVE_INFINITY);
  for (let i = returns.length - 1; i >= 0; i--) furthest[i] = Math.min(returns[i]!.to, furthest[i + 1]!);
  return (step, writtenAt) => {
    let [low, high] = [0, returns.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (returns[middle]!.at > writtenAt) high = middle;
      else low = middle + 1;
    }
    return step <= furthest[low]!;
  };
}
