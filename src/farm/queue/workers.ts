/** What workers say of themselves: a hash in Redis that expires when its worker does. */
import { parseJson } from '../../system/json-text.ts';
import { bytesOf, parseQueueName, suits } from './needs.ts';
import { PREFIX, type Redis } from './redis.ts';

export interface WorkerFacts {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly kinds: readonly string[];
  readonly tags: readonly string[];
  readonly cores: number;
  /** Tasks at a time, and the threads of each. */
  readonly concurrency: number;
  readonly threads: number;
  /** Bytes that all its tasks may take. */
  readonly memory: number;
  readonly gpu: boolean;
  readonly bf16: boolean;
  /** Names of the styles that ship with it. */
  readonly styles: readonly string[];
  readonly store: string;
  /** Tasks under way. */
  readonly busy: number;
  readonly isDraining: boolean;
  /** Why it takes no tasks at present: its root is not there. */
  readonly trouble?: string;
}

/** Seconds after which a worker that says nothing is no longer listed. */
export const EXPIRES = 15;

const WORKERS = `${PREFIX}:workers`;
const keyOf = (id: string) => `${PREFIX}:worker:${id}`;
const DRAIN = `${PREFIX}:drain`;

export async function announce(redis: Redis, facts: WorkerFacts): Promise<void> {
  await redis
    .multi()
    .sadd(WORKERS, facts.id)
    .hset(keyOf(facts.id), 'facts', JSON.stringify(facts))
    .expire(keyOf(facts.id), EXPIRES)
    .exec();
}

export async function takeLeave(redis: Redis, id: string): Promise<void> {
  await redis.multi().srem(WORKERS, id).del(keyOf(id)).srem(DRAIN, id).exec();
}

/** The workers that live. */
export async function liveWorkers(redis: Redis): Promise<readonly WorkerFacts[]> {
  const live: WorkerFacts[] = [];
  for (const id of (await redis.smembers(WORKERS)).sort()) {
    const facts = await redis.hget(keyOf(id), 'facts');
    if (facts !== null) live.push(parseJson(facts) as WorkerFacts);
    else await redis.multi().srem(WORKERS, id).srem(DRAIN, id).exec();
  }
  return live;
}

/** What workers lack that would take tasks of a queue, in words; undefined where one of them takes them, or none is there yet. */
export function lackOf(workers: readonly WorkerFacts[], queue: string): string | undefined {
  const demand = parseQueueName(queue);
  if (demand === undefined || workers.length === 0) return undefined;
  if (workers.some((worker) => suits(worker, demand) && worker.memory >= bytesOf(demand))) return undefined;
  const { kind, version, gib, tags } = demand;
  const tagged = tags.map((tag) => `, --tag ${tag}`).join('');
  return `--kinds ${kind}, --memory ${gib}GiB${tagged}, version ${version}`;
}

/** Asks workers to finish what they have, take nothing more and end. */
export async function askToDrain(redis: Redis, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await redis.sadd(DRAIN, ...ids);
}

export async function isAskedToDrain(redis: Redis, id: string): Promise<boolean> {
  return (await redis.sismember(DRAIN, id)) === 1;
}
