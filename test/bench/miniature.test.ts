/**
 * The sections of `npm run bench` in miniature: our engines and, where their environment is at hand, the peers; else ours
 * compared with what the peers have answered (fixtures/peers.json, written by `UPDATE_PEERS=1` with that environment).
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { agreement, isBroken } from '../../bench/agreement.ts';
import { type Case, QUARTER_WIDTHS } from '../../bench/cases.ts';
import { coldStarts } from '../../bench/cold-start.ts';
import { EngineProcess } from '../../bench/engine-process.ts';
import { type Engine, enginesFor } from '../../bench/engines.ts';
import { hasBfloat16Units } from '../../bench/machine.ts';
import { writeMaterials } from '../../bench/materials.ts';
import { measureCase } from '../../bench/measure-case.ts';
import { measureOptimisation } from '../../bench/measure-optimisation.ts';
import { minimizersOn } from '../../bench/minimizers.ts';
import { optimisationCases } from '../../bench/optimisation-case.ts';
import { optimisationSection } from '../../bench/optimisation-report.ts';
import { installedPeers } from '../../bench/python-environment.ts';
import { caseSection, coldStartSection, growthSection } from '../../bench/report.ts';
import { bfloat16Units } from '../../src/engine/bfloat16-units.ts';

const ARCHITECTURE = 'c9s1-8,d8,d16,R16,u8,u8,c9s1-3';
const FORWARD: Case = {
  kind: 'forward',
  name: 'mini-forward',
  width: 32,
  height: 24,
  architecture: ARCHITECTURE,
};
const TRAINING: Case = {
  ...{ kind: 'training', name: 'mini-training', width: 64, height: 64, batch: 2 },
  architecture: ARCHITECTURE,
  vggWidths: QUARTER_WIDTHS.map((width) => width / 4),
};
const FIXTURE = new URL('fixtures/peers.json', import.meta.url);
const machine = { peak: { f32: 100, bf16: bfloat16Units().present ? 500 : 50 } };
const python = await installedPeers();
const say = () => undefined;

/** Ours where the machine is fast in their arithmetic, the peers where they are installed, and what PyTorch has answered. */
function contenders(one: Case): readonly Engine[] {
  const stored: Engine = {
    ...{ name: 'PyTorch f32, stored', precision: 'f32', program: 'node', trains: true },
    ...{ script: fileURLToPath(new URL('stored-peer.ts', import.meta.url)), args: [one.name] },
  };
  const present = enginesFor(one, python !== undefined).filter(
    ({ precision }) => precision === 'f32' || hasBfloat16Units(machine),
  );
  return [...present, stored];
}

for (const one of [FORWARD, TRAINING]) {
  test(`${one.name}: all available engines agree with recorded results of PyTorch, and each has a time`, async () => {
    if (process.env.UPDATE_PEERS !== undefined && python !== undefined) await store(one, python);
    const result = await measureCase(one, { engines: contenders(one), python, rounds: 1, say });
    assert.ok(result.measurements.length >= 3);
    for (const { engine, milliseconds, agreement: shown } of result.measurements)
      assert.equal(milliseconds.length, 1, `${engine}: ${shown}`);
    for (const section of [caseSection([result], machine), growthSection([result])])
      assert.ok(!isBroken(section), section);
  });
}

test('mini-optimisation: all available minimisers start from one objective and make their evaluations', async () => {
  const one = {
    ...{
      ...optimisationCases()[0]!,
      name: 'mini-optimisation',
      width: 32,
      height: 32,
      evaluations: 6,
      turn: 3,
    },
    vggWidths: QUARTER_WIDTHS.map((width) => width / 4),
  };
  const engines = minimizersOn(machine, python !== undefined);
  const result = await measureOptimisation(one, { engines, python, say });
  for (const { engine, perEvaluation, agreement: shown } of result.minimizations)
    assert.ok(perEvaluation.length >= 2, `${engine}: ${shown}`);
  const section = optimisationSection(result, machine);
  assert.ok(!isBroken(section), section);
});

test('cold-start: each call has a time and its verdict', async () => {
  const starts = await coldStarts(1);
  for (const { what, seconds } of starts) assert.ok(seconds.length === 1 && seconds[0]! > 0, what);
  const section = coldStartSection(starts);
  assert.ok(!isBroken(section), section);
  assert.equal(section.match(/^- Target: .*, (not )?reached\.$/gm)?.length, starts.length, section);
});

test('an engine that disagrees or fails ends the run; losses of zero on both sides agree', () => {
  const losses = Float32Array.of(1, 2, 0);
  assert.ok(agreement('training', 'f32', losses, losses).agrees);
  assert.ok(!agreement('training', 'f32', Float32Array.of(1, 2, 1e-3), losses).agrees);
  assert.ok(!agreement('training', 'f32', Float32Array.of(1, 2, Number.NaN), losses).agrees);
  assert.ok(!agreement('training', 'f32', losses, Float32Array.of(1, 2)).agrees);
  assert.ok(isBroken('| x | — | | | | | does not agree: losses within 3 % |'));
  assert.ok(isBroken('| x | — | | | | | failed: cannot |'));
  assert.ok(!isBroken('| x | — | | | | | skipped: needs more than 10 GiB |'));
});

async function store(one: Case, program: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fast-style-bench-'));
  await writeMaterials(one, folder);
  const torch = new EngineProcess(enginesFor(one, true).find(({ name }) => name === 'PyTorch f32')!, program);
  await torch.prepare(one, folder);
  const { buffer } = await torch.output(join(folder, 'output.f32'));
  await torch.end();
  await rm(folder, { recursive: true });
  const stored = existsSync(FIXTURE) ? JSON.parse(await readFile(FIXTURE, 'utf8')) : {};
  stored[one.name] = Buffer.from(buffer).toString('base64');
  await writeFile(FIXTURE, `${JSON.stringify(stored, undefined, 2)}\n`);
}
