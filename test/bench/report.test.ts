import assert from 'node:assert/strict';
import test from 'node:test';
import { agreement } from '../../bench/agreement.ts';
import { formatReport, type Measurement, type Results } from '../../bench/report.ts';

const measurement = (
  engine: string,
  milliseconds: number[],
  more: Partial<Measurement> = {},
): Measurement => ({
  engine,
  precision: engine.includes('bf16') ? 'bf16' : 'f32',
  milliseconds,
  agreement: 'PSNR 50.0 dB',
  note: '',
  peakMemory: 512 * 2 ** 20,
  ...more,
});

const results: Results = {
  date: '2026-01-02',
  machine: 'a processor, 2 cores',
  versions: { node: '20.0.0', torch: '2.0.0' },
  rounds: 3,
  peak: { f32: 400, bf16: 2000 },
  cases: [
    {
      case: {
        kind: 'forward',
        name: 'forward-full-512x512',
        width: 512,
        height: 512,
        architecture: 'c3s1-3',
      },
      operations: 40e9,
      measurements: [
        measurement('fast-style compiled bf16', [90, 100, 140]),
        measurement('PyTorch f32', [520, 400, 500], { note: 'channels last' }),
        measurement('ONNX Runtime f32', [300, 310, 290], { peakMemory: undefined }),
        measurement('OpenVINO bf16', [], { agreement: 'does not agree: PSNR 12.0 dB' }),
      ],
    },
  ],
  coldStart: [1.5, 2.5, 2.25],
  missing: ['There is no Python.'],
};

test('a row has the median, the range, the ratio to ours, the share of the peak, memory and agreement', () => {
  const lines = formatReport(results).split('\n');
  assert.ok(
    lines.includes('| PyTorch f32 (channels last) | 500 | 400–520 | 5.00× | 20 % | 512 MiB | PSNR 50.0 dB |'),
  );
  assert.ok(
    lines.includes('| fast-style compiled bf16 | 100 | 90.0–140 | 1.00× | 20 % | 512 MiB | PSNR 50.0 dB |'),
  );
  assert.ok(lines.includes('| ONNX Runtime f32 | 300 | 290–310 | 3.00× | 33 % | — | PSNR 50.0 dB |'));
});

test('an engine that disagrees has no time and meets no target', () => {
  const report = formatReport(results);
  assert.match(report, /\| OpenVINO bf16 \| — \|.*does not agree: PSNR 12\.0 dB \|/);
  assert.match(report, /\| forward-full-512x512 \| OpenVINO bf16 \| within 2× \| — \| not measured \|/);
});

test('targets are judged by the measured ratio', () => {
  const report = formatReport(results);
  assert.match(report, /\| forward-full-512x512 \| PyTorch f32 \| 5× as fast \| 5\.00× \| reached \|/);
  assert.match(
    report,
    /\| forward-full-512x512 \| ONNX Runtime f32 \| 4× as fast \| 3\.00× \| not reached \|/,
  );
  assert.match(report, /\| command line at 512×512 \| \| 2 s at most \| 2\.25 s \| not reached \|/);
  assert.match(report, /## Not measured\n\n- There is no Python\./);
});

test('without bf16 units the report says so and leaves the shares out', () => {
  const report = formatReport({ ...results, peak: { f32: 400, bf16: undefined }, missing: [] });
  assert.match(report, /bf16 does not run here/);
  assert.match(report, /\| fast-style compiled bf16 \| 100 \| 90\.0–140 \| 1\.00× \| — \|/);
  assert.doesNotMatch(report, /Not measured/);
});

test('outputs agree within their tolerance and no further', () => {
  const reference = new Float32Array(1000).fill(100);
  const off = (by: number) => reference.map((value) => value + by);
  assert.ok(agreement('forward', 'f32', off(2), reference).agrees);
  assert.ok(!agreement('forward', 'f32', off(3), reference).agrees);
  assert.ok(agreement('forward', 'bf16', off(4), reference).agrees);
  assert.ok(!agreement('forward', 'bf16', off(5), reference).agrees);
  assert.ok(agreement('training', 'f32', off(0.5), reference).agrees);
  assert.ok(!agreement('training', 'f32', off(2), reference).agrees);
  assert.ok(agreement('training', 'bf16', off(4), reference).agrees);
  assert.ok(!agreement('training', 'bf16', off(Number.NaN), reference).agrees);
  assert.ok(!agreement('training', 'bf16', new Float32Array(3), reference).agrees);
});
