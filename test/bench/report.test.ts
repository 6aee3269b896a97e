import assert from 'node:assert/strict';
import test from 'node:test';
import { agreement } from '../../bench/agreement.ts';
import {
  type CaseResult,
  caseSection,
  coldStartSection,
  growthSection,
  type Measurement,
} from '../../bench/report.ts';

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

const withUnits = { peak: { f32: 400, bf16: 2000 } };
const result: CaseResult = {
  case: {
    kind: 'forward',
    name: 'forward-full-512x512',
    width: 512,
    height: 512,
    architecture: 'c3s1-3',
  },
  operations: 40e9,
  rounds: 3,
  measurements: [
    measurement('fast-style compiled f32', [200, 250, 300]),
    measurement('fast-style compiled bf16', [90, 100, 140]),
    measurement('PyTorch f32', [520, 400, 500], { note: 'channels last' }),
    measurement('ONNX Runtime f32', [300, 310, 290], { peakMemory: undefined }),
    measurement('OpenVINO bf16', [], { agreement: 'does not agree: PSNR 12.0 dB' }),
    measurement('PyTorch bf16 autocast', [], { agreement: 'skipped: needs more than 10 GiB' }),
  ],
};

test('a cell has the median, the range, the ratio to ours, the share of the peak and memory; a row ends with agreements', () => {
  const lines = caseSection([result], withUnits).split('\n');
  for (const line of [
    '| PyTorch f32 | 500 ms (400–520), 5.00×, 20 %, 512 MiB, channels last | PSNR 50.0 dB |',
    '| fast-style compiled bf16 | 100 ms (90.0–140), 1.00×, 20 %, 512 MiB | PSNR 50.0 dB |',
    '| ONNX Runtime f32 | 300 ms (290–310), 3.00×, 33 %, — | PSNR 50.0 dB |',
    '| PyTorch bf16 autocast | —, 512 MiB | skipped: needs more than 10 GiB |',
  ])
    assert.ok(lines.includes(line), line);
});

test('cases of a section are columns, each against ours in the same case', () => {
  const larger: CaseResult = {
    case: { ...result.case, width: 1280, height: 720 },
    operations: 80e9,
    rounds: 3,
    measurements: [
      measurement('fast-style compiled bf16', [200], { agreement: 'PSNR 49.0 dB' }),
      measurement('PyTorch f32', [400]),
    ],
  };
  const section = caseSection([result, larger], withUnits);
  assert.match(section, /\| Engine \| 512×512 \| 1280×720 \| against ours op by op \|/);
  assert.match(section, /; 40, 80 billion operations in convolutions\./);
  assert.match(
    section,
    /\| PyTorch f32 \| 500 ms .*5\.00×.* \| 400 ms \(400–400\), 2\.00×, 50 %, 512 MiB \|/,
  );
  assert.match(section, /\| fast-style compiled bf16 \| .* \| PSNR 50\.0, 49\.0 dB \|/);
  assert.match(section, /\| ONNX Runtime f32 \| 300 ms .* \| — \| PSNR 50\.0 dB \|/);
});

test('an engine that disagrees has no time and meets no target', () => {
  const section = caseSection([result], withUnits);
  assert.match(section, /\| OpenVINO bf16 \| —, 512 MiB \| does not agree: PSNR 12\.0 dB \|/);
  assert.match(section, /- Target: .* within 2× of OpenVINO bf16: —, not measured\./);
});

test('targets are judged by the measured ratio', () => {
  const section = caseSection([result], withUnits);
  assert.match(section, /compiled bf16 5× as fast as PyTorch f32: 5\.00×, reached\./);
  assert.match(section, /compiled bf16 4× as fast as ONNX Runtime f32: 3\.00×, not reached\./);
  const starts = [
    { what: 'the help', aim: 0.15, seconds: [0.13, 0.2, 0.14] },
    { what: 'a photo', aim: 0.8, seconds: [0.7, 1.2, 0.9] },
  ];
  const cold = coldStartSection(starts);
  assert.match(cold, /^\| a photo \| 0\.90 s \(0\.70–1\.20\) \|$/m);
  assert.match(cold, /^- Target: the help within 0\.15 s: 0\.14 s, reached\.$/m);
  assert.match(cold, /^- Target: a photo within 0\.8 s: 0\.90 s, not reached\.$/m);
});

test('without bf16 units, f32 is compared and judged by the targets', () => {
  for (const bf16 of [undefined, 300]) {
    const section = caseSection([result], { peak: { f32: 400, bf16 } });
    assert.match(section, /\| fast-style compiled f32 \| 250 ms \(200–300\), 1\.00×, 40 %, /);
    assert.match(
      section,
      /- Target: 512×512, fast-style compiled f32 1× as fast as PyTorch f32: 2\.00×, reached\./,
    );
    assert.doesNotMatch(section, /ONNX Runtime f32:/);
    if (bf16 === undefined) assert.match(section, /compiled bf16 \| 100 ms \(90\.0–140\), 0\.40×, —, /);
  }
});

test('growth is a row per case with time and memory per engine', () => {
  const training: CaseResult = {
    ...result,
    case: { ...result.case, kind: 'training', batch: 8, vggWidths: [1, 1, 1, 1, 1] },
    measurements: result.measurements.map((one) => ({ ...one, peakMemory: 2 ** 30 })),
  };
  const lines = growthSection([result, training]).split('\n');
  assert.ok(
    lines.some((line) => line.startsWith('| forward, 512×512 | 250 ms, 512 MiB | 100 ms, 512 MiB |')),
  );
  assert.ok(lines.some((line) => line.startsWith('| training, 8 × 512×512 | 250 ms, 1024 MiB |')));
});

test('outputs agree within their tolerance and no further', () => {
  const reference = new Float32Array(1000).fill(100);
  const off = (by: number) => reference.map((value) => value + by);
  assert.ok(agreement('forward', 'f32', off(2), reference).agrees);
  assert.ok(!agreement('forward', 'f32', off(3), reference).agrees);
  assert.ok(agreement('forward', 'bf16', off(1.2), reference).agrees);
  assert.ok(!agreement('forward', 'bf16', off(1.4), reference).agrees);
  assert.ok(agreement('training', 'f32', off(0.5), reference).agrees);
  assert.ok(!agreement('training', 'f32', off(2), reference).agrees);
  assert.ok(agreement('training', 'bf16', off(4), reference).agrees);
  assert.ok(!agreement('training', 'bf16', off(Number.NaN), reference).agrees);
  assert.ok(!agreement('training', 'bf16', new Float32Array(3), reference).agrees);
});
