/**
 * What Redis knows of each job, besides its tasks in BullMQ's queues: a hash, a bit for each finished task, the failures with their
 * reasons. A million tasks are 125 kB. Every change is one script, so that a process that dies between two changes leaves
 * nothing counted twice.
 */
import { expected } from '../../system/errors.ts';
import { parseJson } from '../../system/json-text.ts';
import { FarmError, PREFIX, type Redis } from './redis.ts';

/** `joining`: all tasks are done and a worker puts their results together. */
export type FarmJobState = 'submitting' | 'running' | 'joining' | 'done' | 'failed' | 'cancelled';

export interface JobRecord {
  readonly id: string;
  readonly kind: string;
  readonly state: FarmJobState;
  /** Of the program that submitted it. */
  readonly version: string;
  readonly tags: readonly string[];
  readonly data: unknown;
  /** Mark of the root that it was submitted with; undefined where nobody has said it. */
  readonly root: string | undefined;
  /** Tasks queued so far; all of them once it is no longer `submitting`. */
  readonly tasks: number;
  readonly done: number;
  /** Tasks that have failed for good. */
  readonly failed: number;
  /** Photos, frames, steps: what the kind counts. */
  readonly items: number;
  readonly itemsDone: number;
  readonly itemsFailed: number;
  /** In which its last tasks wait; empty while nothing is queued. */
  readonly queue: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly finished: number | undefined;
  /** What there is to know of what it has made, a line each: of a film, what is not as in its source. */
  readonly notes: readonly string[];
}

/** One thing that could not be done, as a photo, and why. */
export interface FailedItem {
  readonly item: string;
  readonly reason: string;
}

/** A task that has failed for good. */
export interface TaskFailure {
  readonly index: number;
  readonly queue: string;
  readonly name: string;
  readonly reason: string;
  /** Items of the task that were done all the same, and that were not. */
  readonly done: number;
  readonly failed: number;
  /** What failed of the task, where it says so; the first hundred. */
  readonly items?: readonly FailedItem[];
}

/** A task, and the job it is of. */
export interface TaskState {
  /** Not defined where nobody knows the job. */
  readonly state: FarmJobState | undefined;
  /** Mark of the root that the job was submitted with. */
  readonly root: string | undefined;
  /** Whether results are put together in the end. */
  readonly joins: boolean;
  readonly isDone: boolean;
}

/** Seconds that a finished job is remembered; until then the same job submitted again is that job. */
export const REMEMBERED = 30 * 24 * 3600;

export const keyOfJob = (id: string, part?: string): string =>
  `${PREFIX}:job:${id}${part === undefined ? '' : `:${part}`}`;
const JOBS = `${PREFIX}:jobs`;
/** Index of the task that puts results together. */
export const JOIN = -1;

/**
 * KEYS: the job, its bits, failures, results. ARGV: index, items done, items failed, failure or '', result or ''. What a task of a cancelled
 * job leaves expires with the job.
 */
const FINISH_TASK = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local index = tonumber(ARGV[1])
if index >= 0 and redis.call('GETBIT', KEYS[2], index) == 1 then return 0 end
local before = redis.call('HGET', KEYS[3], ARGV[1])
if before then
  local counted = cjson.decode(before)
  redis.call('HINCRBY', KEYS[1], 'itemsDone', 0 - counted.done)
  redis.call('HINCRBY', KEYS[1], 'itemsFailed', 0 - counted.failed)
  redis.call('HDEL', KEYS[3], ARGV[1])
end
redis.call('HINCRBY', KEYS[1], 'itemsDone', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'itemsFailed', ARGV[3])
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[3], ARGV[1], ARGV[4])
elseif index >= 0 then
  redis.call('SETBIT', KEYS[2], index, 1)
  redis.call('HINCRBY', KEYS[1], 'done', 1)
end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[4], ARGV[1], ARGV[5]) end
local left = redis.call('TTL', KEYS[1])
if left >= 0 then for i = 2, 4 do redis.call('EXPIRE', KEYS[i], left) end end
return 1`;

/** KEYS: the job, its bits, failures, results. ARGV: milliseconds now, seconds it is remembered, whether the join is through. */
const SETTLE = `
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'running' and state ~= 'joining' and state ~= 'failed' then return state or '' end
local failed = redis.call('HLEN', KEYS[3])
local through = tonumber(redis.call('HGET', KEYS[1], 'done') or 0) + failed == tonumber(redis.call('HGET', KEYS[1], 'tasks') or 0)
if redis.call('HEXISTS', KEYS[3], '-1') == 1 then through = true end
if not through then return state end
local after = 'done'
if failed > 0 then after = 'failed'
elseif redis.call('HGET', KEYS[1], 'joins') == '1' and ARGV[3] == '0' then after = 'joining' end
redis.call('HSET', KEYS[1], 'state', after)
if after == 'joining' then return after end
redis.call('HSET', KEYS[1], 'finished', ARGV[1])
for i = 1, 4 do redis.call('EXPIRE', KEYS[i], ARGV[2]) end
return after`;

/** KEYS: the job, its bits, failures, results. ARGV: the index of a task that is tried again. */
const FORGIVE = `
local before = redis.call('HGET', KEYS[3], ARGV[1])
if not before then return end
local counted = cjson.decode(before)
redis.call('HINCRBY', KEYS[1], 'itemsDone', 0 - counted.done)
redis.call('HINCRBY', KEYS[1], 'itemsFailed', 0 - counted.failed)
redis.call('HDEL', KEYS[3], ARGV[1])`;

/** KEYS: the job. ARGV: the state it is to have, then those it may have now. */
const CHANGE_STATE = `
local state = redis.call('HGET', KEYS[1], 'state')
for i = 2, #ARGV do
  if state == ARGV[i] then
    redis.call('HSET', KEYS[1], 'state', ARGV[1])
    return 1
  end
end
return 0`;

const partsOf = (id: string) => [
  keyOfJob(id),
  ...['done', 'failures', 'results'].map((part) => keyOfJob(id, part)),
];

export class JobRecords {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Makes a job known. @returns false where it is known already. */
  async create(
    job: Pick<JobRecord, 'id' | 'kind' | 'version' | 'tags' | 'data' | 'root'> & { readonly joins: boolean },
    now = Date.now(),
  ): Promise<boolean> {
    const { id, kind, version, tags, data, joins, root } = job;
    // The state comes with the first field: two submitters at once are one job.
    const isNew = await this.#redis.hsetnx(keyOfJob(id), 'state', 'submitting');
    await this.#redis
      .multi()
      .hset(keyOfJob(id), { id, kind, version, tags: tags.join(','), joins: joins ? 1 : 0, root: root ?? '' })
      .hsetnx(keyOfJob(id), 'data', JSON.stringify(data))
      .hsetnx(keyOfJob(id), 'created', now)
      .zadd(JOBS, 'NX', now, id)
      .exec();
    // One that was cancelled goes on.
    if (await this.changeState(id, 'submitting', ['cancelled'])) await this.reopen(id);
    return isNew === 1;
  }

  /** @returns undefined where there is no such job. */
  async find(id: string): Promise<JobRecord | undefined> {
    const [[, found], [, failed]] = (await this.#redis
      .multi()
      .hgetall(keyOfJob(id))
      .hlen(keyOfJob(id, 'failures'))
      .exec()) as [[unknown, Record<string, string>], [unknown, number]];
    if (found.state === undefined || found.kind === undefined) return undefined;
    const count = (name: string) => Number(found[name] ?? 0);
    return {
      id,
      kind: found.kind,
      state: found.state as FarmJobState,
      version: found.version ?? '',
      tags: found.tags ? found.tags.split(',') : [],
      data: parseJson(found.data ?? 'null'),
      root: found.root || undefined,
      ...{ tasks: count('tasks'), done: count('done'), failed },
      ...{ items: count('items'), itemsDone: count('itemsDone'), itemsFailed: count('itemsFailed') },
      queue: found.queue ?? '',
      created: count('created'),
      finished: found.finished === undefined ? undefined : Number(found.finished),
      notes: parseJson(found.notes ?? '[]') as string[],
    };
  }

  /** @throws {FarmError} there is no such job. */
  async require(id: string): Promise<JobRecord> {
    const found = await this.find(id);
    if (found !== undefined) return found;
    throw new FarmError(expected('the id of a job', id, 'fast-style farm status lists the jobs'));
  }

  /** All jobs that are remembered, the oldest first. */
  async *all(): AsyncGenerator<JobRecord, void, void> {
    for (const id of await this.#redis.zrange(JOBS, 0, -1)) {
      const job = await this.find(id);
      if (job === undefined) await this.#redis.zrem(JOBS, id);
      else yield job;
    }
  }

  /** What a worker asks before it begins a task, and now and then meanwhile. */
  async stateOfTask(id: string, index: number): Promise<TaskState> {
    const [[state, joins, root], bit] = await Promise.all([
      this.#redis.hmget(keyOfJob(id), 'state', 'joins', 'root'),
      index === JOIN ? 0 : this.#redis.getbit(keyOfJob(id, 'done'), index),
    ]);
    return {
      state: (state ?? undefined) as FarmJobState | undefined,
      root: root || undefined,
      joins: joins === '1',
      isDone: index === JOIN ? state === 'done' : bit === 1,
    };
  }

  /** Which of some tasks are done. */
  async areDone(id: string, indexes: readonly number[]): Promise<readonly boolean[]> {
    const pipeline = this.#redis.pipeline();
    for (const index of indexes) pipeline.getbit(keyOfJob(id, 'done'), index);
    const answers = (await pipeline.exec()) ?? [];
    return answers.map(([error, bit]) => {
      if (error) throw error;
      return bit === 1;
    });
  }

  /** Says how many tasks and items have been queued. @param queue of the last. */
  async queued(id: string, tasks: number, items: number, queue: string): Promise<void> {
    await this.#redis.hset(keyOfJob(id), { tasks, items, queue });
  }

  /** Counts a task that is through, once: as done, or with its failure. @param result kept for the join. */
  async finishTask(
    id: string,
    index: number,
    outcome: { readonly done: number; readonly result?: unknown } | TaskFailure,
  ): Promise<void> {
    const isFailure = 'reason' in outcome;
    const failed = isFailure ? outcome.failed : 0;
    const result = !isFailure && outcome.result !== undefined ? JSON.stringify(outcome.result) : '';
    const failure = isFailure ? JSON.stringify(outcome) : '';
    await this.#redis.eval(FINISH_TASK, 4, ...partsOf(id), index, outcome.done, failed, failure, result);
  }

  /** Keeps what there is to know of what a job has made. */
  async note(id: string, notes: readonly string[]): Promise<void> {
    await this.#redis.hset(keyOfJob(id), 'notes', JSON.stringify(notes));
  }

  /** Tasks that have failed for good. */
  failureCount(id: string): Promise<number> {
    return this.#redis.hlen(keyOfJob(id, 'failures'));
  }

  /** Whether a task is on the list of failures. */
  async isFailed(id: string, index: number): Promise<boolean> {
    return (await this.#redis.hexists(keyOfJob(id, 'failures'), String(index))) === 1;
  }

  /** Moves a job on where all its tasks are through. @param isJoined its results have been put together. */
  async settle(id: string, isJoined = false, now = Date.now()): Promise<FarmJobState> {
    return (await this.#redis.eval(
      SETTLE,
      4,
      ...partsOf(id),
      now,
      REMEMBERED,
      isJoined ? 1 : 0,
    )) as FarmJobState;
  }

  /** @returns whether it had one of the states. */
  async changeState(id: string, to: FarmJobState, from: readonly FarmJobState[]): Promise<boolean> {
    return (await this.#redis.eval(CHANGE_STATE, 1, keyOfJob(id), to, ...from)) === 1;
  }

  /** Takes a failure off the list: its task has been queued again. */
  async forgive(id: string, index: number): Promise<void> {
    await this.#redis.eval(FORGIVE, 4, ...partsOf(id), index);
  }

  /** @returns false where it is over. */
  async cancel(id: string): Promise<boolean> {
    if (!(await this.changeState(id, 'cancelled', ['submitting', 'running', 'joining']))) return false;
    for (const key of partsOf(id)) await this.#redis.expire(key, REMEMBERED);
    return true;
  }

  /** A job that was over as one that goes on, and never expires. */
  async reopen(id: string): Promise<void> {
    const multi = this.#redis.multi();
    for (const key of partsOf(id)) multi.persist(key);
    await multi.hdel(keyOfJob(id), 'finished').exec();
    await this.changeState(id, 'running', ['failed']);
  }

  async *failures(id: string): AsyncGenerator<TaskFailure, void, void> {
    let cursor = '0';
    do {
      const [next, found] = await this.#redis.hscan(keyOfJob(id, 'failures'), cursor, 'COUNT', 100);
      cursor = next;
      for (let i = 1; i < found.length; i += 2) yield parseJson(found[i]!) as TaskFailure;
    } while (cursor !== '0');
  }

  /** Results of the tasks in their order, a page at a time. */
  async *results(id: string, tasks: number): AsyncGenerator<unknown, void, void> {
    const PAGE = 100;
    for (let from = 0; from < tasks; from += PAGE) {
      const indexes = Array.from({ length: Math.min(PAGE, tasks - from) }, (_, i) => String(from + i));
      for (const found of await this.#redis.hmget(keyOfJob(id, 'results'), ...indexes))
        yield found === null ? undefined : parseJson(found);
    }
  }

  /** Forgets a job, whatever its state. */
  async forget(id: string): Promise<void> {
    await this.#redis
      .multi()
      .del(...partsOf(id))
      .zrem(JOBS, id)
      .exec();
  }
}
