/** A worker of a farm: takes the tasks that fit it, has them done by processes of its own, and says what it is. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { openProcessFolder } from '../../system/process-folder.ts';
import type { Farm, TaskTaker } from '../queue/farm.ts';
import { bytesOf, parseQueueName, type QueueDemand, suits } from '../queue/needs.ts';
import type { WorkerFacts } from '../queue/workers.ts';
import { roomForCache } from '../store/cached-store.ts';
import type { WatchedRoot } from '../store/root-mark.ts';
import { attemptTask, type TaskOutcome } from './attempt-task.ts';
import type { Logger } from './log.ts';
import type { WorkerMetrics } from './metrics.ts';
import type { MachineAbilities } from './own-abilities.ts';
import { Presence } from './presence.ts';
import { RootGate } from './root-gate.ts';
import type { TakenTask } from './task-outcome.ts';
import { type SlotFolders, TaskSlot } from './task-slot.ts';

/** Milliseconds after which an idle worker looks again: what was to be tried later, or lost by another, rings no bell. */
const LOOK = 1000;

export interface FarmWorkerOptions {
  /** Where jobs' files are. */
  readonly store: string;
  /** Whether it is there. */
  readonly root: WatchedRoot;
  readonly kinds: readonly string[];
  /** Besides `gpu` and `bf16`, which it finds out itself. */
  readonly tags: readonly string[];
  readonly concurrency: number;
  readonly machine: MachineAbilities;
  /** Milliseconds after which the tasks of a worker that has died are another's. */
  readonly lock: number;
  /** Milliseconds without a task after which it ends by itself. */
  readonly idle?: number;
  readonly log: Logger;
  readonly metrics?: WorkerMetrics;
}

export class FarmWorker {
  readonly id: string;
  readonly #farm: Farm;
  readonly #options: FarmWorkerOptions;
  readonly #threads: number;
  readonly #tags: readonly string[];
  readonly #slots: readonly TaskSlot[];
  readonly #takers = new Map<string, TaskTaker>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #isDraining = false;
  #tokens = 0;
  #wake = () => {};
  #isRung = false;
  readonly #root: RootGate;
  readonly #presence: Presence;

  constructor(farm: Farm, options: FarmWorkerOptions) {
    const { machine, concurrency, tags, log, root } = options;
    this.#farm = farm;
    this.#options = options;
    this.#threads = Math.max(1, Math.floor(machine.cores / concurrency));
    const found = [...(machine.gpu ? ['gpu'] : []), ...(machine.bf16 ? ['bf16'] : [])];
    this.#tags = [...new Set([...tags, ...found])];
    this.id = `${machine.host}-${machine.pid}-${randomUUID().slice(0, 8)}`;
    const { redis } = farm;
    const [facts, onDrain] = [() => this.#facts(), () => this.drain()];
    this.#presence = new Presence({ redis, log, facts, onDrain });
    this.#root = new RootGate(root, log, () => this.#presence.renew());
    this.#slots = Array.from(
      { length: concurrency },
      (_, i) => new TaskSlot(farm, this.id, i, this.#threads),
    );
  }

  /** How many tasks are under way. */
  get busy(): number {
    return this.#running.size;
  }

  /** Tasks that wait in the queues that it reads. */
  async waiting(): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const { name } of await this.#queues())
      counts.set(name, await this.#farm.queue(name).getWaitingCount());
    return counts;
  }

  /** Takes no more tasks, finishes those it has, and ends. */
  drain(): void {
    this.#isDraining = true;
    this.#ring();
  }

  /** Takes no more tasks, hands back those it has, and ends. While Redis is away they are taken over, as if it had died. */
  stop(): void {
    this.#stop.abort();
    // Commands that wait for Redis would keep it for ever: the next try to reach it is the last.
    this.#farm.redis.options.retryStrategy = () => null;
    this.drain();
  }

  /** Works until `drain` or `stop`, or until nothing has been to do for long enough. */
  async run(): Promise<void> {
    const { log, store, idle = Number.POSITIVE_INFINITY } = this.#options;
    let lastBusy = performance.now();
    const folder = await openProcessFolder('farm');
    const folders = { folder, cacheRoom: roomForCache(folder, this.#slots.length), store };
    await this.#presence.begin();
    try {
      await this.#farm.listen(() => this.#ring());
      while (!this.#isDraining) {
        const slot = this.#slots.find(({ budget }) => budget === 0);
        const begun =
          slot !== undefined &&
          (await this.#begin(slot, folders).catch((error: unknown) => {
            // Redis that starts again, say: the next look shows whether it has come back.
            log.warn({ reason: String(error) }, 'cannot take a task');
            return false;
          }));
        if (begun || this.busy > 0) lastBusy = performance.now();
        if (performance.now() - lastBusy > idle) this.drain();
        if (!begun) await this.#pause();
      }
      await Promise.all(this.#running);
    } finally {
      await Promise.all(this.#slots.map((slot) => slot.close()));
      for (const taker of this.#takers.values()) await taker.close(true).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
      await this.#presence.end();
    }
  }

  /** @returns whether there was a task for the slot. */
  async #begin(slot: TaskSlot, folders: SlotFolders): Promise<boolean> {
    const { memory } = this.#options.machine;
    const free = memory - this.#slots.reduce((sum, { budget }) => sum + budget, 0);
    const queues = await this.#queues();
    if (queues.length === 0 || !(await this.#root.isOpen())) return false;
    for (const { name, demand } of queues) {
      const bytes = bytesOf(demand);
      if (bytes > free) continue;
      const token = `${this.id}:${this.#tokens++}`;
      const job = await (await this.#taker(name)).getNextJob(token, { block: false });
      if (job === undefined) continue;
      // What is there is shared out; a task gets more where nobody else is.
      slot.budget = Math.max(bytes, Math.min(free, Math.floor(memory / this.#slots.length)));
      const work = this.#work(slot, folders, { queue: name, job, envelope: job.data, token });
      const running: Promise<void> = work.finally(() => {
        slot.budget = 0;
        this.#running.delete(running);
        this.#ring();
      });
      this.#running.add(running);
      return true;
    }
    return false;
  }

  /** Queues that it may read, the largest tasks first: the small ones fit in anywhere. */
  async #queues(): Promise<readonly { readonly name: string; readonly demand: QueueDemand }[]> {
    const { kinds, machine } = this.#options;
    const abilities = { kinds, version: machine.version, tags: this.#tags };
    return (await this.#farm.queueNames())
      .flatMap((name) => {
        const demand = parseQueueName(name);
        return demand !== undefined && suits(abilities, demand) ? [{ name, demand }] : [];
      })
      .sort((a, b) => b.demand.gib - a.demand.gib);
  }

  async #taker(name: string): Promise<TaskTaker> {
    const known = this.#takers.get(name);
    if (known !== undefined) return known;
    const taker = this.#farm.taker(name, this.#options.lock);
    this.#takers.set(name, taker);
    await taker.startStalledCheckTimer();
    return taker;
  }

  async #work(slot: TaskSlot, folders: SlotFolders, taken: TakenTask): Promise<void> {
    const { log, lock } = this.#options;
    const started = performance.now();
    const task = { task: taken.job.id, queue: taken.queue };
    try {
      const run = (signal: AbortSignal) => slot.run(taken, folders, signal);
      const attempting = { farm: this.#farm, root: this.#root, lock, stop: this.#stop.signal, log, run };
      const outcome = await attemptTask(attempting, taken);
      const seconds = (performance.now() - started) / 1000;
      this.#count(taken, outcome, seconds);
      const { error, ...shown } = outcome;
      if (error === undefined) log.info({ ...task, ...shown, seconds }, outcome.became);
      else log.warn({ ...task, ...shown, seconds, reason: error.message }, outcome.became);
    } catch (error) {
      // The lock was lost, or Redis was: the task is taken up again by whoever finds it, and done twice at most, to the same files.
      log.error({ ...task, reason: String(error) }, 'lost');
    }
  }

  #count({ envelope: { kind, items } }: TakenTask, { became }: TaskOutcome, seconds: number): void {
    if (became === 'dropped' || became === 'handed back') return;
    this.#options.metrics?.finished(kind, became, seconds, became === 'done' ? items : 0);
  }

  #facts(): WorkerFacts {
    const { machine, kinds, concurrency, store } = this.#options;
    return {
      ...machine,
      ...{ id: this.id, kinds, concurrency, store, tags: this.#tags, threads: this.#threads },
      ...{ busy: this.busy, isDraining: this.#isDraining },
      ...(this.#root.trouble === undefined ? {} : { trouble: this.#root.trouble }),
    };
  }

  readonly #ring = () => {
    this.#isRung = true;
    this.#wake();
  };

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#isRung) this.#wake();
    });
    this.#isRung = false;
  }
}
