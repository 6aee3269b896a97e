import type { LbfgsConfig } from '../optimize/minimizer-settings.ts';
import type { PictureSize } from '../picture.ts';
import type { ParityReport, SizeParity } from './figures.ts';
import {
  PAIR_HEADER,
  type PairSummary,
  pairRows,
  summarisePairs,
  summariseTerms,
  type TermSummary,
  termRows,
} from './term-report.ts';

/** Means over the photos of one size. */
export interface SizeSummary {
  readonly size: number;
  readonly lineSearch: LbfgsConfig['lineSearch'];
  readonly photos: number;
  readonly photoTotal: number;
  readonly networkTotal: number;
  readonly networkSeconds: number;
  /** Each photo's k*, null where the network was not overtaken. */
  readonly overtaken: readonly (number | null)[];
  /** Median of them, those that were not overtaken counted as later than all; null where the median is one. */
  readonly medianOvertaken: number | null;
  /** Each photo's iterations from the network's picture to the objective of the last milestone; null where more. */
  readonly refined: readonly (number | null)[];
  readonly medianRefined: number | null;
  /** Absent where not every photo came so far. */
  readonly milestones: readonly {
    readonly iterations: number;
    readonly total: number;
    readonly seconds: number;
    /** Seconds over the network's. */
    readonly ratio: number;
  }[];
  /** The objective's terms. */
  readonly terms: readonly TermSummary[];
  /** Terms of pairs of pictures, where training weighed such. */
  readonly pairs?: readonly PairSummary[];
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Median, with null larger than every number; null where the median is. */
function median(values: readonly (number | null)[]): number | null {
  const sorted = values.map((value) => value ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const middle = (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.floor(sorted.length / 2)]!) / 2;
  return Number.isFinite(middle) ? middle : null;
}

export function summarise(
  { size, lineSearch, photos }: SizeParity<PictureSize>,
  at: readonly number[],
): SizeSummary {
  const networkSeconds = mean(photos.map(({ network }) => network.seconds));
  const overtaken = photos.map((photo) => photo.overtaken?.iterations ?? null);
  const refined = photos.map((photo) => photo.refined?.iterations ?? null);
  const milestones = at.flatMap((iterations) => {
    const there = photos.flatMap((photo) => photo.milestones.filter((one) => one.iterations === iterations));
    if (there.length < photos.length) return [];
    const seconds = mean(there.map((one) => one.seconds));
    const total = mean(there.map((one) => one.total));
    return [{ iterations, total, seconds, ratio: seconds / networkSeconds }];
  });
  return {
    size,
    lineSearch,
    photos: photos.length,
    photoTotal: mean(photos.map(({ photo }) => photo.total)),
    networkTotal: mean(photos.map(({ network }) => network.total)),
    networkSeconds,
    overtaken,
    medianOvertaken: median(overtaken),
    refined,
    medianRefined: median(refined),
    milestones,
    terms: summariseTerms(photos),
    ...(photos.some(({ pairs }) => pairs !== undefined) && { pairs: summarisePairs(photos) }),
  };
}

/** The report as data: what was measured, without pictures. */
export function parityJson(report: ParityReport<PictureSize>): string {
  const { style, conditions, at } = report;
  const sizes = report.sizes.map((one) => ({
    ...summarise(one, at),
    each: one.photos.map(({ name, photo, network, milestones, overtaken, refined, iterations, pairs }) => ({
      name,
      width: photo.picture.width,
      height: photo.picture.height,
      photoTotal: photo.total,
      networkTotal: network.total,
      networkSeconds: network.seconds,
      iterations,
      overtaken: overtaken ?? null,
      refined: refined ?? null,
      milestones: milestones.map(({ picture: _, ...numbers }) => numbers),
      ...(pairs !== undefined && { pairs }),
    })),
  }));
  return `${JSON.stringify({ style, conditions, at, sizes }, null, 1)}\n`;
}

/** The report in Markdown: a table over sizes, and one with each photo's k*. */
export function parityMarkdown(report: ParityReport<PictureSize>): string {
  const { style, conditions, at } = report;
  const most = at.at(-1) ?? 0;
  const summaries = report.sizes.map((one) => summarise(one, at));
  const k = (value: number | null) => (value === null ? `> ${most}` : String(value));
  const header = ['px', 'steps', 'photo', 'network', ...at.map((n) => `${n} it.`), 'k*', 'refine'];
  const totals = summaries.map((one) => [
    one.size,
    STEPS[one.lineSearch],
    show(one.photoTotal),
    show(one.networkTotal),
    ...at.map((n) => {
      const there = one.milestones.find(({ iterations }) => iterations === n);
      return there === undefined ? '–' : show(there.total);
    }),
    k(one.medianOvertaken),
    one.lineSearch === 'none' ? '–' : k(one.medianRefined),
  ]);
  const times = summaries.map((one) => [
    one.size,
    STEPS[one.lineSearch],
    '–',
    seconds(one.networkSeconds),
    ...at.map((n) => {
      const there = one.milestones.find(({ iterations }) => iterations === n);
      return there === undefined ? '–' : `${seconds(there.seconds)} (${Math.round(there.ratio)}×)`;
    }),
    '',
    '',
  ]);
  const names = report.sizes[0]?.photos.map(({ name }) => name) ?? [];
  const each = names.map((name) => [
    name,
    ...report.sizes.map(({ photos, lineSearch }) => {
      const found = photos.find((photo) => photo.name === name);
      if (found === undefined) return '–';
      const overtaken = k(found.overtaken?.iterations ?? null);
      return lineSearch === 'none' ? overtaken : `${overtaken}, ${k(found.refined?.iterations ?? null)}`;
    }),
  ]);
  return [
    `# ${style}: network against optimisation`,
    '',
    ...conditions.map((line) => `- ${line}`),
    '',
    '## Objective, mean over the photos',
    '',
    table(header, totals),
    '',
    `k* is the first iteration of L-BFGS whose picture has an objective of at most that of the network's. Searched steps are those of \`fast-style optimize\` (strong Wolfe conditions, 10 pairs); fixed ones are the published optimiser's (Torch's L-BFGS without a line search, 100 pairs, clipped to [0, 255] at each iteration), in which Johnson et al. 2016 counted 50 to 100. Refine is the number of iterations that L-BFGS with searched steps needs from the network's picture to the objective that it has from the start after ${most}. Both are medians over the photos.`,
    '',
    ...termSection(summaries),
    ...pairSection(summaries, most),
    '## Seconds per picture, and as a multiple of the network',
    '',
    table(
      header.slice(0, -2),
      times.map((row) => row.slice(0, -2)),
    ),
    '',
    '## k* and refine of each photo',
    '',
    table(['photo', ...report.sizes.map(({ size, lineSearch }) => `${size} px, ${STEPS[lineSearch]}`)], each),
    '',
  ].join('\n');
}

/** What the objective is made of. */
function termSection(summaries: readonly SizeSummary[]): string[] {
  const names = summaries[0]?.terms.map(({ name }) => name) ?? [];
  const rows = summaries.flatMap(({ size, lineSearch, terms }) =>
    termRows(terms).map((cells) => [size, STEPS[lineSearch], ...cells]),
  );
  return [
    '## Terms times their weights, mean over the photos',
    '',
    table(['px', 'steps', 'of', ...names], rows),
    '',
    'They add up to the objective. The optimisation is that after the last iteration shown.',
    '',
  ];
}

/** What training weighed of pairs of pictures; nothing where it weighed none. */
function pairSection(summaries: readonly SizeSummary[], most: number): string[] {
  const rows = summaries.flatMap(({ size, lineSearch, pairs = [] }) =>
    pairRows(pairs).map((cells) => [size, STEPS[lineSearch], ...cells]),
  );
  if (rows.length === 0) return [];
  return [
    '## Terms of pairs of pictures, mean over the photos',
    '',
    table(['px', 'steps', ...PAIR_HEADER], rows),
    '',
    `These training weighed as well. They compare what is painted of a photo with what is painted of it a moment later: moved, zoomed, brightened and with noise, by amounts drawn as in training, for each photo anew. The optimisation is frame by frame: each of the two photos for ${most} iterations from its own start. The share is of the objective above and these terms together.`,
    '',
  ];
}

/** How L-BFGS steps, in a word. */
export const STEPS: Readonly<Record<LbfgsConfig['lineSearch'], string>> = {
  'strong-wolfe': 'searched',
  none: 'fixed',
};

function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

const show = (total: number) => total.toPrecision(4);
const seconds = (value: number) => `${value < 1 ? value.toPrecision(2) : value.toFixed(1)} s`;
