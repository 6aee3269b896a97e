/** The terms of an objective, made of its settings. */
import type { Term } from './term.ts';
import { TERM_MAKERS } from './term-table.ts';

type Maker = Awaited<ReturnType<(typeof TERM_MAKERS)[number]>>;

/** What one maker asks for, and what all do. */
type Asked<Each> = Each extends (weights: infer Weights) => unknown ? (weights: Weights) => void : never;
type AskedByAll = Asked<Maker> extends (weights: infer Weights) => void ? Weights : never;

/** What decides the terms: the settings of that name of training and optimisation, with the loss network's own names of layers. */
export interface ObjectiveWeights extends AskedByAll {
  /** Terms of the caller's own, after the others. */
  readonly terms?: readonly Term[] | undefined;
}

// Here, not where they are listed: they load TensorFlow, and the list is read by whatever only asks for the settings.
const makers: readonly ((weights: ObjectiveWeights) => Term | Term[])[] = await Promise.all(
  TERM_MAKERS.map((load) => load()),
);

/** The terms of an objective, in the order in which they are computed, added up and logged. */
export function termsOf(weights: ObjectiveWeights): Term[] {
  return [...makers.flatMap((make) => make(weights)), ...(weights.terms ?? [])];
}
