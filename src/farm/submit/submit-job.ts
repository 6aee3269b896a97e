/** Submits a job: makes it known, then queues its tasks as the queue takes them. Whoever dies here goes on with the same call. */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { DatasetError, expected, InterruptedError } from '../../system/errors.ts';
import { ownVersion } from '../../system/own-version.ts';
import { openProcessFolder } from '../../system/process-folder.ts';
import type { Kind, TaskContext } from '../kinds/kind.ts';
import type { Farm, TaskEnvelope } from '../queue/farm.ts';
import type { FarmJobState, JobRecord } from '../queue/job-records.ts';
import { demandOf, queueName } from '../queue/needs.ts';
import { FarmError } from '../queue/redis.ts';
import { lackOf, liveWorkers } from '../queue/workers.ts';
import { OWN } from '../store/key.ts';
import { requireMark } from '../store/root-mark.ts';
import type { Store } from '../store/store.ts';
import type { CallData } from './call-data.ts';

/** Tasks that are queued with one command. */
const AT_ONCE = 50;
/** Tasks that may wait before no more are queued. */
const MOST_WAITING = 2000;
/** Tasks of a job that may have failed before no more are queued: each is kept, with its reason, to be tried again. */
const MOST_FAILED = 1000;
/** Milliseconds between two looks whether there is room again. */
const LOOK = 100;

export interface Submission {
  readonly kind: Kind<unknown>;
  readonly call: CallData;
  readonly store: Store;
  /** Workers must have them. */
  readonly tags: readonly string[];
  /** Begins a finished job anew. */
  readonly again: boolean;
  readonly signal: AbortSignal;
  /** Tasks that may wait in a queue before no more are added. Defaults to 2,000. */
  readonly mostWaiting?: number;
  /** Tasks of the job that may have failed. Defaults to 1,000. */
  readonly mostFailed?: number;
  /** Called when tasks have been queued, and while the queue is full. */
  readonly onProgress?: (tasks: number, items: number, isFull: boolean) => void;
}

export interface SubmittedJob {
  readonly id: string;
  readonly state: FarmJobState;
  /** False where this very job was known already. */
  readonly isNew: boolean;
  readonly tasks: number;
  readonly items: number;
  /** What all workers that are there now lack for its last tasks (`lackOf`). */
  readonly lack?: string;
}

/** States of jobs of which everything is queued. */
const QUEUED: readonly FarmJobState[] = ['running', 'joining', 'done', 'failed'];

/**
 * @throws {ConfigError} data that no command line could have made, or nothing to do. {FarmError} all workers are of another version.
 * {InterruptedError} the signal was aborted: the same call goes on. What the kind throws.
 */
export async function submitJob(farm: Farm, submission: Submission): Promise<SubmittedJob> {
  const { kind, call, store, tags, again, signal } = submission;
  const data = kind.check(call.data);
  const version = ownVersion();
  await requireVersion(farm, version);
  const id = await jobId(kind.name, version, call, store);
  const before = await farm.records.find(id);
  const isOver = before !== undefined && before.finished !== undefined;
  if (before !== undefined && QUEUED.includes(before.state) && !(again && isOver)) {
    // Whoever has submitted it may have died before it was seen that all is done.
    const state = isOver
      ? before.state
      : await farm.advance({ job: id, index: 0, kind: kind.name }, before.queue);
    return answerOf({ ...before, state }, false);
  }
  const scratch = await openProcessFolder('farm-submit');
  const context: TaskContext = { store, scratch, signal, threads: 1, onProgress: () => undefined };
  let isOurs = false;
  try {
    // A job that goes on has written there itself.
    if (before === undefined || isOver) await kind.admit?.(data, context);
    if (isOver) await farm.records.forget(id);
    const root = await requireMark(store, (drawn) => farm.agreedMark(drawn));
    const known = { id, kind: kind.name, version, tags, data: call.data, root };
    isOurs = await farm.records.create({ ...known, joins: kind.join !== undefined });
    const { tasks, items, last } = await queueTasks(farm, id, kind.split(data, context), submission);
    if (last === undefined) {
      await farm.records.forget(id);
      throw new DatasetError(
        expected(`something to do in ${store.url}`, 'nothing', 'name other files or folders'),
      );
    }
    await farm.records.changeState(id, 'running', ['submitting']);
    const state = await farm.advance({ job: id, index: 0, kind: kind.name }, last);
    const lack = lackOf(await liveWorkers(farm.redis), last);
    const isNew = before === undefined || isOver;
    return { id, state, isNew, tasks, items, ...(lack === undefined ? {} : { lack }) };
  } catch (error) {
    // What was refused before anything was queued is no job; another may be at the same.
    if (isOurs && (await farm.records.find(id))?.tasks === 0) await farm.records.forget(id);
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** SHA-256 of what decides what a job makes: program, options, and the files by name, length and time or tag. */
async function jobId(
  kind: string,
  version: string,
  { data, inputs, outputs }: CallData,
  store: Store,
): Promise<string> {
  const hash = createHash('sha256');
  const sorted = Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
  hash.update(JSON.stringify([kind, version, sorted]));
  for (const input of inputs) {
    const within = input === '/' ? '' : input;
    // What is painted into one of the folders read does not make it another job.
    const written = outputs.filter((out) => out.endsWith('/') && out !== input && out.startsWith(within));
    for await (const { key, bytes, version: ofFile } of store.list(within)) {
      const isOurs = [`${OWN}/`, ...written].some((place) => key.startsWith(place) && key !== input);
      if ((key === input || input.endsWith('/')) && !isOurs) hash.update(`${key}\0${bytes}\0${ofFile}\0`);
    }
  }
  return `${kind}-${hash.digest('hex').slice(0, 16)}`;
}

async function queueTasks(
  farm: Farm,
  id: string,
  split: ReturnType<Kind<unknown>['split']>,
  submission: Submission,
): Promise<{ readonly tasks: number; readonly items: number; readonly last: string | undefined }> {
  const { kind, tags, signal, onProgress = () => undefined } = submission;
  const { mostWaiting = MOST_WAITING, mostFailed = MOST_FAILED } = submission;
  const version = ownVersion();
  const atOnce = Math.min(AT_ONCE, mostWaiting);
  let [tasks, items] = [0, 0];
  let last: string | undefined;
  let pending: { readonly queue: string; readonly envelope: TaskEnvelope }[] = [];
  const flush = async () => {
    const done = await farm.records.areDone(
      id,
      pending.map(({ envelope }) => envelope.index),
    );
    const missing = pending.filter((_, i) => !done[i]);
    for (const queue of new Set(missing.map((one) => one.queue))) {
      const envelopes = missing.filter((one) => one.queue === queue).map(({ envelope }) => envelope);
      while (!(await hasRoom(farm, queue, mostWaiting - envelopes.length))) {
        await requireFewFailures(farm, id, mostFailed);
        onProgress(tasks, items, true);
        await setTimeout(LOOK, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) throw stopped(tasks);
      }
      await requireFewFailures(farm, id, mostFailed);
      await farm.add(queue, envelopes);
    }
    await farm.records.queued(id, tasks, items, pending.at(-1)!.queue);
    pending = [];
    onProgress(tasks, items, false);
  };
  for await (const task of split) {
    if (signal.aborted) throw stopped(tasks);
    last = queueName(demandOf(kind.name, version, task.needs, tags));
    const count = task.items ?? 1;
    const envelope = { job: id, index: tasks, kind: kind.name, task: task.data, items: count };
    pending.push({ queue: last, envelope });
    tasks++;
    items += count;
    if (pending.length === atOnce) await flush();
  }
  if (pending.length > 0) await flush();
  return { tasks, items, last };
}

/** Whether a queue has room: a million photos would fill Redis. @param most tasks that may wait in it, those included that are tried later. */
async function hasRoom(farm: Farm, queue: string, most: number): Promise<boolean> {
  const { waiting = 0, delayed = 0 } = await farm.queue(queue).getJobCounts('waiting', 'delayed');
  return waiting + delayed <= most;
}

/** @throws {FarmError} more of a job would fail in the same way, and what has failed is kept. */
async function requireFewFailures(farm: Farm, id: string, most: number): Promise<void> {
  const failed = await farm.records.failureCount(id);
  if (failed < most) return;
  throw new FarmError(
    expected(
      `fewer than ${most} failed tasks of ${id}`,
      failed,
      `see fast-style farm status ${id}; after fast-style farm retry ${id} the same command goes on`,
    ),
  );
}

function stopped(tasks: number): InterruptedError {
  return new InterruptedError(`Stopped after ${tasks} tasks; the same command goes on.`);
}

/** @throws {FarmError} there are workers, and none of this version. */
async function requireVersion(farm: Farm, version: string): Promise<void> {
  const workers = await liveWorkers(farm.redis);
  if (workers.length === 0 || workers.some((worker) => worker.version === version)) return;
  const others = [...new Set(workers.map((worker) => worker.version))].join(', ');
  throw new FarmError(
    expected(`workers of version ${version}`, others, 'use that version, or start such a worker'),
  );
}

function answerOf({ id, state, tasks, items }: JobRecord, isNew: boolean): SubmittedJob {
  return { id, state, isNew, tasks, items };
}
