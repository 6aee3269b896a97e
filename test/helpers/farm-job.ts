/** A job of a farm done in this process, without a queue: split, each task in a scratch folder of its own, joined. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kind, Task, TaskContext } from '../../src/farm/kinds/kind.ts';
import type { Store } from '../../src/farm/store/store.ts';

/** Calls work with a context of its own. */
export async function inScratch<T>(
  store: Store,
  work: (context: TaskContext) => Promise<T>,
  more: Partial<TaskContext> = {},
): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'fast-style-test-'));
  try {
    const signal = new AbortController().signal;
    return await work({ store, scratch, signal, threads: 1, onProgress: () => undefined, ...more });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A job's tasks, as they come back from a queue. */
export async function tasksOf<Data>(kind: Kind<Data>, data: unknown, store: Store): Promise<Task[]> {
  const tasks: Task[] = [];
  await inScratch(store, async (context) => {
    for await (const task of kind.split(kind.check(data), context)) tasks.push(task);
  });
  return JSON.parse(JSON.stringify(tasks));
}

/** Does a task, as a worker would that hands its answer to a queue. */
export async function runTask<Data>(
  kind: Kind<Data>,
  { data }: Task,
  store: Store,
  more: Partial<TaskContext> = {},
): Promise<unknown> {
  const result = await inScratch(store, (context) => kind.run(data, context), more);
  return JSON.parse(JSON.stringify(result));
}

/** Puts results together. */
export function joinResults<Data>(
  kind: Kind<Data>,
  data: unknown,
  results: readonly unknown[],
  store: Store,
): Promise<unknown> {
  async function* each() {
    yield* results;
  }
  return inScratch(store, (context) => kind.join!(kind.check(data), each(), context));
}
