/** What becomes of a task that has been tried: counted in the job's record first, then taken off BullMQ's list. */
import { ConfigError, FastStyleError } from '../../system/errors.ts';
import { isCount, isRecord } from '../../system/json-text.ts';
import type { ItemsDone } from '../kinds/kind.ts';
import { type Farm, type TaskEnvelope, type TaskJob, TRIES } from '../queue/farm.ts';
import { type FarmJobState, JOIN, type TaskFailure } from '../queue/job-records.ts';
import { ProcessDiedError } from './task-runner.ts';

/** Failed items whose reasons are kept of one task. */
const MOST_ITEMS = 100;

/** A task in a worker's hands. */
export interface TakenTask {
  readonly queue: string;
  readonly job: TaskJob;
  readonly envelope: TaskEnvelope;
  /** Whose it is, to BullMQ. */
  readonly token: string;
}

/** Counts a task as done, or as failed with the items that it says have failed. @param joins its result is kept. */
export async function concludeTask(
  farm: Farm,
  taken: TakenTask,
  result: unknown,
  joins: boolean,
): Promise<'done' | 'failed'> {
  const { envelope, job, token, queue } = taken;
  const { job: id, index, items } = envelope;
  const { done, failed } = itemsOf(result) ?? { done: items, failed: [] };
  if (failed.length > 0) {
    const reason =
      failed.length === 1 ? `${failed[0]!.item}: ${failed[0]!.reason}` : `${failed.length} of ${items}`;
    return giveUp(farm, taken, {
      ...{ index, queue, name: failed[0]!.item, reason, done, failed: failed.length },
      items: failed.slice(0, MOST_ITEMS),
    });
  }
  if (index === JOIN) await farm.records.note(id, notesOf(result));
  await farm.records.finishTask(
    id,
    index,
    index === JOIN ? { done: 0 } : { done, ...(joins ? { result } : {}) },
  );
  await farm.advance(envelope, queue);
  await job.moveToCompleted(null, token, false);
  return 'done';
}

/** Has a task tried again, or counts it as failed: after its last try, or where no other would end otherwise. */
export async function failTask(farm: Farm, taken: TakenTask, error: Error): Promise<'retried' | 'failed'> {
  const { envelope, job, token, queue } = taken;
  const { index, items } = envelope;
  if (error instanceof ProcessDiedError)
    await job.updateData({ ...envelope, deaths: [...(envelope.deaths ?? []), error.done] });
  const isFinal = error instanceof ConfigError || job.deferredFailure !== undefined;
  if (job.attemptsMade + 1 < TRIES && !isFinal) {
    await job.moveToFailed(error, token, false);
    return 'retried';
  }
  const isUsers = error instanceof FastStyleError || error instanceof ProcessDiedError;
  const reason = isUsers ? error.message : (error.stack ?? error.message);
  const failed = index === JOIN ? 0 : items;
  return giveUp(farm, taken, { index, queue, name: nameOf(envelope), reason, done: 0, failed });
}

async function giveUp(
  farm: Farm,
  { envelope, job, token, queue }: TakenTask,
  failure: TaskFailure,
): Promise<'failed'> {
  const { job: id, index } = envelope;
  await farm.records.finishTask(id, index, failure);
  await farm.advance(envelope, queue);
  await job.moveToFailed(farm.finalFailure(failure.reason), token, false);
  // Whoever was as quick as to have it tried again could not queue what was still in these hands.
  const { state } = await farm.records.stateOfTask(id, index);
  if (isWanted(state) && !(await farm.records.isFailed(id, index))) await farm.requeue(queue, job);
  return 'failed';
}

/** A task that is not to be done any more, or has been done: gone, and counted by nobody. */
export async function dropTask(farm: Farm, { envelope, job, token, queue }: TakenTask): Promise<void> {
  await farm.advance(envelope, queue);
  await job.moveToCompleted(null, token, false);
  // The job may have been submitted again meanwhile, which left a task alone that was still in these hands.
  const { state, isDone } = await farm.records.stateOfTask(envelope.job, envelope.index);
  if (isWanted(state) && !isDone) await farm.add(queue, [envelope]);
}

/** Whether a job's tasks are to be done. */
export const isWanted = (state: FarmJobState | undefined): boolean =>
  state !== undefined && state !== 'cancelled';

function nameOf({ index, kind }: TaskEnvelope): string {
  return index === JOIN ? `${kind}, putting together` : `${kind}, task ${index + 1}`;
}

function notesOf(result: unknown): readonly string[] {
  const notes: unknown = isRecord(result) ? result.notes : undefined;
  return Array.isArray(notes) ? notes.map(String) : [];
}

function itemsOf(result: unknown): ItemsDone | undefined {
  if (!isRecord(result) || !isCount(result.done) || !Array.isArray(result.failed)) return undefined;
  return result as unknown as ItemsDone;
}
