/** A worker of a farm: takes the tasks that fit it, has them done by processes of its own, and says what it is. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError, InterruptedError } from '../../system/errors.ts';
import { isCount, isRecord } from '../../system/json-text.ts';
import { openProcessFolder } from '../../system/process-folder.ts';
import { type Farm, type TaskTaker, TRIES } from '../queue/farm.ts';
import { JOIN } from '../queue/job-records.ts';
import { bytesOf, parseQueueName, type QueueDemand, suits } from '../queue/needs.ts';
import { announce, isAskedToDrain, takeLeave, type WorkerFacts } from '../queue/workers.ts';
import { roomForCache } from '../store/cached-store.ts';
import type { WatchedRoot } from '../store/root-mark.ts';
import type { Logger } from './log.ts';
import type { WorkerMetrics } from './metrics.ts';
import type { MachineAbilities } from './own-abilities.ts';
import { RootGate } from './root-gate.ts';
import { concludeTask, dropTask, failTask, isWanted, type TakenTask } from './task-outcome.ts';
import { TaskRunner } from './task-runner.ts';

/** Milliseconds after which an idle worker looks again: what was to be tried later, or lost by another, rings no bell. */
const LOOK = 1000;
/** Milliseconds between two words on itself; it is taken for gone after three. */
const ANNOUNCE = 5000;
/** Least milliseconds between two reports on a task's progress. */
const REPORT = 200;

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

/** What became of a task that was taken, and why. */
interface Outcome {
  readonly became: 'done' | 'failed' | 'retried' | 'dropped' | 'handed back';
  readonly error?: Error;
}

/** A place for one task at a time. */
interface Slot {
  readonly runner: TaskRunner;
  /** Bytes that its task may take; 0 while it is idle. */
  budget: number;
}

export class FarmWorker {
  readonly id: string;
  readonly #farm: Farm;
  readonly #options: FarmWorkerOptions;
  readonly #threads: number;
  readonly #tags: readonly string[];
  readonly #slots: readonly Slot[];
  readonly #takers = new Map<string, TaskTaker>();
  readonly #running = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #isDraining = false;
  #tokens = 0;
  #wake = () => {};
  #isRung = false;
  #folder = '';
  #cacheRoom = 0;
  readonly #root: RootGate;

  constructor(farm: Farm, options: FarmWorkerOptions) {
    const { machine, concurrency, tags } = options;
    this.#farm = farm;
    this.#options = options;
    const { log, root } = options;
    this.#root = new RootGate(root, log, () => {
      this.#announce().catch((error: unknown) => log.warn({ reason: String(error) }, 'cannot announce'));
    });
    this.#threads = Math.max(1, Math.floor(machine.cores / concurrency));
    const found = [...(machine.gpu ? ['gpu'] : []), ...(machine.bf16 ? ['bf16'] : [])];
    this.#tags = [...new Set([...tags, ...found])];
    this.id = `${machine.host}-${machine.pid}-${randomUUID().slice(0, 8)}`;
    this.#slots = Array.from({ length: concurrency }, () => ({
      runner: new TaskRunner(this.#threads),
      budget: 0,
    }));
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
    const { log, idle = Number.POSITIVE_INFINITY } = this.#options;
    let lastBusy = performance.now();
    this.#folder = await openProcessFolder('farm');
    this.#cacheRoom = roomForCache(this.#folder, this.#slots.length);
    await this.#announce();
    const announcing = setInterval(() => {
      this.#announce().catch((error: unknown) => log.warn({ error: String(error) }, 'cannot announce'));
    }, ANNOUNCE);
    try {
      await this.#farm.listen(() => this.#ring());
      while (!this.#isDraining) {
        const slot = this.#slots.find(({ budget }) => budget === 0);
        const begun =
          slot !== undefined &&
          (await this.#begin(slot).catch((error: unknown) => {
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
      clearInterval(announcing);
      await Promise.all(this.#slots.map(({ runner }) => runner.close()));
      for (const taker of this.#takers.values()) await taker.close(true).catch(() => undefined);
      await rm(this.#folder, { recursive: true, force: true });
      await takeLeave(this.#farm.redis, this.id).catch((error: unknown) => {
        log.warn({ reason: String(error) }, 'cannot take leave');
      });
    }
  }

  /** @returns whether there was a task for the slot. */
  async #begin(slot: Slot): Promise<boolean> {
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
      const work = this.#work(slot, { queue: name, job, envelope: job.data, token });
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

  async #work(slot: Slot, taken: TakenTask): Promise<void> {
    const { log, metrics } = this.#options;
    const started = performance.now();
    const { job, envelope } = taken;
    const task = { task: job.id, queue: taken.queue };
    try {
      const outcome = await this.#attempt(slot, taken);
      const seconds = (performance.now() - started) / 1000;
      const { error, ...shown } = outcome;
      if (outcome.became !== 'dropped' && outcome.became !== 'handed back')
        metrics?.finished(
          envelope.kind,
          outcome.became,
          seconds,
          outcome.became === 'done' ? envelope.items : 0,
        );
      if (error === undefined) log.info({ ...task, ...shown, seconds }, outcome.became);
      else log.warn({ ...task, ...shown, seconds, reason: error.message }, outcome.became);
    } catch (error) {
      // The lock was lost, or Redis was: the task is taken up again by whoever finds it, and done twice at most, to the same files.
      log.error({ ...task, reason: String(error) }, 'lost');
    }
  }

  async #attempt(slot: Slot, taken: TakenTask): Promise<Outcome> {
    const farm = this.#farm;
    const { job, token } = taken;
    const fault = faultOf(taken);
    if (fault !== undefined) {
      await job.moveToFailed(farm.finalFailure(fault), token, false);
      return { became: 'failed', error: new Error(fault) };
    }
    const { job: id, index } = taken.envelope;
    const { state, isDone, joins, root } = await farm.records.stateOfTask(id, index);
    if (isDone || !isWanted(state)) {
      await dropTask(farm, taken);
      return { became: 'dropped' };
    }
    if (job.deferredFailure !== undefined) {
      const error = new InterruptedError(`Its worker ended in the middle of it, ${TRIES} times.`);
      return { became: await failTask(farm, taken, error), error };
    }
    const handedBack = await this.#withoutRoot(taken, root);
    if (handedBack !== undefined) return handedBack;
    const stop = new AbortController();
    const stopAll = () => stop.abort();
    this.#stop.signal.addEventListener('abort', stopAll, { once: true });
    if (this.#stop.signal.aborted) stopAll();
    const renewing = setInterval(() => this.#renew(taken, stop), this.#options.lock / 3);
    try {
      const result = await this.#run(slot, taken, stop.signal);
      // With a volume that has gone meanwhile goes what was written.
      const gone = await this.#withoutRoot(taken, root);
      return gone ?? { became: await concludeTask(farm, taken, result, joins) };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (!stop.signal.aborted) {
        const gone = await this.#withoutRoot(taken, root);
        return gone ?? { became: await failTask(farm, taken, error), error };
      }
      if (this.#stop.signal.aborted) {
        await job.moveToWait(token);
        return { became: 'handed back' };
      }
      await dropTask(farm, taken);
      return { became: 'dropped' };
    } finally {
      clearInterval(renewing);
      this.#stop.signal.removeEventListener('abort', stopAll);
    }
  }

  /** Hands a task back where the root is not there, or not that of its job: it would fail for want of its files. */
  async #withoutRoot({ job, token }: TakenTask, mark: string | undefined): Promise<Outcome | undefined> {
    const lack = await this.#root.lackFor(mark);
    if (lack === undefined) return undefined;
    await job.moveToWait(token);
    return { became: 'handed back', error: new FileError(lack) };
  }

  /** Has the slot's process do the task, in a folder of its own. */
  async #run(slot: Slot, { envelope, job }: TakenTask, signal: AbortSignal): Promise<unknown> {
    const { job: id, index, kind, task, deaths = [] } = envelope;
    const scratch = await mkdtemp(join(this.#folder, 'task-'));
    try {
      const order = {
        kind,
        cache: join(this.#folder, `cache-${this.#slots.indexOf(slot)}`),
        cacheRoom: this.#cacheRoom,
        store: this.#options.store,
        scratch,
        threads: this.#threads,
        memory: slot.budget,
        deaths,
      };
      let reported = Number.NEGATIVE_INFINITY;
      const onProgress = (done: number, total: number) => {
        const now = performance.now();
        if (now - reported < REPORT && done !== total) return;
        reported = now;
        job.updateProgress({ done, total, worker: this.id }).catch(() => undefined);
      };
      if (index !== JOIN) return await slot.runner.run({ ...order, task }, { signal, onProgress });
      const { data, tasks } = await this.#farm.records.require(id);
      const results = [];
      for await (const result of this.#farm.records.results(id, tasks)) results.push(result);
      return await slot.runner.run({ ...order, task: data, join: { results } }, { signal, onProgress });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  /** Keeps the task this worker's; stops it where it is so no more, or where its job was cancelled. */
  async #renew({ job, token, envelope, queue }: TakenTask, stop: AbortController): Promise<void> {
    try {
      const isOurs = (await job.extendLock(token, this.#options.lock)) !== 0;
      // A lock that has run out while Redis or this machine was away is no loss until another takes the task.
      if (!isOurs && (await this.#farm.isHeld(queue, envelope))) stop.abort();
      const { state } = await this.#farm.records.stateOfTask(envelope.job, envelope.index);
      if (!isWanted(state)) stop.abort();
    } catch (error) {
      this.#options.log.warn({ task: job.id, reason: String(error) }, 'the lock cannot be renewed');
    }
  }

  async #announce(): Promise<void> {
    const { machine, kinds, concurrency, store } = this.#options;
    const facts: WorkerFacts = {
      ...machine,
      ...{ id: this.id, kinds, concurrency, store, tags: this.#tags, threads: this.#threads },
      ...{ busy: this.busy, isDraining: this.#isDraining },
      ...(this.#root.trouble === undefined ? {} : { trouble: this.#root.trouble }),
    };
    await announce(this.#farm.redis, facts);
    if (await isAskedToDrain(this.#farm.redis, this.id)) this.drain();
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
