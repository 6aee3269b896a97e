import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError, FastStyleError, FileError, InterruptedError } from '../index.ts';
import { Engine } from './engine.ts';
import type { Items } from './items.ts';
import { checkJob, checkpointOf, doJob, RUN, type StudioTraining } from './job-work.ts';
import type { JobRequest, StudioJob, StudioNews } from './protocol.ts';
import { readStored, StoredJson } from './stored-json.ts';
import type { Styles } from './styles.ts';

/** A photo does not wait for hours of training: jobs of a lane are done one after the other, lanes at the same time. */
type Lane = 'photos' | 'films and trainings';

/** Milliseconds for a painting that is cancelled to end by itself; its process may be within a native call. */
const CANCEL_MS = 3000;
/** Milliseconds in which a process of a server that was killed saves and ends, before its job is tried again. */
const ORPHAN_MS = 120_000;
const MOST_NOTES = 20;

export interface QueueOptions {
  readonly folder: string;
  readonly items: Items;
  readonly styles: Styles;
  readonly training: StudioTraining;
  readonly say: (news: StudioNews) => void;
}

interface Stored {
  readonly jobs: readonly StudioJob[];
  /** Numbers of the processes that worked when this was written. */
  readonly engines: readonly number[];
}

/**
 * The jobs of a studio, on disk as `jobs.json`, their files in `results/<id>/`. What waited or was running when the process ended, however
 * it ended, goes on when the queue is opened again.
 */
export class JobQueue {
  readonly #options: QueueOptions;
  readonly #stored: StoredJson;
  readonly #jobs = new Map<string, StudioJob>();
  readonly #engines: Readonly<Record<Lane, Engine>> = {
    photos: new Engine(),
    'films and trainings': new Engine(),
  };
  readonly #running = new Map<
    Lane,
    { readonly id: string; readonly stop: AbortController; readonly ended: Promise<void> }
  >();
  #isClosing = false;

  private constructor(options: QueueOptions) {
    this.#options = options;
    this.#stored = new StoredJson(join(options.folder, 'jobs.json'));
  }

  /** @throws {FileError} the jobs on disk cannot be read. */
  static async open(options: QueueOptions): Promise<JobQueue> {
    const queue = new JobQueue(options);
    const stored = (await readStored(join(options.folder, 'jobs.json'))) as Stored | undefined;
    for (const { wish, ...job } of stored?.jobs ?? []) {
      const wasRunning = job.state === 'running';
      const state = !wasRunning ? job.state : wish === 'pause' ? 'paused' : wish ? 'cancelled' : 'waiting';
      queue.#jobs.set(job.id, { ...job, state });
    }
    const orphans = (stored?.engines ?? []).filter(isRunning);
    if (orphans.length === 0) queue.#advance();
    else void ended(orphans).then(() => queue.#advance());
    return queue;
  }

  /** In the order in which they were asked for. */
  all(): readonly StudioJob[] {
    return [...this.#jobs.values()];
  }

  get(id: string): StudioJob | undefined {
    return this.#jobs.get(id);
  }

  folderOf(id: string): string {
    return join(this.#options.folder, 'results', id);
  }

  /** @throws {FastStyleError} what it is about is not there, or of another kind. */
  async add(request: JobRequest): Promise<StudioJob> {
    const { items, styles } = this.#options;
    checkJob(request, items, styles);
    const id = randomUUID();
    const title = titleOf(request, items.require(request.item).name);
    const job: StudioJob = {
      ...{ id, request, title, state: 'waiting', created: Date.now(), notes: [], results: [] },
    };
    this.#set(job);
    // It is not done before it is written down.
    await this.#save();
    this.#advance();
    return job;
  }

  /** Ends a job that waits or runs. */
  async cancel(id: string): Promise<void> {
    await this.#end(id, 'cancel');
  }

  /** Lets a film or a training save what there is, and wait. @throws {ConfigError} it is neither. */
  async pause(id: string): Promise<void> {
    const { kind } = this.#require(id).request;
    if (kind !== 'film' && kind !== 'train')
      throw new ConfigError(`Expected a film or a training to pause but received a ${kind}; cancel it.`);
    await this.#end(id, 'pause');
  }

  /** Goes on with what was paused, cancelled or has failed. */
  async resume(id: string): Promise<void> {
    const { error: _, ended: __, ...job } = this.#require(id);
    if (!['paused', 'cancelled', 'failed'].includes(job.state)) return;
    checkJob(job.request, this.#options.items, this.#options.styles);
    this.#set({ ...job, state: 'waiting', notes: [] });
    await this.#save();
    this.#advance();
  }

  /**
   * Makes a style of a training's checkpoint as it is now.
   *
   * @throws {ConfigError} it is no training. {FileError} it has saved nothing yet.
   */
  async keep(id: string): Promise<string> {
    const job = this.#require(id);
    const { request } = job;
    if (request.kind !== 'train')
      throw new ConfigError(`Expected a training but received a ${request.kind}.`);
    const file = join(this.folderOf(id), checkpointOf(request));
    if (!(await stat(file).catch(() => undefined)))
      throw new FileError(
        'Expected a training that has saved a style but received one that has not; pause it.',
      );
    const { styles, say } = this.#options;
    const kept = await styles.keep(file, request.name);
    say({ event: 'styles', styles: styles.all() });
    this.#set({ ...this.#require(id), kept });
    await this.#save();
    return kept;
  }

  /** Forgets a job and its files. @throws {ConfigError} it is not at its end. */
  async remove(id: string): Promise<void> {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    if (job.state === 'running' || job.state === 'waiting')
      throw new ConfigError(
        `Expected a job at its end but received one that is ${job.state}; cancel it first.`,
      );
    this.#jobs.delete(id);
    await this.#save();
    this.#options.say({ event: 'job-removed', id });
    await rm(this.folderOf(id), { recursive: true, force: true });
  }

  /** Whether a job that has not ended needs the file. */
  needs(item: string): boolean {
    return this.all().some(({ state, request }) => {
      const others =
        request.kind === 'train' ? request.previews : 'look' in request ? [request.look.mask] : [];
      return ['waiting', 'running', 'paused'].includes(state) && [request.item, ...others].includes(item);
    });
  }

  /** Saves everything and ends the processes. Jobs go on when the queue is opened again. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(Object.values(this.#engines).map((engine) => engine.close()));
    await Promise.all([...this.#running.values()].map(({ ended }) => ended));
    await this.#save();
  }

  async #end(id: string, wish: 'cancel' | 'pause'): Promise<void> {
    const job = this.#require(id);
    const running = [...this.#running.values()].find((one) => one.id === id);
    if (running !== undefined) {
      this.#set({ ...job, wish });
      running.stop.abort();
      const lane = laneOf(job.request);
      if (lane === 'photos') setTimeout(() => this.#killIfRunning(lane, id), CANCEL_MS).unref();
    } else if (job.state === 'waiting' || job.state === 'paused')
      this.#set({ ...job, state: wish === 'pause' ? 'paused' : 'cancelled', ended: Date.now() });
    await this.#save();
  }

  #killIfRunning(lane: Lane, id: string): void {
    if (this.#running.get(lane)?.id === id) this.#engines[lane].kill();
  }

  #advance(): void {
    if (this.#isClosing) return;
    for (const lane of Object.keys(this.#engines) as Lane[]) {
      if (this.#running.has(lane)) continue;
      const next = this.all().find(({ state, request }) => state === 'waiting' && laneOf(request) === lane);
      if (next === undefined) continue;
      const stop = new AbortController();
      const ended = this.#run(next, lane, stop.signal).finally(() => {
        this.#running.delete(lane);
        this.#advance();
      });
      this.#running.set(lane, { id: next.id, stop, ended });
    }
  }

  /** Rejects never: whatever happens is the job's state. */
  async #run({ id, request }: StudioJob, lane: Lane, signal: AbortSignal): Promise<void> {
    const engine = this.#engines[lane];
    const change = (changes: Partial<StudioJob>) => this.#set({ ...this.#require(id), ...changes });
    try {
      engine.start();
      change({ state: 'running', started: Date.now() });
      await this.#save();
      await doJob(request, {
        ...this.#options,
        ...{ engine, folder: this.folderOf(id) },
        onResult: (name) => change({ results: [...new Set([...this.#require(id).results, name])] }),
        hooks: {
          signal,
          onProgress: (progress) =>
            change({ progress, ...(request.kind === 'train' ? { hasReport: true } : {}) }),
          onNote: (note) => change({ notes: [...this.#require(id).notes, note].slice(-MOST_NOTES) }),
        },
      });
      change({ state: 'done', ended: Date.now() });
    } catch (error) {
      change(this.#afterError(id, error));
    }
    const { wish: _, ...job } = this.#require(id);
    this.#set(job);
    // What a disk that is full cannot take is said by the next change that somebody asks for.
    await this.#save().catch(() => undefined);
  }

  #afterError(id: string, error: unknown): Partial<StudioJob> {
    const { wish } = this.#require(id);
    if (this.#isClosing) return { state: wish === 'pause' ? 'paused' : 'waiting' };
    if (error instanceof InterruptedError && wish !== undefined)
      return { state: wish === 'pause' ? 'paused' : 'cancelled', ended: Date.now() };
    const message = error instanceof Error ? error.message : String(error);
    const isUsers = error instanceof FastStyleError;
    const [line = ''] = message.split('\n');
    return {
      ...{ state: 'failed', ended: Date.now(), error: line },
      ...(isUsers ? {} : { notes: [...this.#require(id).notes, message].slice(-MOST_NOTES) }),
    };
  }

  #require(id: string): StudioJob {
    const job = this.#jobs.get(id);
    if (job === undefined)
      throw new FileError('Expected a job of this studio but received one that was removed.');
    return job;
  }

  #set(job: StudioJob): void {
    this.#jobs.set(job.id, job);
    this.#options.say({ event: 'job', job });
  }

  #save(): Promise<void> {
    return this.#stored.write((): Stored => {
      const engines = Object.values(this.#engines).flatMap(({ pid }) => pid ?? []);
      return { jobs: this.all(), engines };
    });
  }
}

/** The folder of a training's run. */
export function runFolderOf(queue: JobQueue, id: string): string {
  return join(queue.folderOf(id), RUN);
}

function laneOf({ kind }: JobRequest): Lane {
  return kind === 'photo' || kind === 'styles' ? 'photos' : 'films and trainings';
}

function titleOf(request: JobRequest, name: string): string {
  if (request.kind === 'train') return `Train ${request.name}`;
  if (request.kind === 'strengths') return `Strengths of ${name}`;
  if (request.kind === 'styles') return `${name} in ${request.styles.length} styles`;
  const used = request.parts.filter(({ weight }) => weight > 0);
  return `${name} in ${used.map(({ style }) => style).join(' + ')}`;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function ended(pids: readonly number[]): Promise<void> {
  for (const end = Date.now() + ORPHAN_MS; pids.some(isRunning) && Date.now() < end; ) await delay(200);
}
