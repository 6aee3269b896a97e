import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Farm } from '../queue/farm.ts';
import { JOIN } from '../queue/job-records.ts';
import type { TakenTask } from './task-outcome.ts';
import { TaskRunner } from './task-runner.ts';

/** Least milliseconds between two reports on a task's progress. */
const REPORT = 200;

/** Where a slot's tasks find and leave files. */
export interface SlotFolders {
  /** The worker's own: each task has one below it. */
  readonly folder: string;
  /** Bytes that the files read from the store may take. */
  readonly cacheRoom: number;
  /** Where jobs' files are. */
  readonly store: string;
}

/** A worker's place for one task at a time, with the process that does it. */
export class TaskSlot {
  /** Bytes that its task may take; 0 while it is idle. */
  budget = 0;
  readonly #farm: Farm;
  readonly #worker: string;
  readonly #number: number;
  readonly #threads: number;
  readonly #runner: TaskRunner;

  /** @param worker its id. @param number among the worker's slots. @param threads that TensorFlow computes with. */
  constructor(farm: Farm, worker: string, number: number, threads: number) {
    this.#farm = farm;
    this.#worker = worker;
    this.#number = number;
    this.#threads = threads;
    this.#runner = new TaskRunner(threads);
  }

  /** Has the process do a task, in a folder of its own. @throws as `TaskRunner.run`. */
  async run(
    { envelope, job }: TakenTask,
    { folder, cacheRoom, store }: SlotFolders,
    signal: AbortSignal,
  ): Promise<unknown> {
    const { job: id, index, kind, task, deaths = [] } = envelope;
    const scratch = await mkdtemp(join(folder, 'task-'));
    try {
      const order = {
        ...{ kind, cacheRoom, store, scratch, deaths },
        cache: join(folder, `cache-${this.#number}`),
        threads: this.#threads,
        memory: this.budget,
      };
      let reported = Number.NEGATIVE_INFINITY;
      const onProgress = (done: number, total: number) => {
        const now = performance.now();
        if (now - reported < REPORT && done !== total) return;
        reported = now;
        job.updateProgress({ done, total, worker: this.#worker }).catch(() => undefined);
      };
      if (index !== JOIN) return await this.#runner.run({ ...order, task }, { signal, onProgress });
      const { data, tasks } = await this.#farm.records.require(id);
      const results = [];
      for await (const result of this.#farm.records.results(id, tasks)) results.push(result);
      return await this.#runner.run({ ...order, task: data, join: { results } }, { signal, onProgress });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  close(): Promise<void> {
    return this.#runner.close();
  }
}
