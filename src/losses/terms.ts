/** The terms that there are: the one list of them. */
import { type ContentWeights, contentTerm } from './content-loss.ts';
import { type LatticeWeights, latticeTerm } from './lattice-loss.ts';
import { type PixelWeights, pixelTerms } from './pixel-loss.ts';
import { type StabilityWeights, stabilityTerms } from './stability-loss.ts';
import { type StyleWeights, styleTerms } from './style-term.ts';
import type { Term } from './term.ts';
import { type TotalVariationWeights, totalVariationTerm } from './total-variation.ts';

/** What decides the terms: the settings of that name of training and optimisation, with the loss network's own names of layers. */
export interface ObjectiveWeights
  extends ContentWeights,
    StyleWeights,
    TotalVariationWeights,
    LatticeWeights,
    PixelWeights,
    StabilityWeights {
  /** Terms of the caller's own, after the others. */
  readonly terms?: readonly Term[] | undefined;
}

/** The terms of an objective, in the order in which they are computed, added up and logged. */
export function termsOf(weights: ObjectiveWeights): Term[] {
  return [
    contentTerm(weights),
    ...styleTerms(weights),
    totalVariationTerm(weights),
    latticeTerm(weights),
    ...pixelTerms(weights),
    ...stabilityTerms(weights),
    ...(weights.terms ?? []),
  ];
}
