/** A farm, seen by who submits, watches or works: Redis, BullMQ's queues in it, the jobs' records. */
import type { Job, Queue, Worker } from 'bullmq';
import { type FarmJobState, JOIN, JobRecords, keyOfJob, REMEMBERED } from './job-records.ts';
import { anotherConnection, connectRedis, PREFIX, type Redis, type RedisCall } from './redis.ts';

/** What BullMQ holds for a task. */
export interface TaskEnvelope {
  readonly job: string;
  /** In the order of the job's tasks; what is done is remembered by it. */
  readonly index: number;
  readonly kind: string;
  readonly task: unknown;
  /** What it is counted as. */
  readonly items: number;
  /** How far earlier tries were when their processes died, in items. */
  readonly deaths?: readonly number[];
}

export type TaskJob = Job<TaskEnvelope>;
/** Takes tasks of one queue, by hand. */
export type TaskTaker = Worker<TaskEnvelope>;

const QUEUES = `${PREFIX}:queues`;
const BELL = `${PREFIX}:bell`;
const NEW_MARK = `${PREFIX}:new-mark`;

/** Tries of a task before it is a failure. */
export const TRIES = 3;

/** How long a task waits after its first failure; twice as long after each further. */
const BACKOFF = 1000;
/** Seconds for which a drawn mark is agreed on: longer than a network's file system may hide a new file. */
const AGREED = 600;
/** Events that BullMQ keeps of each queue. */
const MOST_EVENTS = 1000;

export class Farm {
  readonly redis: Redis;
  readonly records: JobRecords;
  readonly #bullmq: typeof import('bullmq');
  readonly #queues = new Map<string, Queue<TaskEnvelope>>();
  readonly #connections: Redis[] = [];

  private constructor(redis: Redis, bullmq: typeof import('bullmq')) {
    this.redis = redis;
    this.#bullmq = bullmq;
    this.records = new JobRecords(redis);
  }

  /** Throws as `connectRedis`. The caller closes it. */
  static async open(call: RedisCall, onTrouble?: (line: string) => void): Promise<Farm> {
    const redis = await connectRedis(call, onTrouble);
    return new Farm(redis, await import('bullmq'));
  }

  /** A queue by its name. */
  queue(name: string): Queue<TaskEnvelope> {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = new this.#bullmq.Queue<TaskEnvelope>(name, {
      ...{ connection: this.redis, prefix: PREFIX, skipVersionCheck: true },
      streams: { events: { maxLen: MOST_EVENTS } },
      defaultJobOptions: {
        attempts: TRIES,
        backoff: { type: 'exponential', delay: BACKOFF },
        removeOnComplete: true,
        // Their jobs are forgotten before.
        removeOnFail: { age: 2 * REMEMBERED },
        stackTraceLimit: 1,
      },
    });
    queue.on('error', () => undefined); // the connection says it
    this.#queues.set(name, queue);
    return queue;
  }

  /** What takes tasks of a queue. @param lock milliseconds for which a task is a worker's, unless renewed. */
  taker(name: string, lock: number): TaskTaker {
    const taker = new this.#bullmq.Worker<TaskEnvelope>(name, null, {
      ...{ connection: this.redis, prefix: PREFIX, autorun: false, skipVersionCheck: true },
      ...{ lockDuration: lock, stalledInterval: lock, maxStalledCount: TRIES - 1 },
    });
    taker.on('error', () => undefined);
    return taker;
  }

  /** A failure that is not tried again. */
  finalFailure(reason: string): Error {
    return new this.#bullmq.UnrecoverableError(reason);
  }

  /** Queues tasks; one that waits or has failed already is left as it is. */
  async add(name: string, tasks: readonly TaskEnvelope[]): Promise<void> {
    await this.redis.sadd(QUEUES, name);
    await this.#removeLeft(name, tasks);
    await this.queue(name).addBulk(
      tasks.map((task) => ({ name: task.kind, data: task, opts: { jobId: taskId(task.job, task.index) } })),
    );
    await this.ring();
  }

  /** BullMQ's failures of a job that has been forgotten: tasks of the same job, submitted again, would not be queued. */
  async #removeLeft(name: string, tasks: readonly TaskEnvelope[]): Promise<void> {
    const queue = this.queue(name);
    const asked = this.redis.pipeline();
    for (const { job, index } of tasks)
      asked
        .zscore(queue.toKey('failed'), taskId(job, index))
        .hexists(keyOfJob(job, 'failures'), String(index));
    const answers = (await asked.exec()) ?? [];
    for (const [i, { job, index }] of tasks.entries()) {
      const [[, failed], [, isListed]] = answers.slice(2 * i) as [[unknown, unknown], [unknown, unknown]];
      if (failed !== null && isListed === 0) await queue.remove(taskId(job, index));
    }
  }

  /** Queues a task again that has failed for good: with three tries, and nobody is suspected any more. */
  async requeue(name: string, job: TaskJob): Promise<void> {
    const { deaths: _, ...fresh } = job.data;
    await job.updateData(fresh);
    // BullMQ would count on the workers that have died.
    await this.redis.hdel(this.queue(name).toKey(job.id!), 'stc', 'defa');
    await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
  }

  /** Whether a task is in some worker's hands. */
  async isHeld(name: string, { job, index }: Pick<TaskEnvelope, 'job' | 'index'>): Promise<boolean> {
    return (await this.redis.exists(this.queue(name).toKey(`${taskId(job, index)}:lock`))) === 1;
  }

  /**
   * Moves a job on where its tasks are through; where its results are to be put together then, that is queued.
   *
   * @param name of the queue for that.
   */
  async advance(
    { job, index, kind }: Pick<TaskEnvelope, 'job' | 'index' | 'kind'>,
    name: string,
  ): Promise<FarmJobState> {
    const state = await this.records.settle(job, index === JOIN);
    if (state === 'joining') await this.add(name, [{ job, index: JOIN, kind, task: null, items: 0 }]);
    return state;
  }

  /** The mark for a root that has none: of several that are drawn at the same time, the first. */
  async agreedMark(drawn: string): Promise<string> {
    await this.redis.set(NEW_MARK, drawn, 'EX', AGREED, 'NX');
    return (await this.redis.get(NEW_MARK)) ?? drawn;
  }

  async queueNames(): Promise<readonly string[]> {
    return (await this.redis.smembers(QUEUES)).sort();
  }

  /** Wakes idle workers. */
  async ring(): Promise<void> {
    await this.redis.publish(BELL, '');
  }

  /** @param onRing called when something was queued. */
  async listen(onRing: () => void): Promise<void> {
    const connection = anotherConnection(this.redis);
    this.#connections.push(connection);
    connection.on('message', onRing);
    // What was missed while the connection was away.
    connection.on('ready', onRing);
    await connection.subscribe(BELL);
  }

  async close(): Promise<void> {
    for (const queue of this.#queues.values()) await queue.close().catch(() => undefined);
    for (const connection of this.#connections) connection.disconnect();
    this.redis.disconnect();
  }
}

/** BullMQ's id of a task. */
export const taskId = (job: string, index: number): string => `${job}.${index < 0 ? 'join' : index}`;
