import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fromCloned } from '../../system/cloned-error.ts';
import { InterruptedError } from '../../system/errors.ts';
import { GRACE, type TaskOrder, type TaskReply } from './task-messages.ts';

/** The process has ended in the middle of a task. */
export class ProcessDiedError extends Error {
  /** How much was done by then, by `onProgress`. */
  readonly done: number;

  constructor(how: string, said: string, done: number) {
    super(`The process ended (${how})${said === '' ? '' : `: ${said}`}.`);
    this.done = done;
  }
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

interface Pending {
  readonly id: number;
  readonly onProgress: (done: number, total: number) => void;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  done: number;
}

/**
 * Buffers of photos lie outside V8's heap but count towards the size at which it collects all garbage: left to itself, it may do so at every
 * seventh photo of 256 px, which takes a fifth of the time. At four times what the last collection has left, it does so once or twice in all.
 */
const HEAP_GROWTH = '--heap-growing-percent=300';

/** What the process said last is shown where it dies. */
const MOST_SAID = 2000;

/** A process that does tasks, one at a time (`task-process.ts`); started when it is needed, and again after it has died. */
export class TaskRunner {
  #child: ChildProcess | undefined;
  #said = '';
  #last = 0;
  #pending: Pending | undefined;
  readonly #threads: number;

  /** @param threads that TensorFlow computes with. */
  constructor(threads: number) {
    this.#threads = threads;
  }

  /**
   * @returns what the task answers. @throws {FastStyleError} as the task. {InterruptedError} the signal came. {ProcessDiedError} the
   * process died. {Error} a bug.
   */
  async run(order: Omit<TaskOrder, 'id'>, { signal, onProgress }: RunOptions): Promise<unknown> {
    signal.throwIfAborted();
    const id = ++this.#last;
    const child = this.#start();
    let timer: NodeJS.Timeout | undefined;
    const abort = () => {
      if (child.connected) child.send({ abort: id });
      timer = setTimeout(() => child.kill('SIGKILL'), GRACE);
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await new Promise<unknown>((resolve, reject) => {
        this.#pending = { id, onProgress, resolve, reject, done: 0 };
        child.send({ order: { ...order, id } });
      });
    } catch (error) {
      if (signal.aborted) throw new InterruptedError('Stopped.', { cause: error });
      throw error;
    } finally {
      this.#pending = undefined;
      signal.removeEventListener('abort', abort);
      clearTimeout(timer);
    }
  }

  /** Lets the process end. */
  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), GRACE);
    await ended;
    clearTimeout(timer);
  }

  #start(): ChildProcess {
    if (this.#child?.connected) return this.#child;
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const file = fileURLToPath(new URL(`./task-process.${extension}`, import.meta.url));
    const threads = String(this.#threads);
    const child = fork(file, [], {
      execArgv: [...process.execArgv, HEAP_GROWTH],
      // What it does needs no access to Redis.
      env: {
        ...process.env,
        FAST_STYLE_REDIS_URL: undefined,
        FAST_STYLE_REDIS_PASSWORD: undefined,
        TF_NUM_INTRAOP_THREADS: threads,
        OMP_NUM_THREADS: threads,
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-MOST_SAID);
    });
    child.on('message', (reply: TaskReply) => this.#answer(reply));
    child.on('error', (error) => this.#end(child, error.message));
    child.on('exit', (code, signal) => this.#end(child, String(signal ?? code)));
    return child;
  }

  #answer(reply: TaskReply): void {
    const pending = this.#pending;
    if (pending === undefined || pending.id !== reply.id) return;
    if ('total' in reply) {
      pending.done = reply.done;
      pending.onProgress(reply.done, reply.total);
    } else if ('result' in reply) pending.resolve(reply.result);
    else pending.reject(fromCloned(reply.error));
  }

  #end(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const said = this.#said.trim().split('\n').at(-1) ?? '';
    this.#pending?.reject(new ProcessDiedError(how, said, this.#pending.done));
  }
}
