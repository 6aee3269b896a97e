/** Which queue a task waits in: one for each kind, version, amount of memory and set of tags. Workers read those that they fit. */
import type { Needs } from '../kinds/kind.ts';

const GIB = 2 ** 30;

/** What a queue's tasks ask of a worker. */
export interface QueueDemand {
  readonly kind: string;
  /** Of the program: another may paint other bytes. */
  readonly version: string;
  /** A power of two: few queues, and nobody gets less than the task takes. */
  readonly gib: number;
  readonly tags: readonly string[];
}

/** What a worker has. */
export interface Abilities {
  readonly kinds: readonly string[];
  readonly version: string;
  readonly tags: readonly string[];
}

/** @param tags of the job, besides what the task needs. */
export function demandOf(kind: string, version: string, needs: Needs, tags: readonly string[]): QueueDemand {
  const gib = 2 ** Math.max(0, Math.ceil(Math.log2(needs.bytes / GIB)));
  const all = [...tags, ...(needs.gpu ? ['gpu'] : []), ...(needs.bf16 ? ['bf16'] : [])];
  return { kind, version, gib, tags: [...new Set(all)].sort() };
}

/** As `stylize@0.1.0.2g+gpu`. */
export function queueName({ kind, version, gib, tags }: QueueDemand): string {
  return [`${kind}@${version}.${gib}g`, ...tags].join('+');
}

/** @returns undefined for what is no such name. */
export function parseQueueName(name: string): QueueDemand | undefined {
  const [, kind, version, gib, tags] = /^([a-z]+)@(.+?)\.(\d+)g((?:\+[a-z0-9_-]+)*)$/.exec(name) ?? [];
  if (kind === undefined || version === undefined) return undefined;
  return { kind, version, gib: Number(gib), tags: tags === '' ? [] : tags!.slice(1).split('+') };
}

/** Whether a worker may take tasks of a queue, memory aside. A worker takes tasks without tags whatever it has. */
export function suits({ kinds, version, tags }: Abilities, demand: QueueDemand): boolean {
  return (
    kinds.includes(demand.kind) &&
    version === demand.version &&
    demand.tags.every((tag) => tags.includes(tag))
  );
}

/** Bytes that a queue's tasks may take. */
export const bytesOf = ({ gib }: QueueDemand): number => gib * GIB;
