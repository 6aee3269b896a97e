/** What a worker and the process that does its tasks say to each other. Loads nothing. */
import type { ClonedError } from '../../system/cloned-error.ts';

/** Milliseconds that a task which is not wanted any more may take to save what it has. */
export const GRACE = 10_000;

export interface TaskOrder {
  readonly id: number;
  readonly kind: string;
  /** The task; or, where it puts results together, the job's data and its results. */
  readonly task: unknown;
  readonly join?: { readonly results: readonly unknown[] };
  readonly store: string;
  readonly scratch: string;
  /** Folder for files that are kept from task to task; no other process's. */
  readonly cache: string;
  /** Bytes that these may take. */
  readonly cacheRoom: number;
  readonly threads: number;
  readonly memory: number;
  readonly deaths: readonly number[];
}

export type TaskRequest = { readonly order: TaskOrder } | { readonly abort: number };

export type TaskReply =
  | { readonly id: number; readonly done: number; readonly total: number }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ClonedError };
