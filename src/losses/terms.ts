/** The terms of an objective, made of its settings. */
import { contentTerm } from './content-loss.ts';
import { pixelTerms } from './pixel-loss.ts';
import { stabilityTerms } from './stability-loss.ts';
import { styleTerms } from './style-term.ts';
import type { Term } from './term.ts';
import { TERM_WEIGHTS } from './term-table.ts';
import { totalVariationTerm } from './total-variation.ts';

/** What makes the terms that `term-table.ts` lists, loaded. */
export type TableMakers = readonly ((weights: TableWeights) => Term)[];
type TableWeights = { readonly [Name in keyof typeof TERM_WEIGHTS]?: number };

/** What makes the others. */
const FIRST = [contentTerm, styleTerms, totalVariationTerm] as const;
const LAST = [pixelTerms, stabilityTerms] as const;

type Maker = (typeof FIRST)[number] | (typeof LAST)[number];

/** What one maker asks for, and what all do. */
type Asked<Each> = Each extends (weights: infer Weights) => unknown ? (weights: Weights) => void : never;
type AskedByAll = Asked<Maker> extends (weights: infer Weights) => void ? Weights : never;

/** What decides the terms: the settings of that name of training and optimisation, with the loss network's own names of layers. */
export interface ObjectiveWeights extends AskedByAll, TableWeights {
  /** `loadMakers`. */
  readonly makers: TableMakers;
  /** Terms of the caller's own, after the others. */
  readonly terms?: readonly Term[] | undefined;
}

/** Loads what makes the terms of the table. An objective is composed in synchronous code, so what begins one awaits this. */
export async function loadMakers(): Promise<TableMakers> {
  // The table has checked their types.
  return Promise.all(Object.values(TERM_WEIGHTS).map(({ load }) => load())) as Promise<TableMakers>;
}

/** The terms of an objective, in the order in which they are computed, added up and logged. */
export function termsOf(weights: ObjectiveWeights): Term[] {
  const { makers, terms = [] } = weights;
  const all = [...FIRST, ...makers, ...LAST] as readonly ((weights: ObjectiveWeights) => Term | Term[])[];
  return [...all.flatMap((make) => make(weights)), ...terms];
}
