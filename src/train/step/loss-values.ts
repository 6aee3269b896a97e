import * as tf from '../../engine/tensorflow.ts';
import type { LayerLosses, PerceptualLoss, PerceptualWeights } from '../../losses/perceptual-loss.ts';

/** Loss terms in the order in which they are logged. */
export const LOSS_TERMS = ['total', 'content', 'style', 'tv', 'lattice'] as const;
export type LossTerms = Readonly<Record<(typeof LOSS_TERMS)[number], number>> & {
  /** There where it is weighed. */
  readonly stability?: number;
};

/** The terms of some losses: the stability term comes after the others where it is one. */
export function termsOf(of: { readonly stability?: unknown }) {
  return of.stability !== undefined ? ([...LOSS_TERMS, 'stability'] as const) : LOSS_TERMS;
}

/** Losses of a batch, unweighted but for the total. */
export type LossValues = LossTerms & {
  /** Losses of single layers, which content and style are the weighted means or sums of. */
  readonly contentLayers: Readonly<Record<string, number>>;
  readonly styleLayers: Readonly<Record<string, number>>;
};

const LAYER_TERMS = ['contentLayers', 'styleLayers'] as const;

/** Losses as a step or an evaluation answers them. */
export type Losses = PerceptualLoss & { readonly stability?: tf.Scalar };

/** Losses of what is weighed that are all nought. Caller disposes. */
export function zeroLosses({ weights, stabilityWeight = 0 }: LossLayout): Losses {
  const terms = [...LOSS_TERMS, ...(stabilityWeight > 0 ? ['stability'] : [])];
  const zeros = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, tf.scalar(0)]));
  return {
    ...zeros(terms),
    contentLayers: zeros(Object.keys(weights.contentLayers)),
    styleLayers: zeros(Object.keys(weights.styleLayers)),
  } as Losses;
}

/** What decides which losses there are. */
export interface LossLayout {
  readonly weights: PerceptualWeights;
  readonly stabilityWeight?: number | undefined;
}

/** Losses as numbers. */
export function lossValues({ contentLayers, styleLayers, ...terms }: Losses): LossValues {
  const numbers = (scalars: LayerLosses) =>
    Object.fromEntries(Object.entries(scalars).map(([name, scalar]) => [name, scalar.dataSync()[0]!]));
  return {
    ...(numbers(terms) as unknown as LossTerms),
    contentLayers: numbers(contentLayers),
    styleLayers: numbers(styleLayers),
  };
}

/** Means of losses, of each layer over those that have it: settings may have changed among them. */
export function meanLosses(values: readonly LossValues[]): LossValues {
  const layers = (term: (typeof LAYER_TERMS)[number]) => {
    // States from before layers were logged have none.
    const names = new Set(values.flatMap((losses) => Object.keys(losses[term] ?? {})));
    return Object.fromEntries(
      [...names].map((name) => [name, mean(values.flatMap((losses) => losses[term]?.[name] ?? []))]),
    );
  };
  return {
    ...meanTerms(values),
    contentLayers: layers('contentLayers'),
    styleLayers: layers('styleLayers'),
  };
}

/** Means of the terms alone. */
export function meanTerms(values: readonly LossTerms[]): LossTerms {
  // All are of one phase (`Trainer.recent`), and have the same terms.
  const terms = termsOf(values[0] ?? {}).map((term) => [
    term,
    mean(values.map((losses) => losses[term] ?? 0)),
  ]);
  return Object.fromEntries(terms) as LossTerms;
}

const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, value) => sum + value, 0) / Math.max(1, numbers.length);
