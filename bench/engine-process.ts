/**
 * An engine in a process of its own. It reads one JSON object per line and answers each with one:
 * `{"command": "prepare", "case": …, "folder": …}` → `{"note": …}`; `{"command": "run"}` → `{"ms": …}`;
 * `{"command": "output", "file": …}` runs once more from the first state, writes the result as raw float32 and answers
 * `{}`. A minimiser's run is a turn, answered with the objective's `values` besides, and its output the objective and its
 * gradient at the start. A failure is `{"error": …}`.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Case } from './cases.ts';
import type { Engine } from './engines.ts';
import type { OptimisationCase } from './optimisation-case.ts';

export type Answer = Readonly<Record<string, unknown>>;

/** An engine that needs more is ended, with a word in the report: others work on the machine as well. */
export const LONGEST_RUN = 60;
export const MOST_MEMORY = 10 * 2 ** 30;
/** Preparing compiles, tries memory layouts and runs several times. */
const LONGEST_PREPARATION = 5 * LONGEST_RUN;
/** How often memory is looked at, ms. */
const WATCH = 100;

export class EngineProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #answers: AsyncIterator<string>;
  #complaints = '';
  #peak: number | undefined;

  constructor({ program, script, args, env }: Engine, python: string) {
    const threads = String(availableParallelism());
    // Loaded as this file is.
    const [command, first] = program === 'node' ? [process.execPath, process.execArgv] : [python, []];
    this.#child = spawn(command, [...first, script, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...{ OMP_NUM_THREADS: threads, MKL_NUM_THREADS: threads, BENCH_THREADS: threads },
        ...env,
      },
    });
    this.#child.stderr.on('data', (piece: Buffer) => {
      this.#complaints = (this.#complaints + piece.toString()).slice(-2000);
    });
    // Writing to an engine that has died shows as its missing answer.
    this.#child.stdin.on('error', () => undefined);
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** @throws {Error} the engine reports a failure, has ended, or goes beyond the limits of time or memory. */
  async ask(question: Answer, seconds = LONGEST_RUN): Promise<Answer> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error('it has ended');
    const watch = this.#watch(seconds);
    try {
      this.#child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await this.#answers.next();
      if (watch.reason !== undefined) throw new Error(watch.reason);
      if (done)
        throw new Error(`failed: it ended without an answer: ${this.#complaints.trim().split('\n').at(-1)}`);
      const answer = JSON.parse(value) as Answer;
      if (typeof answer.error === 'string') throw new Error(`failed: ${answer.error}`);
      return answer;
    } finally {
      watch.stop();
    }
  }

  /** Ends the engine when it takes too long or too much; `reason` then says so. */
  #watch(seconds: number): { reason: string | undefined; stop(): void } {
    const started = performance.now();
    const watch = { reason: undefined as string | undefined, stop: () => clearInterval(timer) };
    const timer = setInterval(async () => {
      const memory = (await this.peakMemory()) ?? 0;
      if (memory > MOST_MEMORY) watch.reason = `skipped: needs more than ${MOST_MEMORY / 2 ** 30} GiB`;
      else if (performance.now() - started > seconds * 1000)
        watch.reason = `skipped: takes more than ${seconds} s`;
      if (watch.reason !== undefined) this.#child.kill('SIGKILL');
    }, WATCH);
    return watch;
  }

  prepare(one: Case | OptimisationCase, folder: string): Promise<Answer> {
    return this.ask({ command: 'prepare', case: one, folder }, LONGEST_PREPARATION);
  }

  async run(): Promise<number> {
    return Number((await this.ask({ command: 'run' })).ms);
  }

  async output(file: string): Promise<Float32Array> {
    await this.ask({ command: 'output', file });
    return new Float32Array(new Uint8Array(await readFile(file)).buffer);
  }

  /** Largest resident memory so far in bytes; undefined where the system does not tell (it does on Linux). */
  async peakMemory(): Promise<number | undefined> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    // Of one that has ended, the last that was seen.
    if (kilobytes !== undefined) this.#peak = Number(kilobytes) * 1024;
    return this.#peak;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    await closed;
  }
}
