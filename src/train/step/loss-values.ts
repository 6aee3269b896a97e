import { mapRecord } from '../../engine/compile/compile.ts';
import type * as tf from '../../engine/tensorflow.ts';
import type { Losses } from '../../losses/term.ts';
import { TERM_WEIGHTS } from '../../losses/term-table.ts';
import type { TrainingTerms } from '../settings.ts';

/** Loss terms of every training, in the order in which they are logged. */
const LOSS_TERMS = [
  ...['total', 'content', 'style', 'tv'],
  ...Object.keys(TERM_WEIGHTS).map((weight) => weight.replace(/Weight$/, '')),
];

/** The terms of some losses in their order, without those of layers. */
export function termNames(losses: object): string[] {
  const isTerm = (name: string) => name !== 'styleNumber' && name !== 'photos' && !name.endsWith('Layers');
  return Object.keys(losses).filter(isTerm);
}

/** Losses of a batch, unweighted but for the total. */
export type LossValues = TrainingTerms & {
  /** Losses of single layers, which content and style are the weighted means or sums of. */
  readonly contentLayers: Readonly<Record<string, number>>;
  readonly styleLayers: Readonly<Record<string, number>>;
};

/** One photo's terms and the number of the style that it was painted in. */
export type PhotoLosses = TrainingTerms & { readonly styleNumber: number };

/** Loss terms of a batch, and with several styles those of each photo with the number of its style. */
export type BatchLosses = LossValues & {
  readonly photos?: readonly PhotoLosses[];
};

/** Losses as numbers. */
export function lossValues(losses: Losses): LossValues {
  return mapRecord(losses, (loss: tf.Tensor) => loss.dataSync()[0]!) as unknown as LossValues;
}

/** Means of losses, of each layer over those that have it: settings may have changed among them. */
export function meanLosses(values: readonly LossValues[]): LossValues {
  const all = values as readonly Readonly<Record<string, unknown>>[];
  const ofLayers = all.flatMap((losses) => Object.keys(losses)).filter((name) => name.endsWith('Layers'));
  const meanOf = (term: string) => {
    // States from before layers were logged have none.
    const found = all.map((losses) => (losses[term] ?? {}) as Readonly<Record<string, number>>);
    const names = new Set(found.flatMap((layers) => Object.keys(layers)));
    return Object.fromEntries(
      [...names].map((name) => [name, mean(found.flatMap((layers) => layers[name] ?? []))]),
    );
  };
  const terms = new Set(['contentLayers', 'styleLayers', ...ofLayers]);
  const layers = Object.fromEntries([...terms].map((term) => [term, meanOf(term)]));
  return { ...meanTerms(values), ...layers } as LossValues;
}

/** Means of the terms alone. */
export function meanTerms(values: readonly TrainingTerms[]): TrainingTerms {
  // All are of one phase (`NetworkTrainer.recent`), and have the same terms.
  const all = values as readonly Readonly<Record<string, number>>[];
  const names = values.length === 0 ? LOSS_TERMS : termNames(values[0]!);
  const terms = names.map((term) => [term, mean(all.map((losses) => losses[term] ?? 0))]);
  return Object.fromEntries(terms) as TrainingTerms;
}

const mean = (numbers: readonly number[]) =>
  numbers.reduce((sum, value) => sum + value, 0) / Math.max(1, numbers.length);
