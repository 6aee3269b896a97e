/**
 * `npm run bench [-- --quick] [-- --large] [-- --only <part of a case's name>]`: ours and the peers, interleaved in one
 * run. Prints what it finds and writes docs/performance.md (not with --only).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, platform, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runProgram } from '../src/engine/runtime/run-program.ts';
import { agreement } from './agreement.ts';
import { type Case, cases, convolutionOperations } from './cases.ts';
import { coldStart } from './cold-start.ts';
import { EngineProcess } from './engine-process.ts';
import { ENGINES, type Engine, enginesFor } from './engines.ts';
import { writeMaterials } from './materials.ts';
import { pythonEnvironment } from './python-environment.ts';
import { type CaseResult, formatReport, type Measurement } from './report.ts';
import { median } from './statistics.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});
const rounds = options.quick ? 3 : 9;
/** Threads of the engine before may wait by spinning for a moment. */
const PAUSE = 60;
const say = (line: string) => console.log(line);

interface Contender {
  readonly engine: Engine;
  readonly process: EngineProcess;
  readonly milliseconds: number[];
  agreement: string;
  note: string;
  counts: boolean;
}

async function measureCase(one: Case, python: string | undefined): Promise<CaseResult> {
  say(`\n${one.name}`);
  const folder = await mkdtemp(join(tmpdir(), 'fast-style-bench-'));
  const contenders: Contender[] = [];
  try {
    await writeMaterials(one, folder);
    let reference: Float32Array | undefined;
    for (const engine of enginesFor(one, python !== undefined)) {
      const contender: Contender = {
        engine,
        process: new EngineProcess(engine, python ?? ''),
        milliseconds: [],
        agreement: '',
        note: '',
        counts: false,
      };
      contenders.push(contender);
      try {
        contender.note = String((await contender.process.prepare(one, folder)).note ?? '');
        const output = await contender.process.output(join(folder, 'output.f32'));
        reference ??= output;
        const { agrees, shown } = agreement(one.kind, engine.precision, output, reference);
        contender.agreement = agrees ? shown : `does not agree: ${shown}`;
        contender.counts = agrees;
      } catch (error) {
        contender.agreement = `failed: ${error instanceof Error ? error.message : error}`;
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const { process, milliseconds, counts } of contenders) {
        if (!counts) continue;
        await setTimeout(PAUSE);
        milliseconds.push(await process.run());
      }
    }
    const measurements = await Promise.all(contenders.map(measurement));
    for (const { engine, milliseconds, agreement } of measurements) {
      const time = milliseconds.length === 0 ? '—' : `${median(milliseconds).toFixed(1)} ms`;
      say(`  ${engine.padEnd(26)} ${time.padStart(12)}  ${agreement}`);
    }
    return { case: one, operations: convolutionOperations(one), measurements };
  } finally {
    await Promise.all(contenders.map(({ process }) => process.end()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function measurement(contender: Contender): Promise<Measurement> {
  const { engine, process, milliseconds, agreement, note } = contender;
  const { name, precision } = engine;
  const peakMemory = await process.peakMemory();
  return { engine: name, precision, milliseconds, agreement, note, peakMemory };
}

/** What our engine says of machine and versions. */
async function askMachine() {
  const process = new EngineProcess(ENGINES[1]!, '');
  try {
    const { speed, versions } = await process.ask({ command: 'machine' });
    return {
      peak: speed as { f32: number; bf16: number | undefined },
      versions: versions as Record<string, string>,
    };
  } finally {
    await process.end();
  }
}

async function peerVersions(python: string): Promise<Record<string, string>> {
  const program =
    'import json; from importlib.metadata import version; print(json.dumps({p: version(p) for p in ("torch", "onnxruntime", "openvino")}))';
  const { stdout } = await runProgram(python, ['-c', program]);
  return JSON.parse(stdout) as Record<string, string>;
}

function describeMachine(bf16: boolean): string {
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, ${memory} GiB, ${platform()} ${arch()}${bf16 ? '' : ', no bf16'}`;
}

const environment = await pythonEnvironment(say);
const python = 'python' in environment ? environment.python : undefined;
const missing = 'missing' in environment ? [environment.missing] : [];
for (const line of missing) say(line);
const { peak, versions } = await askMachine();
say(`3×3 convolution: ${peak.f32.toFixed(0)} GFLOP/s in f32, ${peak.bf16?.toFixed(0) ?? 'no'} in bf16`);
const allVersions = { ...versions, ...(python === undefined ? {} : await peerVersions(python)) };
const results: CaseResult[] = [];
const seconds = options.only === undefined ? await coldStart(rounds) : [];
if (seconds.length > 0) say(`command line, 512×512: ${median(seconds).toFixed(2)} s`);
for (const one of cases(options.large)) {
  if (options.only !== undefined && !one.name.includes(options.only)) continue;
  results.push(await measureCase(one, python));
  if (options.only === undefined) await writeReport();
}

/** After every case: a run that is broken off leaves what it has measured, and says what it has not. */
async function writeReport(): Promise<void> {
  const done = new Set(results.map(({ case: { name } }) => name));
  const left = cases(options.large).filter(({ name }) => !done.has(name));
  const report = formatReport({
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(peak.bf16 !== undefined),
    versions: allVersions,
    rounds,
    peak,
    cases: results,
    coldStart: seconds,
    missing: [...missing, ...left.map(({ name }) => `${name}: the run was broken off before.`)],
  });
  await writeFile(fileURLToPath(new URL('../docs/performance.md', import.meta.url)), report);
}
