/** What a report of `compare` says of single terms, those of pairs of pictures included. */
import type { PictureSize } from '../picture.ts';
import type { Judged, PhotoParity } from './figures.ts';

/** A term of the objective of single pictures, times its weight: means over photos. */
export interface TermSummary {
  readonly name: string;
  readonly photo: number;
  readonly network: number;
  /** At the last milestone; null where not every photo came to one. */
  readonly optimised: number | null;
}

/** A term of pairs as it is weighed; means over photos. */
export interface WeighedValue {
  readonly value: number;
  /** Weight times value. */
  readonly weighed: number;
  /** Of the objective with the terms of pairs in it. */
  readonly share: number;
}

export interface PairSummary {
  readonly name: string;
  readonly weight: number;
  readonly network: WeighedValue;
  /** Null where not every photo came to a milestone. */
  readonly optimised: WeighedValue | null;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** @param photos of one size, at least one, each judged by the same terms. */
export function summariseTerms(photos: readonly PhotoParity<PictureSize>[]): readonly TermSummary[] {
  const last = photos.flatMap(({ milestones }) => milestones.slice(-1));
  const meanOf = (name: string, judged: readonly Judged<PictureSize>[]) =>
    mean(judged.map(({ terms }) => terms[name]!));
  return Object.keys(photos[0]!.network.terms).map((name) => ({
    name,
    photo: meanOf(
      name,
      photos.map(({ photo }) => photo),
    ),
    network: meanOf(
      name,
      photos.map(({ network }) => network),
    ),
    optimised: last.length < photos.length ? null : meanOf(name, last),
  }));
}

/** Three rows: what each term adds to the objective. */
export function termRows(terms: readonly TermSummary[]): (readonly string[])[] {
  return (['photo', 'network', 'optimised'] as const).map((of) => [
    of === 'optimised' ? 'optimisation' : of,
    ...terms.map((term) => term[of]?.toPrecision(4) ?? '–'),
  ]);
}

/** @param photos as of `summariseTerms`. */
export function summarisePairs(photos: readonly PhotoParity<PictureSize>[]): readonly PairSummary[] {
  const terms = photos[0]!.pairs ?? [];
  const weighedBy = (total: number, values: readonly number[]) => {
    const parts = terms.map(({ weight }, i) => weight * values[i]!);
    const whole = parts.reduce((sum, part) => sum + part, total);
    return terms.map((_, i) => ({ value: values[i]!, weighed: parts[i]!, share: parts[i]! / whole }));
  };
  const ofNetwork = weighedBy(
    mean(photos.map(({ network }) => network.total)),
    terms.map((_, i) => mean(photos.map(({ pairs }) => pairs![i]!.network))),
  );
  const came = photos.every(({ pairs }) => pairs!.every(({ optimised }) => optimised !== undefined));
  const ofOptimisation = came
    ? weighedBy(
        mean(photos.map(({ milestones }) => milestones.at(-1)!.total)),
        terms.map((_, i) => mean(photos.map(({ pairs }) => pairs![i]!.optimised!))),
      )
    : [];
  return terms.map(({ name, weight }, i) => ({
    ...{ name, weight, network: ofNetwork[i]! },
    optimised: ofOptimisation[i] ?? null,
  }));
}

export const PAIR_HEADER = ['term', 'weight', 'of', 'value', 'weight · value', 'share of the objective'];

/** Two rows for each term: of the network, and of the optimisation. */
export function pairRows(pairs: readonly PairSummary[]): (readonly (string | number)[])[] {
  return pairs.flatMap(({ name, weight, network, optimised }) => [
    [name, weight, 'network', ...cells(network)],
    [name, weight, 'optimisation', ...(optimised === null ? ['–', '–', '–'] : cells(optimised))],
  ]);
}

const cells = ({ value, weighed, share }: WeighedValue) => [
  value.toPrecision(4),
  weighed.toPrecision(4),
  `${(100 * share).toPrecision(3)} %`,
];
