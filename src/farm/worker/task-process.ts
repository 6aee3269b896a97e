/**
 * The process that does a worker's tasks: native calls of seconds block its event loop, and where it runs out of memory or crashes,
 * the worker lives on and says so. It ends when the worker has ended.
 */
import { rm } from 'node:fs/promises';
import { toCloned } from '../../system/cloned-error.ts';
import { InterruptedError } from '../../system/errors.ts';
import type { TaskContext } from '../kinds/kind.ts';
import { openKind } from '../kinds/kinds.ts';
import { CachedStore } from '../store/cached-store.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { GRACE, type TaskOrder, type TaskReply, type TaskRequest } from './task-messages.ts';

let store: Store | undefined;
const under = new Map<number, AbortController>();
const used = new Set<string>();
let last: Promise<unknown> = Promise.resolve();

function send(reply: TaskReply): void {
  if (process.connected) process.send?.(reply);
}

async function obey(order: TaskOrder, signal: AbortSignal): Promise<unknown> {
  if (store?.url !== order.store) {
    store?.close();
    // Of a process that died here before.
    await rm(order.cache, { recursive: true, force: true });
    store = new CachedStore(await openStore(order.store), order.cache, order.cacheRoom);
  }
  const kind = await openKind(order.kind);
  // What others keep would be in the way of this one's memory.
  await release((name) => name !== order.kind);
  used.add(order.kind);
  const { id, scratch, threads, memory, deaths } = order;
  const context: TaskContext = {
    ...{ store, scratch, signal, threads, memory, deaths },
    // Each at once: where this process dies, what it was at is known by it.
    onProgress: (done, total) => send({ id, done, total }),
  };
  if (order.join === undefined) return kind.run(order.task, context);
  const { results } = order.join;
  async function* each() {
    yield* results;
  }
  return kind.join?.(kind.check(order.task), each(), context);
}

/** Has kinds give up what they keep. */
async function release(isMeant: (name: string) => boolean): Promise<void> {
  for (const name of [...used].filter(isMeant)) {
    await (await openKind(name)).release?.();
    used.delete(name);
  }
}

async function work(order: TaskOrder, { signal }: AbortController): Promise<void> {
  const { id } = order;
  try {
    signal.throwIfAborted();
    send({ id, result: (await obey(order, signal)) ?? null });
  } catch (error) {
    const isStopped = signal.aborted && !(error instanceof InterruptedError);
    send({ id, error: toCloned(isStopped ? new InterruptedError('Stopped.', { cause: error }) : error) });
  } finally {
    under.delete(id);
  }
}

process.on('message', (request: TaskRequest) => {
  if ('abort' in request) return under.get(request.abort)?.abort();
  const stop = new AbortController();
  under.set(request.order.id, stop);
  last = last.then(() => work(request.order, stop));
});

// The worker has ended: what is under way stops, and its task is another worker's.
process.once('disconnect', () => {
  for (const stop of under.values()) stop.abort();
  // As the worker would: whatever does not end by itself would stay for ever.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE).unref();
  void last.then(async () => {
    await release(() => true);
    store?.close();
  });
});

// Ctrl-C reaches all processes of a terminal: the worker decides what becomes of a task.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
