import type * as tf from '../../engine/tensorflow.ts';
import type { LayerLosses, PerceptualLoss, PerceptualWeights } from '../../losses/perceptual-loss.ts';

/** Loss terms in the order in which the step answers them. */
export const LOSS_TERMS = ['total', 'content', 'style', 'tv', 'lattice'] as const;
export type LossTerms = Readonly<Record<(typeof LOSS_TERMS)[number], number>> & {
  /** There where it is weighed. */
  readonly stability?: number;
};

/** What decides which losses a step answers. */
export interface LossLayout {
  readonly weights: PerceptualWeights;
  readonly stabilityWeight?: number | undefined;
}

/** The terms of some losses, or of what is weighed: the stability term is behind the others where it is one. */
export function termsOf(of: { readonly stability?: number } | LossLayout) {
  const isSteady = 'weights' in of ? (of.stabilityWeight ?? 0) > 0 : of.stability !== undefined;
  return isSteady ? ([...LOSS_TERMS, 'stability'] as const) : LOSS_TERMS;
}

/** Losses of a batch, unweighted but for the total. */
export type LossValues = LossTerms & {
  /** Losses of single layers, which content and style are the weighted means or sums of. */
  readonly contentLayers: Readonly<Record<string, number>>;
  readonly styleLayers: Readonly<Record<string, number>>;
};

const LAYER_TERMS = ['contentLayers', 'styleLayers'] as const;

/** How many scalars a loss is: its terms and its layers. */
export function countLosses(layout: LossLayout): number {
  const layers = LAYER_TERMS.map((term) => Object.keys(layout.weights[term]).length);
  return layers.reduce((sum, count) => sum + count, termsOf(layout).length as number);
}

/** A loss as a list of scalars: the terms, then the content and the style layers in the order of their weights. */
export function lossScalars(
  loss: PerceptualLoss & { readonly stability?: tf.Scalar },
  layout: LossLayout,
): tf.Scalar[] {
  const layers = (of: LayerLosses, names: object) => Object.keys(names).map((name) => of[name]!);
  return [
    ...termsOf(layout).map((term) => loss[term]!),
    ...LAYER_TERMS.flatMap((term) => layers(loss[term], layout.weights[term])),
  ];
}

/** Reads the losses of which a step or an evaluation answers `lossScalars`. */
export function lossValues(outputs: readonly tf.Tensor[], layout: LossLayout): LossValues {
  const numbers = outputs.slice(0, countLosses(layout)).map((output) => output.dataSync()[0]!);
  const take = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, numbers.shift() ?? Number.NaN]));
  const terms = take(termsOf(layout)) as LossTerms;
  const [contentLayers, styleLayers] = LAYER_TERMS.map((term) => take(Object.keys(layout.weights[term])));
  return { ...terms, contentLayers: contentLayers!, styleLayers: styleLayers! };
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
