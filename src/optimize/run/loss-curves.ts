import type { Curve } from '../../plot/line-plot.ts';
import type { OptimizeProgress } from '../progress.ts';

/** One iteration of a run, as the trace has it. */
export type TraceLine = Omit<OptimizeProgress, 'picture' | 'iterations' | 'weights'>;

/**
 * The loss terms of a run over its iterations: the total, and each weighted term that is not always 0.
 *
 * @param weights of the terms that have one.
 */
export function lossCurves(lines: readonly TraceLine[], weights: OptimizeProgress['weights']): Curve[] {
  const x = lines.map(({ iteration }) => iteration);
  const terms = Object.entries(weights).map(([term, weight]) => ({
    name: weight === 1 ? term : `${weight} · ${term}`,
    x,
    y: lines.map(({ terms: values }) => weight * (values as Readonly<Record<string, number>>)[term]!),
  }));
  const total = { name: 'total', x, y: lines.map((line) => line.total), strong: true };
  return [total, ...terms.filter(({ y }) => y.some((value) => value > 0))];
}
