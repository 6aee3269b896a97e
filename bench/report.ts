/** Sections of the page of results from figures. */
import { type Case, isLarge } from './cases.ts';
import type { ColdStart } from './cold-start.ts';
import { hasBfloat16Units, type Machine } from './machine.ts';
import { targetLine } from './sections.ts';
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
  readonly rounds: number;
  readonly measurements: readonly Measurement[];
}

/** A target: ours at least so many times as fast as the peer. */
export interface Target {
  readonly case: string;
  /** Defaults to ours as `--precision auto` chooses it. */
  readonly ours?: string;
  readonly peer: string;
  readonly least: number;
}

/** On a machine with bf16 units, by our bf16. */
const WITH_UNITS: readonly Target[] = [
  { case: 'training-full-vgg19', peer: 'PyTorch f32', least: 6 },
  { case: 'training-full-vgg19', peer: 'PyTorch bf16 autocast', least: 2.5 },
  { case: 'forward-full-512x512', peer: 'PyTorch f32', least: 5 },
  { case: 'forward-full-512x512', peer: 'ONNX Runtime f32', least: 4 },
  { case: 'forward-full-512x512', peer: 'PyTorch bf16 autocast', least: 3 },
  { case: 'forward-full-512x512', peer: 'OpenVINO bf16', least: 0.5 },
];
/** Without, by our f32. */
const WITHOUT_UNITS: readonly Target[] = [
  { case: 'training-full-vgg19', peer: 'PyTorch f32', least: 1 },
  { case: 'forward-full-512x512', peer: 'PyTorch f32', least: 1 },
];

/** Our engine as `--precision auto` chooses it. */
const oursOn = (machine: Pick<Machine, 'peak'>) =>
  hasBfloat16Units(machine) ? 'fast-style compiled bf16' : 'fast-style compiled f32';

/** Cases that are measured together: a row per engine, a column per case, and their targets. */
export function caseSection(
  results: readonly CaseResult[],
  machine: Pick<Machine, 'peak'>,
  targets: readonly Target[] = hasBfloat16Units(machine) ? WITH_UNITS : WITHOUT_UNITS,
): string {
  const [first] = results;
  if (first === undefined) throw new RangeError('A section needs a case.');
  const ours = oursOn(machine);
  const engines = [
    ...new Set(results.flatMap(({ measurements }) => measurements.map(({ engine }) => engine))),
  ];
  const rows = engines.map((engine) => {
    const found = results.map((result) => ({
      result,
      measurement: result.measurements.find((one) => one.engine === engine),
    }));
    const cells = found.map(({ result, measurement }) =>
      measurement === undefined ? '—' : cell(result, measurement, machine),
    );
    const agreements = found.flatMap(({ measurement }) => measurement?.agreement ?? []);
    return `| ${[engine, ...cells, joined(agreements)].join(' | ')} |`;
  });
  const lines = results.flatMap((result) => targetsOf(result, machine, targets));
  const order = isLarge(first.case) ? 'One engine after the other' : 'Engines take turns';
  return [
    `${describe(results)} ${order}; ${first.rounds} rounds; × against ${ours}.`,
    '',
    `| Engine | ${results.map(({ case: one }) => labelOf(one)).join(' | ')} | against ours op by op |`,
    `|---|${results.map(() => '---:|').join('')}---|`,
    ...rows,
    ...(lines.length > 0 ? ['', ...lines] : []),
  ].join('\n');
}

/** Texts that differ in one word only as one: `within 0.1, 0.2 of 255`. */
function joined(texts: readonly string[]): string {
  const [first = [], ...others] = texts.map((text) => text.split(' '));
  const differing = first.flatMap((word, i) => (others.every((words) => words[i] === word) ? [] : [i]));
  const [place] = differing;
  if (others.some(({ length }) => length !== first.length) || differing.length > 1) return texts.join('; ');
  if (place === undefined) return first.join(' ');
  const words = [first, ...others].map((each) => each[place]);
  return [...first.slice(0, place), words.join(', '), ...first.slice(place + 1)].join(' ');
}

/** Time with its range, ratio to ours, share of the peak speed, memory, and the engine's own choice. */
function cell(result: CaseResult, measurement: Measurement, machine: Pick<Machine, 'peak'>): string {
  const { precision, milliseconds, note, peakMemory } = measurement;
  if (milliseconds.length === 0) return `—, ${shownMemory(peakMemory)}`;
  const time = median(milliseconds);
  const range = `${shownTime(Math.min(...milliseconds))}–${shownTime(Math.max(...milliseconds))}`;
  const ours = timeOf(result, oursOn(machine));
  const ratio = ours === undefined ? '—' : `${(time / ours).toFixed(2)}×`;
  const speed = machine.peak[precision];
  const share =
    speed === undefined ? '—' : `${((100 * result.operations) / time / 1e6 / speed).toFixed(0)} %`;
  const parts = [`${shownTime(time)} ms (${range})`, ratio, share, shownMemory(peakMemory)];
  return [...parts, ...(note === '' ? [] : [note])].join(', ');
}

/** What tells a case from the others in its section. */
function labelOf(one: Case): string {
  if (one.kind === 'training') return one.name.replace(/^training-/, '');
  return `${one.width}×${one.height}${one.staysOnDevice ? ', on the device' : ''}`;
}

function targetsOf(result: CaseResult, machine: Pick<Machine, 'peak'>, targets: readonly Target[]): string[] {
  return targets
    .filter((target) => target.case === result.case.name)
    .map(({ peer, least, ours: engine = oursOn(machine) }) => {
      const [ours, theirs] = [timeOf(result, engine), timeOf(result, peer)];
      const ratio = ours !== undefined && theirs !== undefined ? theirs / ours : undefined;
      const asked = least < 1 ? `within ${1 / least}× of ${peer}` : `${least}× as fast as ${peer}`;
      const verdict = ratio === undefined ? 'not measured' : ratio >= least ? 'reached' : 'not reached';
      return targetLine(
        `${labelOf(result.case)}, ${engine} ${asked}`,
        ratio === undefined ? '—' : `${ratio.toFixed(2)}×`,
        verdict,
      );
    });
}

function timeOf({ measurements }: CaseResult, engine: string): number | undefined {
  const milliseconds = measurements.find((one) => one.engine === engine)?.milliseconds ?? [];
  return milliseconds.length === 0 ? undefined : median(milliseconds);
}

function describe(results: readonly CaseResult[]): string {
  const billions = results.map(({ operations }) => (operations / 1e9).toFixed(0));
  const trainings = results.flatMap(({ case: one }, i) =>
    one.kind === 'forward'
      ? []
      : `${labelOf(one)}: one step of \`${one.architecture}\` with a VGG19 of ${one.vggWidths.join(', ')} channels (random weights), Gram matrices, batch ${one.batch} of ${one.width}×${one.height}, ${billions[i]} billion operations in convolutions.`,
  );
  if (trainings.length > 0) return trainings.join(' ');
  return `\`${results[0]?.case.architecture}\`, one picture; ${billions.join(', ')} billion operations in convolutions.`;
}

/** How time and memory grow: a row per case, time and memory per engine. */
export function growthSection(results: readonly CaseResult[]): string {
  const engines = results[0]?.measurements.map(({ engine }) => engine) ?? [];
  const rows = results.map(({ case: one, measurements }) => {
    const cells = measurements.map(({ milliseconds, peakMemory, agreement }) =>
      milliseconds.length === 0
        ? agreement
        : `${shownTime(median(milliseconds))} ms, ${shownMemory(peakMemory)}`,
    );
    const what =
      one.kind === 'forward'
        ? `forward, ${one.width}×${one.height}`
        : `training, ${one.batch} × ${one.width}×${one.height}`;
    return `| ${what} | ${cells.join(' | ')} |`;
  });
  const [first] = results;
  return [
    `Half-width network, training with the quarter-width VGG19; median of ${first?.rounds} rounds and largest resident memory, each case in processes of its own.`,
    '',
    `| | ${engines.join(' | ')} |`,
    `|---|${engines.map(() => '---:|').join('')}`,
    ...rows,
  ].join('\n');
}

/** The command line from cold. */
export function coldStartSection(starts: readonly ColdStart[]): string {
  const rows = starts.map(({ what, seconds }) => {
    const range = `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`;
    return `| ${what} | ${median(seconds).toFixed(2)} s (${range}) |`;
  });
  const targets = starts.map(({ what, aim, seconds }) => {
    const time = median(seconds);
    const verdict = time <= aim ? 'reached' : 'not reached';
    return targetLine(`${what} within ${aim} s`, `${time.toFixed(2)} s`, verdict);
  });
  return [
    `From the call to the end of the process: \`--help\`, an error, \`stylize\` of 512×512 px with the half-width style that ships; median of ${starts[0]?.seconds.length} rounds.`,
    ...['', '| | time |', '|---|---:|', ...rows, '', ...targets],
  ].join('\n');
}

/** Three digits where they say something. */
export function shownTime(milliseconds: number): string {
  return milliseconds < 100 ? milliseconds.toPrecision(3) : milliseconds.toFixed(0);
}

export function shownMemory(bytes: number | undefined): string {
  return bytes === undefined ? '—' : `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
