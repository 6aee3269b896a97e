/** What people do with jobs that have been submitted. */
import { expected } from '../../system/errors.ts';
import { type Farm, taskId } from './farm.ts';
import type { JobRecord, TaskFailure } from './job-records.ts';
import { FarmError } from './redis.ts';
import { askToDrain, liveWorkers, type WorkerFacts } from './workers.ts';

/** A farm at one moment. */
export interface FarmStatus {
  readonly jobs: readonly JobRecord[];
  readonly workers: readonly WorkerFacts[];
  readonly queues: readonly { readonly name: string; readonly waiting: number; readonly active: number }[];
}

export async function statusOf(farm: Farm): Promise<FarmStatus> {
  const jobs: JobRecord[] = [];
  for await (const job of farm.records.all()) jobs.push(job);
  const queues = [];
  for (const name of await farm.queueNames()) {
    const {
      waiting = 0,
      delayed = 0,
      active = 0,
    } = await farm.queue(name).getJobCounts('waiting', 'delayed', 'active');
    queues.push({ name, waiting: waiting + delayed, active });
  }
  return { jobs, workers: await liveWorkers(farm.redis), queues };
}

/** Versions of the program that jobs under way were submitted with, but for one's own. */
export async function otherVersions(farm: Farm, own: string): Promise<readonly string[]> {
  const versions = new Set<string>();
  for await (const { version, finished, state } of farm.records.all())
    if (finished === undefined && state !== 'cancelled' && version !== own) versions.add(version);
  return [...versions].sort();
}

/**
 * Ends a job: tasks under way are stopped within seconds, those that wait are dropped when their turn comes. What is painted stays.
 *
 * @throws {FarmError} there is no such job, or it is over.
 */
export async function cancelJob(farm: Farm, id: string): Promise<void> {
  const { state } = await farm.records.require(id);
  if (await farm.records.cancel(id)) return;
  throw new FarmError(expected('a job that is under way', `${id}, which is ${state}`));
}

/**
 * Queues the failed tasks of a job again.
 *
 * @returns how many. @throws {FarmError} there is no such job, or nothing of it has failed.
 */
export async function retryJob(farm: Farm, id: string): Promise<number> {
  const { failed, state } = await farm.records.require(id);
  if (failed === 0)
    throw new FarmError(expected('a job of which something has failed', `${id}, which is ${state}`));
  await farm.records.reopen(id);
  let count = 0;
  for await (const failure of farm.records.failures(id)) if (await retryTask(farm, id, failure)) count++;
  if (count === 0)
    throw new FarmError(
      expected(`failed tasks of ${id} in Redis`, 'none', 'submit the job once more with --again'),
    );
  await farm.ring();
  return count;
}

/** @returns false where Redis no longer has the task. */
async function retryTask(farm: Farm, id: string, { queue: name, index }: TaskFailure): Promise<boolean> {
  const job = await farm.queue(name).getJob(taskId(id, index));
  if (job === undefined) return false;
  if (await job.isFailed()) await farm.requeue(name, job);
  // After it: a failure that is off the list without being queued would never be done.
  await farm.records.forgive(id, index);
  return true;
}

/**
 * Asks workers to finish their tasks and end.
 *
 * @param id of one, or all. @returns how many were asked. @throws {FarmError} there is no such worker.
 */
export async function drainWorkers(farm: Farm, id: string | undefined): Promise<number> {
  const all = (await liveWorkers(farm.redis)).map((worker) => worker.id);
  if (id !== undefined && !all.includes(id))
    throw new FarmError(
      expected('the id of a worker', id, all.length === 0 ? 'there is none' : `there are ${all.join(', ')}`),
    );
  const asked = id === undefined ? all : [id];
  await askToDrain(farm.redis, asked);
  return asked.length;
}
