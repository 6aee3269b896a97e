/** All minimisers on one picture: they prepare, show that they start from the same objective, and take turns. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Agreement, inWords } from './agreement.ts';
import { EngineProcess } from './engine-process.ts';
import type { Engine } from './engines.ts';
import { writeMaterials } from './materials.ts';
import { BUDGETS, type OptimisationCase } from './optimisation-case.ts';
import { median } from './statistics.ts';

/** Threads of the minimiser before may wait by spinning for a moment. */
const PAUSE = 60;
/** Largest relative difference of the objective, and relative distance of its gradient, at the start. */
const CLOSE = { f32: { value: 1e-3, gradient: 0.01 }, bf16: { value: 0.02, gradient: 0.2 } } as const;

export interface Minimization {
  readonly engine: string;
  readonly precision: Engine['precision'];
  /** The engine's own choice, for instance of a memory layout. */
  readonly note: string;
  /** Milliseconds per evaluation of each turn, with the minimiser's own work; empty where it does not count. */
  readonly perEvaluation: readonly number[];
  /** Lowest objective after each of `BUDGETS`. */
  readonly reached: readonly number[];
  /** How objective and gradient compare at the start, or why there are no figures. */
  readonly agreement: string;
  /** Bytes. */
  readonly peakMemory: number | undefined;
}

export interface OptimisationResult {
  readonly case: OptimisationCase;
  readonly minimizations: readonly Minimization[];
}

export interface MeasureOptimisationOptions {
  readonly engines: readonly Engine[];
  readonly python: string | undefined;
  readonly say: (line: string) => void;
}

/** A minimiser that fails or disagrees is reported in place of its figures. */
export async function measureOptimisation(
  one: OptimisationCase,
  { engines, python, say }: MeasureOptimisationOptions,
): Promise<OptimisationResult> {
  say(`\n${one.name}`);
  const folder = await mkdtemp(join(tmpdir(), 'fast-style-bench-'));
  const runners: Runner[] = [];
  try {
    await writeMaterials(one, folder);
    let reference: Float32Array | undefined;
    for (const engine of engines) {
      const runner = new Runner(engine, python ?? '');
      runners.push(runner);
      // The first is what all others are compared with, not each with the one before it.
      const output = await runner.prepare(one, folder, reference);
      reference ??= output;
    }
    while (runners.some((runner) => runner.goesOn(one)))
      for (const runner of runners) {
        if (!runner.goesOn(one)) continue;
        await setTimeout(PAUSE);
        await runner.turn();
      }
    const minimizations = await Promise.all(runners.map((runner) => runner.result()));
    for (const { engine, perEvaluation, reached, agreement } of minimizations)
      say(
        `  ${engine.padEnd(32)} ${median(perEvaluation).toFixed(1)} ms  ${reached.join('  ')}  ${agreement}`,
      );
    return { case: one, minimizations };
  } finally {
    await Promise.all(runners.map((runner) => runner.end()));
    await rm(folder, { recursive: true, force: true });
  }
}

/** A minimiser's process and what it has done so far. */
class Runner {
  readonly #engine: Engine;
  readonly #process: EngineProcess;
  readonly #perEvaluation: number[] = [];
  readonly #values: number[] = [];
  #counts = true;
  #agreement = '';
  #note = '';

  constructor(engine: Engine, python: string) {
    this.#engine = engine;
    this.#process = new EngineProcess(engine, python);
  }

  /** @returns objective and gradient at the start; undefined where that failed. */
  async prepare(
    one: OptimisationCase,
    folder: string,
    reference: Float32Array | undefined,
  ): Promise<Float32Array | undefined> {
    return await this.#attempt(async () => {
      this.#note = String((await this.#process.prepare(one, folder)).note ?? '');
      const output = await this.#process.output(join(folder, 'output.f32'));
      const found = startAgreement(this.#engine.precision, output, reference ?? output);
      this.#counts = found.agrees;
      this.#agreement = inWords(found);
      return output;
    });
  }

  goesOn({ evaluations }: OptimisationCase): boolean {
    return this.#counts && this.#values.length < evaluations;
  }

  async turn(): Promise<void> {
    await this.#attempt(async () => {
      const { ms, values } = await this.#process.ask({ command: 'run' });
      const seen = values as readonly number[];
      this.#perEvaluation.push(Number(ms) / seen.length);
      this.#values.push(...seen);
    });
  }

  async result(): Promise<Minimization> {
    const [counts, values] = [this.#counts, this.#values];
    return {
      engine: this.#engine.name,
      precision: this.#engine.precision,
      note: this.#note,
      perEvaluation: counts ? this.#perEvaluation : [],
      reached: counts ? BUDGETS.map((budget) => Math.min(...values.slice(0, budget))) : [],
      agreement: this.#agreement,
      peakMemory: await this.#process.peakMemory(),
    };
  }

  async end(): Promise<void> {
    await this.#process.end();
  }

  async #attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#agreement = error instanceof Error ? error.message : String(error);
      this.#counts = false;
      return undefined;
    }
  }
}

/** @param output, reference the objective, then its gradient. */
export function startAgreement(
  precision: Engine['precision'],
  output: Float32Array,
  reference: Float32Array,
): Agreement {
  const value = Math.abs(output[0]! / reference[0]! - 1);
  let [apart, whole] = [0, 0];
  for (let i = 1; i < reference.length; i++) {
    apart += (output[i]! - reference[i]!) ** 2;
    whole += reference[i]! ** 2;
  }
  const gradient = output.length === reference.length ? Math.sqrt(apart / whole) : Number.POSITIVE_INFINITY;
  const close = CLOSE[precision];
  return {
    agrees: value <= close.value && gradient <= close.gradient,
    shown: `objective within ${value.toExponential(1)}, gradient within ${gradient.toExponential(1)}`,
  };
}
