import assert from 'node:assert/strict';
import test from 'node:test';
import { type Minimization, startAgreement } from '../../bench/measure-optimisation.ts';
import { minimizersOn } from '../../bench/minimizers.ts';
import { optimisationCases } from '../../bench/optimisation-case.ts';
import { optimisationSection } from '../../bench/optimisation-report.ts';

const plain = { peak: { f32: 100, bf16: 50 } };
const withUnits = { peak: { f32: 100, bf16: 500 } };
const minimization = (
  engine: string,
  perEvaluation: number[],
  reached: number[],
  more: Partial<Minimization> = {},
): Minimization => {
  const agreement = 'objective within 1e-6, gradient within 1e-5';
  return {
    engine,
    precision: 'f32',
    note: '',
    perEvaluation,
    reached,
    agreement,
    peakMemory: 2 ** 30,
    ...more,
  };
};
const [one] = optimisationCases();
const result = {
  case: one!,
  minimizations: [
    minimization('fast-style f32', [100, 110, 90], [2, 1.5, 1.25]),
    minimization('torch.optim.LBFGS, history 10', [150, 200, 160], [2.5, 1.5, 1.25], { note: 'contiguous' }),
    minimization('torch.optim.LBFGS, history 100', [80, 80, 90], [4, 3, 1]),
    minimization('SciPy L-BFGS-B, maxcor 10', [], [], { agreement: 'does not agree: objective within 2' }),
  ],
};

test('a row has the time per evaluation, the objectives reached, memory and agreement', () => {
  const lines = optimisationSection(result, plain).split('\n');
  for (const line of [
    '| fast-style f32 | 100 | 90.0–110 | 1.00× | 2.000 | 1.500 | 1.250 | 1024 MiB | objective within 1e-6, gradient within 1e-5 |',
    '| torch.optim.LBFGS, history 10 (contiguous) | 160 | 150–200 | 1.60× | 2.500 | 1.500 | 1.250 | 1024 MiB | objective within 1e-6, gradient within 1e-5 |',
    '| SciPy L-BFGS-B, maxcor 10 | — | | | | | | 1024 MiB | does not agree: objective within 2 |',
  ])
    assert.ok(lines.includes(line), `${line}\n${lines.join('\n')}`);
  const columns = lines.filter((line) => line.startsWith('|')).map((line) => line.split('|').length);
  assert.equal(new Set(columns).size, 1);
});

test('targets: faster, and at most their objective at every time', () => {
  const section = optimisationSection(result, plain);
  for (const line of [
    'faster per evaluation than torch.optim.LBFGS, history 10: 1.60×, reached.',
    'objective at most that of torch.optim.LBFGS, history 10 after 40, 80, 120 evaluations: 0.800×, 1.000×, 1.000×, reached.',
    'faster per evaluation than torch.optim.LBFGS, history 100: 0.80×, not reached.',
    'of torch.optim.LBFGS, history 100 after 40, 80, 120 evaluations: 0.500×, 0.500×, 1.250×, not reached.',
    'faster per evaluation than SciPy L-BFGS-B, maxcor 10: —, not measured.',
  ])
    assert.ok(section.includes(line), line);
});

test('bf16 is measured where the machine has units, and the peers where Python is available', () => {
  const names = (machine: typeof plain, withPython: boolean) =>
    minimizersOn(machine, withPython).map(({ name }) => name);
  assert.deepEqual(names(plain, false), ['fast-style f32']);
  assert.deepEqual(names(withUnits, false), ['fast-style f32', 'fast-style bf16']);
  assert.equal(names(plain, true).length, 4);
});

test('objective and gradient at the start have to agree', () => {
  const reference = Float32Array.of(2, 1, -1, 3);
  assert.ok(startAgreement('f32', Float32Array.of(2.0001, 1, -1, 3.001), reference).agrees);
  assert.ok(!startAgreement('f32', Float32Array.of(2.02, 1, -1, 3), reference).agrees);
  assert.ok(!startAgreement('f32', Float32Array.of(2, 1, -1, 3.2), reference).agrees);
  assert.ok(!startAgreement('f32', Float32Array.of(2, 1, -1), reference).agrees);
  assert.ok(!startAgreement('f32', Float32Array.of(Number.NaN, 1, -1, 3), reference).agrees);
});
