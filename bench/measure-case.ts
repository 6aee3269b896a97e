/** All engines on one case: they prepare, show that they agree, and take turns. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { agreement, inWords } from './agreement.ts';
import { type Case, convolutionOperations, isLarge } from './cases.ts';
import { EngineProcess } from './engine-process.ts';
import type { Engine } from './engines.ts';
import { writeMaterials } from './materials.ts';
import type { CaseResult, Measurement } from './report.ts';
import { median } from './statistics.ts';

/** Threads of the engine before may wait by spinning for a moment. */
const PAUSE = 60;

interface Contender {
  readonly engine: Engine;
  readonly process: EngineProcess;
  readonly milliseconds: number[];
  agreement: string;
  note: string;
  counts: boolean;
}

export interface MeasureOptions {
  readonly engines: readonly Engine[];
  readonly python: string | undefined;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/** An engine that fails, disagrees or goes beyond the limits of time or memory is reported in place of a time. */
export async function measureCase(one: Case, options: MeasureOptions): Promise<CaseResult> {
  const { engines, rounds, say } = options;
  say(`\n${one.name}`);
  const folder = await mkdtemp(join(tmpdir(), 'fast-style-bench-'));
  try {
    await writeMaterials(one, folder);
    const compare = comparison(one);
    // Side by side in memory they take turns; what fills memory comes one after the other.
    const groups = isLarge(one) ? engines.map((engine) => [engine]) : [engines];
    const measurements: Measurement[] = [];
    for (const group of groups)
      measurements.push(...(await measureGroup(one, folder, group, options, compare)));
    for (const { engine, milliseconds, agreement } of measurements) {
      const time = milliseconds.length === 0 ? '—' : `${median(milliseconds).toFixed(1)} ms`;
      say(`  ${engine.padEnd(26)} ${time.padStart(12)}  ${agreement}`);
    }
    return { case: one, operations: convolutionOperations(one), rounds, measurements };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Compare = (contender: Contender, output: Float32Array) => void;

/** The first engine's output is what the others' are compared with. */
function comparison(one: Case): Compare {
  let reference: Float32Array | undefined;
  return (contender, output) => {
    reference ??= output;
    const found = agreement(one.kind, contender.engine.precision, output, reference);
    contender.agreement = inWords(found);
    contender.counts = found.agrees;
  };
}

async function measureGroup(
  one: Case,
  folder: string,
  engines: readonly Engine[],
  { python, rounds }: MeasureOptions,
  compare: Compare,
): Promise<Measurement[]> {
  const contenders: Contender[] = [];
  const attempt = async (contender: Contender, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      contender.agreement = error instanceof Error ? error.message : String(error);
      contender.counts = false;
      contender.milliseconds.length = 0;
    }
  };
  try {
    for (const engine of engines) {
      const process = new EngineProcess(engine, python ?? '');
      const contender: Contender = {
        engine,
        process,
        milliseconds: [],
        agreement: '',
        note: '',
        counts: false,
      };
      contenders.push(contender);
      await attempt(contender, async () => {
        contender.note = String((await process.prepare(one, folder)).note ?? '');
        compare(contender, await process.output(join(folder, 'output.f32')));
      });
    }
    for (let round = 0; round < rounds; round++) {
      for (const contender of contenders) {
        if (!contender.counts) continue;
        await setTimeout(PAUSE);
        await attempt(contender, async () => {
          contender.milliseconds.push(await contender.process.run());
        });
      }
    }
    return await Promise.all(contenders.map(measurement));
  } finally {
    await Promise.all(contenders.map(({ process }) => process.end()));
  }
}

async function measurement(contender: Contender): Promise<Measurement> {
  const { engine, process, milliseconds, agreement, note } = contender;
  const { name, precision } = engine;
  const peakMemory = await process.peakMemory();
  return { engine: name, precision, milliseconds, agreement, note, peakMemory };
}
