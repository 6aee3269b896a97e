/** The parts of a report that are text: they are in the page as it is written, and need no script. */
import { escapeXml as text } from '../system/printable.ts';
import type { LogEvent } from './read-log.ts';
import type { RunDescription } from './run-description.ts';

/** A table with a heading for each row. */
export function table(rows: readonly (readonly [name: string, value: string])[]): string {
  const lines = rows.map(
    ([name, value]) => `<tr><th scope="row">${text(name)}</th><td>${text(value)}</td></tr>`,
  );
  return `<table><tbody>${lines.join('\n')}</tbody></table>`;
}

/** What the run started from, the settings of the last leg and, for each leg before, what was other than in the next. */
export function configuration({ config, legs }: RunDescription): string {
  const from = legs[0]?.from;
  const settings = Object.entries(config).map(([name, value]) => [name, valueText(value)] as const);
  const started =
    from === undefined
      ? []
      : [['started from', `${from.name}, after ${from.images.toLocaleString('en')} photos`] as const];
  const rows = [...started, ...settings];
  const history = legs.slice(1).map((leg, i) => {
    const before = legs[i]!.config;
    const changed = Object.entries(leg.config)
      .filter(([name, value]) => valueText(before[name]) !== valueText(value))
      .map(([name, value]) => `${name} ${valueText(before[name])} → ${valueText(value)}`);
    return [`from step ${leg.step}`, changed.join('; ') || 'as before'] as const;
  });
  const legsTable = history.length === 0 ? '' : `<h3>Changed on the way</h3>${table(history)}`;
  return `${table(rows)}${legsTable}`;
}

/** Values as options have them: `relu3_2:0.2,relu4_2:0.8`. */
export function valueText(value: unknown): string {
  if (value === undefined) return '–';
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return typeof value === 'string' ? value : JSON.stringify(value);
  return Object.entries(value)
    .map(([name, each]) => `${name}:${valueText(each)}`)
    .join(',');
}

/** What an event says, for people. */
export function eventText({ event, details }: LogEvent): string {
  const of = (name: string) => valueText(details[name]);
  switch (event) {
    case 'resumed':
      return 'Resumed';
    case 'rolled back':
      return `Rolled back to step ${of('to')}, on with ${of('learningRateFactor')} times the learning rate: ${of('reason')}`;
    case 'gave up':
      return `Gave up: ${of('reason')}`;
    case 'memory':
      return `Memory: ${of('text')}`;
    case 'ended': {
      const how = { done: 'Done', stopped: 'Stopped, to be gone on with', failed: 'Failed' }[of('as')];
      return details.text === undefined ? (how ?? 'Ended') : `${how ?? 'Ended'}: ${of('text')}`;
    }
    default:
      return `${event} ${Object.keys(details).length > 0 ? valueText(details) : ''}`.trim();
  }
}

/** Whether an event is trouble. */
export function isTrouble({ event, details }: LogEvent): boolean {
  return ['rolled back', 'gave up', 'memory'].includes(event) || details.as === 'failed';
}

/** Events that a page shows, the newest. */
export const MOST_EVENTS = 500;

/** Events with step and time, the newest first. */
export function eventTable(events: readonly LogEvent[]): string {
  if (events.length === 0) return '<p class="faint">Nothing out of the ordinary.</p>';
  const rows = events
    .slice(-MOST_EVENTS)
    .toReversed()
    .map((event) => {
      const [day = '', time = ''] = event.time.split('T');
      const when = `<time datetime="${text(event.time)}">${text(`${day} ${time.slice(0, 8)}`)}</time>`;
      return `<tr><td class="nowrap">${event.step}</td><td class="nowrap">${when}</td><td>${text(eventText(event))}</td></tr>`;
    });
  const head = '<tr><th scope="col">Step</th><th scope="col">Time (UTC)</th><th scope="col">Event</th></tr>';
  const earlier = events.length - rows.length;
  const more = earlier === 0 ? '' : `<p class="faint">${earlier} earlier ones are in the log.</p>`;
  return `<table><thead>${head}</thead><tbody>${rows.join('\n')}</tbody></table>${more}`;
}
