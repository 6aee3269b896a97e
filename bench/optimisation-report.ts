/** Sections of the page of results about minimisers. */
import { hasBfloat16Units, type Machine } from './machine.ts';
import type { Minimization, OptimisationResult } from './measure-optimisation.ts';
import { OURS, PEERS } from './minimizers.ts';
import { BUDGETS } from './optimisation-case.ts';
import { shownMemory, shownTime } from './report.ts';
import { targetLine } from './sections.ts';
import { median } from './statistics.ts';

export function optimisationSection(result: OptimisationResult, machine: Pick<Machine, 'peak'>): string {
  const { case: one, minimizations } = result;
  const fastest = hasBfloat16Units(machine) ? 'fast-style bf16' : OURS.name;
  const find = (name: string) =>
    minimizations.find(({ engine, perEvaluation }) => engine === name && perEvaluation.length > 0);
  const [ours, quick] = [find(OURS.name), find(fastest)];
  const rows = minimizations.map((each) => {
    const { engine, note, perEvaluation, reached, agreement, peakMemory } = each;
    const name = note === '' ? engine : `${engine} (${note})`;
    const blanks = BUDGETS.map(() => ' |').join('');
    if (perEvaluation.length === 0)
      return `| ${name} | — | | |${blanks} ${shownMemory(peakMemory)} | ${agreement} |`;
    const range = `${shownTime(Math.min(...perEvaluation))}–${shownTime(Math.max(...perEvaluation))}`;
    const ratio = quick === undefined ? '—' : `${(timeOf(each) / timeOf(quick)).toFixed(2)}×`;
    const values = reached.map((value) => value.toPrecision(4)).join(' | ');
    return `| ${name} | ${shownTime(timeOf(each))} | ${range} | ${ratio} | ${values} | ${shownMemory(peakMemory)} | ${agreement} |`;
  });
  const targets = PEERS.flatMap(({ name }) => [
    speedTarget(name, fastest, quick, find(name)),
    objectiveTarget(name, ours, find(name)),
  ]);
  return [
    `Content, style (Gram matrices) and total variation over the pixels of one picture of ${one.width}×${one.height}, from noise, through a VGG19 of ${one.vggWidths.join(', ')} channels (random weights); ${one.evaluations} evaluations. Milliseconds are for one evaluation with the minimiser's own work, the median over turns of ${one.turn} evaluations; × against ${fastest}. Then follows the lowest objective after so many evaluations.`,
    '',
    `| Minimiser | ms | range | × | ${BUDGETS.map((budget) => `after ${budget}`).join(' | ')} | memory | against ours in f32 at the start |`,
    `|---|---:|---:|---:|${BUDGETS.map(() => '---:|').join('')}---:|---|`,
    ...rows,
    '',
    ...targets,
  ].join('\n');
}

const timeOf = ({ perEvaluation }: Minimization) => median(perEvaluation);

function speedTarget(
  name: string,
  fastest: string,
  ours: Minimization | undefined,
  theirs: Minimization | undefined,
): string {
  const what = `${fastest} faster per evaluation than ${name}`;
  if (ours === undefined || theirs === undefined) return targetLine(what, '—', 'not measured');
  const ratio = timeOf(theirs) / timeOf(ours);
  return targetLine(what, `${ratio.toFixed(2)}×`, ratio > 1 ? 'reached' : 'not reached');
}

function objectiveTarget(
  name: string,
  ours: Minimization | undefined,
  theirs: Minimization | undefined,
): string {
  const what = `${OURS.name} objective at most that of ${name} after ${BUDGETS.join(', ')} evaluations`;
  if (ours === undefined || theirs === undefined) return targetLine(what, '—', 'not measured');
  const ratios = ours.reached.map((value, i) => value / theirs.reached[i]!);
  const shown = ratios.map((ratio) => `${ratio.toFixed(3)}×`).join(', ');
  return targetLine(what, shown, ratios.every((ratio) => ratio <= 1) ? 'reached' : 'not reached');
}
