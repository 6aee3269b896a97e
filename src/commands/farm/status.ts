/** `farm status`: jobs, workers and queues at one moment; of one job, what has failed. */
import type { FarmStatus } from '../../farm/queue/control.ts';
import type { JobRecord, TaskFailure } from '../../farm/queue/job-records.ts';
import { printableLine } from '../../system/printable.ts';

/** `1 task`, `2 tasks`. @param noun with a plural in s. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A line for each job, worker and queue. */
export function statusText({ jobs, workers, queues }: FarmStatus): string {
  const lines = jobs.length === 0 ? ['No jobs.'] : jobs.map(jobLine);
  lines.push(workers.length === 0 ? 'No workers.' : `${counted(workers.length, 'worker')}:`);
  for (const { id, version, cores, memory, busy, concurrency, kinds, tags, isDraining, trouble } of workers) {
    const has = [
      counted(cores, 'core'),
      `${(memory / 1e9).toFixed(1)} GB`,
      ...tags,
      `version ${version}`,
    ].join(', ');
    const state = isDraining ? 'draining' : busy === 0 ? 'idle' : `${busy} of ${concurrency} busy`;
    lines.push(`  ${id}: ${state}; ${has}; ${kinds.join(', ')}`);
    if (trouble !== undefined) lines.push(`    waits: ${trouble}`);
  }
  for (const { name, waiting, active } of queues)
    if (waiting + active > 0) lines.push(`  ${name}: ${waiting} waiting, ${active} under way`);
  return lines.map(printableLine).join('\n');
}

/** What is done and left of a job, in a line. */
export function jobLine({
  id,
  state,
  items,
  itemsDone,
  itemsFailed,
  tasks,
  done,
  failed,
}: JobRecord): string {
  const failures = itemsFailed > 0 || failed > 0 ? `, ${Math.max(itemsFailed, failed)} failed` : '';
  return `${id}: ${state}, ${itemsDone} of ${items} done${failures} (${done} of ${counted(tasks, 'task')})`;
}

/** What there is to know of what a job has made: a line for each. */
export const noteLines = ({ notes }: JobRecord): readonly string[] =>
  notes.map((note) => printableLine(`  ${note}`));

/** What failed, with the reasons: a line for each. */
export function failureLines({ name, reason, items }: TaskFailure): readonly string[] {
  if (items === undefined) return [printableLine(`  ${name}: ${reason}`)];
  return items.map((one) => printableLine(`  ${one.item}: ${one.reason}`));
}
