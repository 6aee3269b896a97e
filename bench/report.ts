/** docs/performance.md from the figures of one run. */
import type { Case } from './cases.ts';
import { median } from './statistics.ts';

/** One engine in one case. */
export interface Measurement {
  readonly engine: string;
  readonly precision: 'f32' | 'bf16';
  /** Milliseconds of each round; empty when it could not be measured. */
  readonly milliseconds: readonly number[];
  /** How its output compares with ours op by op, or why there is no time. */
  readonly agreement: string;
  /** The engine's own choice, for instance of a memory layout. */
  readonly note: string;
  /** Bytes. */
  readonly peakMemory: number | undefined;
}

export interface CaseResult {
  readonly case: Case;
  /** Multiplications and additions of the convolutions. */
  readonly operations: number;
  readonly measurements: readonly Measurement[];
}

export interface Results {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  /** Milliards of operations per second of a 3×3 convolution, measured in this run. */
  readonly peak: { readonly f32: number; readonly bf16: number | undefined };
  readonly cases: readonly CaseResult[];
  /** Seconds of each round, from the command to the written file. */
  readonly coldStart: readonly number[];
  /** One line each: what could not be measured. */
  readonly missing: readonly string[];
}

const OURS = 'fast-style compiled bf16';

/** What is to be reached on a machine with bf16 units: our bf16 at least so many times as fast as the peer. */
const TARGETS: readonly { readonly case: string; readonly peer: string; readonly least: number }[] = [
  { case: 'training-full-vgg19', peer: 'PyTorch f32', least: 6 },
  { case: 'training-full-vgg19', peer: 'PyTorch bf16 autocast', least: 2.5 },
  { case: 'forward-full-512x512', peer: 'PyTorch f32', least: 5 },
  { case: 'forward-full-512x512', peer: 'ONNX Runtime f32', least: 4 },
  { case: 'forward-full-512x512', peer: 'PyTorch bf16 autocast', least: 3 },
  { case: 'forward-full-512x512', peer: 'OpenVINO bf16', least: 0.5 },
];
const LONGEST_COLD_START = 2;

export function formatReport(results: Results): string {
  const { peak } = results;
  return [
    '# Performance',
    '',
    'Written by `npm run bench`; `-- --quick` takes 3 rounds, `-- --large` adds 3840×2160.',
    '',
    `- Date: ${results.date}`,
    `- Machine: ${results.machine}`,
    `- Versions: ${Object.entries(results.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
    `- Peak: a 3×3 convolution of 64 channels runs at ${gigaflops(peak.f32)} in f32${
      peak.bf16 === undefined ? '; bf16 does not run here' : ` and ${gigaflops(peak.bf16)} in bf16`
    }, measured in this run with TensorFlow. Shares of it below count the convolutions' operations alone.`,
    `- Every engine is a process of its own with all cores; within a case they take turns, one run each, for ${results.rounds} rounds.`,
    '  Weights, pictures and losses are the same. Times are medians after warm-up, from pixels in memory to pixels in memory',
    "  (training: to the loss terms), and count only where the output agrees with ours run op by op. '×' says how many times",
    `  as long an engine takes as ${OURS}. Memory is the largest resident size of the process so far.`,
    '',
    '## Targets',
    '',
    ...targets(results),
    '',
    ...results.cases.flatMap((one) => [...caseTable(one, peak), '']),
    '## Command line, from cold',
    '',
    coldStartLine(results.coldStart),
    ...(results.missing.length > 0 ? ['', '## Not measured', ''] : []),
    ...results.missing.map((line) => `- ${line}`),
    '',
  ].join('\n');
}

function targets(results: Results): string[] {
  const rows = TARGETS.map(({ case: name, peer, least }) => {
    const found = results.cases.find((one) => one.case.name === name);
    const ours = found && timeOf(found, OURS);
    const theirs = found && timeOf(found, peer);
    const ratio = ours !== undefined && theirs !== undefined ? theirs / ours : undefined;
    const verdict = ratio === undefined ? 'not measured' : ratio >= least ? 'reached' : 'not reached';
    const asked = least < 1 ? `within ${1 / least}×` : `${least}× as fast`;
    return `| ${name} | ${peer} | ${asked} | ${ratio === undefined ? '—' : `${ratio.toFixed(2)}×`} | ${verdict} |`;
  });
  const seconds = median(results.coldStart);
  const cold = Number.isNaN(seconds)
    ? '— | not measured'
    : `${seconds.toFixed(2)} s | ${seconds <= LONGEST_COLD_START ? 'reached' : 'not reached'}`;
  return [
    `| Case | ${OURS} against | Target | Measured | |`,
    '|---|---|---:|---:|---|',
    ...rows,
    `| command line at 512×512 | | ${LONGEST_COLD_START} s at most | ${cold} |`,
  ];
}

function timeOf({ measurements }: CaseResult, engine: string): number | undefined {
  const milliseconds = measurements.find((one) => one.engine === engine)?.milliseconds ?? [];
  return milliseconds.length === 0 ? undefined : median(milliseconds);
}

function caseTable(result: CaseResult, peak: Results['peak']): string[] {
  const ours = timeOf(result, OURS);
  const rows = result.measurements.map(({ engine, precision, milliseconds, agreement, note, peakMemory }) => {
    const memory = peakMemory === undefined ? '—' : `${(peakMemory / 2 ** 20).toFixed(0)} MiB`;
    const name = note === '' ? engine : `${engine} (${note})`;
    if (milliseconds.length === 0) return `| ${name} | — | | | | ${memory} | ${agreement} |`;
    const time = median(milliseconds);
    const spread = `${shownTime(Math.min(...milliseconds))}–${shownTime(Math.max(...milliseconds))}`;
    const ratio = ours === undefined ? '—' : `${(time / ours).toFixed(2)}×`;
    const speed = peak[precision];
    const share =
      speed === undefined ? '—' : `${((100 * result.operations) / time / 1e6 / speed).toFixed(0)} %`;
    return `| ${name} | ${shownTime(time)} | ${spread} | ${ratio} | ${share} | ${memory} | ${agreement} |`;
  });
  return [
    `## ${result.case.name}`,
    '',
    describe(result),
    '',
    '| Engine | ms | range | × | of the peak | memory | against ours op by op |',
    '|---|---:|---:|---:|---:|---:|---|',
    ...rows,
  ];
}

function describe({ case: one, operations }: CaseResult): string {
  const work = `${(operations / 1e9).toFixed(0)} milliard operations in convolutions`;
  if (one.kind === 'forward')
    return `\`${one.architecture}\`, one picture of ${one.width}×${one.height}; ${work}.`;
  return `One step of \`${one.architecture}\` with a VGG19 of ${one.vggWidths.join(', ')} channels (random weights), Gram matrices, batch ${one.batch} of ${one.width}×${one.height}; ${work}.`;
}

function coldStartLine(seconds: readonly number[]): string {
  if (seconds.length === 0) return 'Not measured.';
  return `\`node dist/cli.js stylize\` of a 512×512 JPEG with the half-width style that ships, to the written file: ${median(seconds).toFixed(2)} s (${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)} s, ${seconds.length} rounds).`;
}

/** Three digits where they say something. */
function shownTime(milliseconds: number): string {
  return milliseconds < 100 ? milliseconds.toPrecision(3) : milliseconds.toFixed(0);
}

function gigaflops(speed: number): string {
  return `${speed.toFixed(0)} GFLOP/s`;
}
