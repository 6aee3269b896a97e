/** What a kind of job is to the farm: how its data is checked, split into tasks, done and put together. */
import type { Store } from '../store/store.ts';

/** What a task runs with. */
export interface TaskContext {
  readonly store: Store;
  /** A folder of its own, empty at first, that the worker removes. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly threads: number;
  onProgress(done: number, total: number): void;
}

/** What a worker must have to run a task. */
export interface Needs {
  /** Memory that it takes at its peak. */
  readonly bytes: number;
  readonly gpu?: boolean;
  readonly bf16?: boolean;
}

/** A unit of work. */
export interface Task {
  /** The same for the same task of the same job. */
  readonly name: string;
  readonly data: unknown;
  readonly needs: Needs;
}

export interface Kind<Data> {
  readonly name: 'stylize' | 'video' | 'train' | 'sheet' | 'compare';
  /** As strict as a command line. @throws {FastStyleError} the data is not that of such a job. */
  check(data: unknown): Data;
  /** Units of work, streamed: a million photos take bounded memory. */
  split(data: Data, context: TaskContext): AsyncIterable<Task>;
  /** Idempotent: outputs appear whole, once. */
  run(task: unknown, context: TaskContext): Promise<unknown>;
  join?(data: Data, results: AsyncIterable<unknown>, context: TaskContext): Promise<unknown>;
}
