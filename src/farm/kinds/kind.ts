/**
 * What a kind of job is to the farm: how its data is checked, split into tasks, done and put together.
 *
 * A job's data are the options of its command by their names in camelCase (`photo`, `style`, `out`, …), without defaults that the command
 * does not state, and with keys of the store in place of paths. Styles are keys, too: `submit` puts each style's file at
 * `.fast-style/styles/<SHA-256>/<name>.safetensors`, so that all workers paint with the same bytes; `:style` of one in several stays.
 */
import type { Store } from '../store/store.ts';

/** What a task runs with. */
export interface TaskContext {
  readonly store: Store;
  /** A folder of its own, empty at first, that the worker removes. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly threads: number;
  /** Bytes that the task may take; at least what it needs. Not given: what is free. */
  readonly memory?: number;
  onProgress(done: number, total: number): void;
  /**
   * How far earlier tries were, by `onProgress`, when the process they ran in died: what they were at may be what kills it. Empty
   * unless that has happened.
   */
  readonly deaths?: readonly number[];
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
  /** What it is counted as where what is done and left is shown: photos, frames, steps. 1 unless given. */
  readonly items?: number;
}

/** What a task may answer whose items fail one by one: it is a failed task then, and its other items are done. */
export interface ItemsDone {
  readonly done: number;
  readonly failed: readonly { readonly item: string; readonly reason: string }[];
}

/** What putting results together answers. */
export interface JoinedJob {
  /** What is not as in the source, or as on one machine, a line each. */
  readonly notes: readonly string[];
}

export interface Kind<Data> {
  readonly name: 'stylize' | 'video' | 'train' | 'sheet' | 'compare';
  /** As strict as a command line. @throws {FastStyleError} the data is not that of such a job. */
  check(data: unknown): Data;
  /** Refuses a new job before anything of it is queued: what it would write is there already, say. */
  admit?(data: Data, context: TaskContext): Promise<void>;
  /** Units of work, streamed: a million photos take bounded memory. The same, in the same order, for the same data and files. */
  split(data: Data, context: TaskContext): AsyncIterable<Task>;
  /** Idempotent: outputs appear whole, once. */
  run(task: unknown, context: TaskContext): Promise<unknown>;
  /** Gives up what `run` keeps for further tasks, as a loaded style; idempotent. */
  release?(): Promise<void>;
  /** Puts results together. @returns what there is to know of what came of them, shown with the job. */
  join?(data: Data, results: AsyncIterable<unknown>, context: TaskContext): Promise<JoinedJob>;
}
