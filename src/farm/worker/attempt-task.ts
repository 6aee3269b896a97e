/** One try of a task in a worker's hands, from the question whether it is still wanted to what became of it. */
import { FileError, InterruptedError } from '../../system/errors.ts';
import { isCount, isRecord } from '../../system/json-text.ts';
import { type Farm, TRIES } from '../queue/farm.ts';
import { JOIN } from '../queue/job-records.ts';
import { parseQueueName } from '../queue/needs.ts';
import type { Logger } from './log.ts';
import type { RootGate } from './root-gate.ts';
import { concludeTask, dropTask, failTask, isWanted, type TakenTask } from './task-outcome.ts';

/** What became of a task that was taken, and why. */
export interface TaskOutcome {
  readonly became: 'done' | 'failed' | 'retried' | 'dropped' | 'handed back';
  readonly error?: Error;
}

/** Who tries it. */
export interface Attempting {
  readonly farm: Farm;
  readonly root: RootGate;
  /** Milliseconds after which the task is another's unless its lock is renewed. */
  readonly lock: number;
  /** The worker hands back what it has. */
  readonly stop: AbortSignal;
  readonly log: Logger;
  /** Does the task. The signal comes when it is not to be gone on with. */
  readonly run: (signal: AbortSignal) => Promise<unknown>;
}

/** @throws {Error} Redis is away, or the lock was lost: whoever finds the task takes it up again. */
export async function attemptTask(attempting: Attempting, taken: TakenTask): Promise<TaskOutcome> {
  const { farm, root, lock, stop: stopAll } = attempting;
  const { job, token } = taken;
  const fault = faultOf(taken);
  if (fault !== undefined) {
    await job.moveToFailed(farm.finalFailure(fault), token, false);
    return { became: 'failed', error: new Error(fault) };
  }
  const { job: id, index } = taken.envelope;
  const { state, isDone, joins, root: mark } = await farm.records.stateOfTask(id, index);
  if (isDone || !isWanted(state)) {
    await dropTask(farm, taken);
    return { became: 'dropped' };
  }
  if (job.deferredFailure !== undefined) {
    const error = new InterruptedError(`Its worker ended in the middle of it, ${TRIES} times.`);
    return { became: await failTask(farm, taken, error), error };
  }
  const handedBack = await withoutRoot(root, taken, mark);
  if (handedBack !== undefined) return handedBack;
  const stop = new AbortController();
  // Not `AbortSignal.any`, which Node may keep for as long as the worker's own signal lives: a worker has a million tasks.
  const onStopAll = () => stop.abort();
  stopAll.addEventListener('abort', onStopAll, { once: true });
  if (stopAll.aborted) onStopAll();
  const renewing = setInterval(() => renew(attempting, taken, stop), lock / 3);
  try {
    const result = await attempting.run(stop.signal);
    // With a volume that has gone meanwhile goes what was written.
    const gone = await withoutRoot(root, taken, mark);
    return gone ?? { became: await concludeTask(farm, taken, result, joins) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (stopAll.aborted) {
      await job.moveToWait(token);
      return { became: 'handed back' };
    }
    if (stop.signal.aborted) {
      await dropTask(farm, taken);
      return { became: 'dropped' };
    }
    const gone = await withoutRoot(root, taken, mark);
    return gone ?? { became: await failTask(farm, taken, error), error };
  } finally {
    clearInterval(renewing);
    stopAll.removeEventListener('abort', onStopAll);
  }
}

/** Hands a task back where the root is not there, or not that of its job: it would fail for want of its files. */
async function withoutRoot(
  root: RootGate,
  { job, token }: TakenTask,
  mark: string | undefined,
): Promise<TaskOutcome | undefined> {
  const lack = await root.lackFor(mark);
  if (lack === undefined) return undefined;
  await job.moveToWait(token);
  return { became: 'handed back', error: new FileError(lack) };
}

/** Keeps the task this worker's; stops it where it is so no more, or where its job was cancelled. */
async function renew(
  { farm, lock, log }: Attempting,
  { job, token, envelope, queue }: TakenTask,
  stop: AbortController,
): Promise<void> {
  try {
    const isOurs = (await job.extendLock(token, lock)) !== 0;
    // A lock that has run out while Redis or this machine was away is no loss until another takes the task.
    if (!isOurs && (await farm.isHeld(queue, envelope))) stop.abort();
    const { state } = await farm.records.stateOfTask(envelope.job, envelope.index);
    if (!isWanted(state)) stop.abort();
  } catch (error) {
    log.warn({ task: job.id, reason: String(error) }, 'the lock cannot be renewed');
  }
}

/** What is wrong with a task that this program has not queued. */
function faultOf({ envelope, queue }: TakenTask): string | undefined {
  const demand = parseQueueName(queue)!;
  if (!isRecord(envelope)) return 'It is no task of fast-style.';
  const { job, index, kind, items, deaths = [] } = envelope as unknown as Readonly<Record<string, unknown>>;
  const isSound =
    typeof job === 'string' &&
    /^[a-z]+-[0-9a-f]{16}$/.test(job) &&
    (isCount(index) || index === JOIN) &&
    isCount(items) &&
    Array.isArray(deaths) &&
    deaths.every(isCount);
  if (!isSound) return 'It is no task of fast-style.';
  return kind === demand.kind ? undefined : `It is of kind ${String(kind)}, in a queue for ${demand.kind}.`;
}
