import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FastStyleError, InterruptedError } from '../index.ts';
import type { EngineFailure, EngineReply, EngineTask } from './engine-task.ts';
import type { JobProgress } from './protocol.ts';

export interface EngineHooks {
  readonly onProgress?: (progress: JobProgress) => void;
  readonly onNote?: (note: string) => void;
  /** Ends the task as soon as everything is saved. */
  readonly signal?: AbortSignal;
}

interface Pending extends EngineHooks {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What the process said last is shown where it dies. */
const MOST_SAID = 2000;

/**
 * A process that paints and trains (`engine-process.ts`), started when it is needed and again after it has died. Tasks are done one after
 * the other.
 */
export class Engine {
  #child: ChildProcess | undefined;
  #said = '';
  #last = 0;
  #isClosed = false;
  readonly #pending = new Map<number, Pending>();

  /** Process number of the engine while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * @throws {FastStyleError} what the library throws. {InterruptedError} the signal was aborted. {Error} a bug, or the process died.
   */
  run(task: EngineTask, hooks: EngineHooks = {}): Promise<void> {
    const id = ++this.#last;
    const { signal } = hooks;
    return new Promise<void>((resolve, reject) => {
      if (signal?.aborted || this.#isClosed) return reject(stopped());
      const child = this.start();
      const abort = () => {
        if (child.connected) child.send({ id, abort: true });
      };
      const settle = () => {
        signal?.removeEventListener('abort', abort);
        this.#pending.delete(id);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#pending.set(id, {
        ...hooks,
        resolve: () => {
          settle();
          resolve();
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      child.send({ id, task });
    });
  }

  /** Lets the process end by itself: what is under way saves first. Resolves when it has ended; none is started again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.connected) child.disconnect();
    await ended;
  }

  /** Ends the process at once. For what can be done again: a file that it writes is whole or not there. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Starts the process if there is none; a task does so by itself. */
  start(): ChildProcess {
    if (this.#child?.connected) return this.#child;
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const file = fileURLToPath(new URL(`./engine-process.${extension}`, import.meta.url));
    const child = fork(file, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child = child;
    this.#said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-MOST_SAID);
    });
    child.on('message', (reply: EngineReply) => this.#answer(reply));
    child.on('error', (error) => this.#end(child, error.message));
    child.on('exit', (code, signal) => this.#end(child, String(signal ?? code)));
    return child;
  }

  #answer(reply: EngineReply): void {
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    if ('progress' in reply) pending.onProgress?.(reply.progress);
    else if ('note' in reply) pending.onNote?.(reply.note);
    else if ('done' in reply) pending.resolve();
    else pending.reject(errorOf(reply.failed));
  }

  #end(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const said = this.#said.trim().split('\n').at(-1) ?? '';
    for (const { reject, signal } of [...this.#pending.values()])
      reject(
        signal?.aborted
          ? stopped()
          : new Error(`The painting process ended (${how})${said === '' ? '' : `: ${said}`}.`),
      );
  }
}

function stopped(): InterruptedError {
  return new InterruptedError('Stopped.');
}

function errorOf({ message, isUserError, isStopped }: EngineFailure): Error {
  if (isStopped) return new InterruptedError(message);
  return isUserError ? new FastStyleError(message) : new Error(message);
}
