/** The terms of an objective, made of its settings. */
import { contentTerm } from './content-loss.ts';
import { latticeTerm } from './lattice-loss.ts';
import { pixelTerms } from './pixel-loss.ts';
import { stabilityTerms } from './stability-loss.ts';
import { styleTerms } from './style-term.ts';
import type { Term } from './term.ts';
import { totalVariationTerm } from './total-variation.ts';

/** What makes the terms of their settings, in the order in which they are computed, added up and logged. */
const MAKERS = [
  contentTerm,
  styleTerms,
  totalVariationTerm,
  latticeTerm,
  pixelTerms,
  stabilityTerms,
] as const;

type Maker = (typeof MAKERS)[number];

/** What one maker asks for, and what all do. */
type Asked<Each> = Each extends (weights: infer Weights) => unknown ? (weights: Weights) => void : never;
type AskedByAll = Asked<Maker> extends (weights: infer Weights) => void ? Weights : never;

/** What decides the terms: the settings of that name of training and optimisation, with the loss network's own names of layers. */
export interface ObjectiveWeights extends AskedByAll {
  /** Terms of the caller's own, after the others. */
  readonly terms?: readonly Term[] | undefined;
}

/** The terms of an objective, in the order in which they are computed, added up and logged. */
export function termsOf(weights: ObjectiveWeights): Term[] {
  return [
    ...(MAKERS as readonly ((weights: ObjectiveWeights) => Term | Term[])[]).flatMap((make) => make(weights)),
    ...(weights.terms ?? []),
  ];
}
