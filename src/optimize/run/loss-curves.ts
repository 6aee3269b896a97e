import type { Curve } from '../../plot/line-plot.ts';
import type { OptimizeProgress } from '../progress.ts';

/** One iteration of a run, as the trace has it. */
export type TraceLine = Omit<OptimizeProgress, 'picture' | 'iterations'>;

/** The loss terms of a run over its iterations: the total, and each term that is not nought throughout, as it is weighed. */
export function lossCurves(
  lines: readonly TraceLine[],
  weights: Readonly<Record<'content' | 'style' | 'tv' | 'pixels', number>>,
): Curve[] {
  const x = lines.map(({ iteration }) => iteration);
  const terms = (['content', 'style', 'tv', 'pixels'] as const).map((term) => {
    const weight = weights[term];
    return {
      name: weight === 1 ? term : `${weight} · ${term}`,
      x,
      y: lines.map(({ terms: values }) => weight * values[term]),
    };
  });
  const total = { name: 'total', x, y: lines.map((line) => line.total), strong: true };
  return [total, ...terms.filter(({ y }) => y.some((value) => value > 0))];
}
