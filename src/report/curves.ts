import type { LogPoint } from './read-log.ts';
import type { RunDescription } from './run-description.ts';

/** A curve over the steps of `Charts`; null where it has no value. */
export interface ReportCurve {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

export interface ReportChart {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  /** Whether it has a logarithmic scale to choose. */
  readonly isLoss: boolean;
  readonly unit: string;
  /** Whether a curve goes on over points where it has no value. */
  readonly joins?: boolean;
  readonly curves: readonly ReportCurve[];
}

export interface Charts {
  readonly steps: readonly number[];
  readonly charts: readonly ReportChart[];
  /** Curves for which there is no room. */
  readonly leftOut: number;
}

/** Points of a chart; of more, those with the lowest and the highest total of each stretch are kept, and as many of held-out photos. */
const MOST_POINTS = 1000;
/** Curves of all charts together: a loss network of ours has less than forty. */
const MOST_CURVES = 200;
const HELD_OUT = 'heldOut/';

interface LayersHint {
  /** What of it the loss is a share of, in the units `relative`. */
  readonly share: string;
  /** Where it is 0. */
  readonly aim: string;
}

/** What is said of losses by layer; these charts come first. */
const LAYERS_HINTS = {
  style: { share: 'Share of the painting’s style that is missed', aim: 'the painting' },
  content: { share: 'Share of the photo’s features that is lost', aim: 'the photo' },
} as const satisfies Readonly<Record<string, LayersHint>>;
/** What else a line of the log holds: curves of their own. */
const FIGURES = {
  learningRate: { title: 'Learning rate', unit: '', scale: 1 },
  imagesPerSecond: { title: 'Photos per second', unit: '', scale: 1 },
  memory: { title: 'Memory', unit: 'MB', scale: 1e-6 },
} as const;

/** The curves of a run: its terms as they are weighed, its layers as they are, and its figures. */
export function chartsOf(
  logged: readonly LogPoint[],
  { config, legs, ownWeights = {} }: RunDescription,
): Charts {
  const points = thinned(logged);
  const all = [...new Set(points.flatMap(({ values }) => Object.keys(values)))];
  const names = all.slice(0, MOST_CURVES);
  const curve = (name: string, key: string, factor: (point: number) => number = () => 1): ReportCurve => ({
    name,
    values: points.map(({ values }, i) => {
      const value = values[key];
      return value === undefined ? null : Number((value * factor(i)).toPrecision(6));
    }),
  });
  const settings = points.map(({ step }) => legs.findLast((leg) => leg.step < step)?.config ?? config);
  const weightAt = (term: string) => (point: number) => {
    const weight = settings[point]![`${term}Weight`] ?? ownWeights[term];
    return typeof weight === 'number' ? weight : 1;
  };
  const layers = (prefix: string) =>
    names
      .filter((name) => name.startsWith(prefix))
      .map((name) => curve(name.slice(prefix.length), name))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  /** Each times its weight; one without a weight is no curve. */
  const weighed = (terms: readonly string[], prefix = '') =>
    terms
      .map((term) => curve(term, `${prefix}${term}`, term === 'total' ? undefined : weightAt(term)))
      .filter(({ values }) => values.some((value) => value !== null && value !== 0));
  const isShare = (config.units ?? 'relative') === 'relative';
  const hintOf = (term: string) => {
    const of: Partial<Record<string, LayersHint>> = LAYERS_HINTS;
    const { share, aim } = of[term] ?? {};
    if (share !== undefined && isShare) return `${share}: 0 is ${aim}.`;
    return `In the units ${config.units}, without weights${aim === undefined ? '' : `: 0 is ${aim}`}.`;
  };
  const terms = names.filter((name) => !name.includes('/') && !Object.hasOwn(FIGURES, name));
  const heldOut = names.filter((name) => name.startsWith(HELD_OUT));
  const layered = new Set([
    ...Object.keys(LAYERS_HINTS),
    ...names.flatMap((name) => /^(\w+)Layers\//.exec(name)?.[1] ?? []),
  ]);
  const charts: ReportChart[] = [
    {
      id: 'terms',
      title: 'Loss',
      hint: 'Terms times their weights, which add up to the total. Means over 50 steps.',
      isLoss: true,
      unit: '',
      curves: weighed(terms),
    },
    {
      id: 'held-out',
      title: 'Loss on the previewed photos',
      hint: 'As above, for photos that are not trained on: while it falls, more steps help.',
      isLoss: true,
      unit: '',
      joins: true,
      curves: weighed(
        heldOut.map((name) => name.slice(HELD_OUT.length)),
        HELD_OUT,
      ),
    },
    ...[...layered].map((term) => ({
      id: `${term}-layers`,
      title: `${term.charAt(0).toUpperCase()}${term.slice(1)} loss by layer`,
      hint: hintOf(term),
      isLoss: true,
      unit: '',
      curves: layers(`${term}Layers/`),
    })),
    ...Object.entries(FIGURES)
      .filter(([name]) => names.includes(name))
      .map(([name, { title, unit, scale }]) => ({
        id: name,
        title,
        hint: '',
        isLoss: false,
        unit,
        curves: [curve(title, name, () => scale)],
      })),
  ];
  return {
    steps: points.map(({ step }) => step),
    charts: charts.filter(({ curves }) => curves.length > 0),
    leftOut: all.length - names.length,
  };
}

function thinned(points: readonly LogPoint[]): readonly LogPoint[] {
  if (points.length <= MOST_POINTS) return points;
  const stretch = Math.ceil((2 * points.length) / MOST_POINTS);
  const heldOut = points.filter(({ values }) => values[`${HELD_OUT}total`] !== undefined);
  const every = Math.ceil(heldOut.length / MOST_POINTS);
  const kept = new Set([points[0]!, points.at(-1)!, ...heldOut.filter((_, i) => i % every === 0)]);
  for (let start = 0; start < points.length; start += stretch) {
    const some = points.slice(start, start + stretch);
    const totals = some.map(({ values }) => values.total ?? 0);
    kept.add(some[totals.indexOf(Math.min(...totals))]!).add(some[totals.indexOf(Math.max(...totals))]!);
  }
  return points.filter((point) => kept.has(point));
}
