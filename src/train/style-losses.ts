import type * as tf from '../engine/tensorflow.ts';
import { LOSS_TERMS, type LossValues } from './train-step.ts';
import type { BatchLosses } from './trainer-options.ts';

/** Reads each photo's terms, [N, terms], and says in which style it was painted. */
export function photoLosses(
  terms: tf.Tensor,
  styles: readonly number[],
  names: readonly string[] = LOSS_TERMS,
): (LossValues & { readonly styleNumber: number })[] {
  const values = terms.dataSync();
  return styles.map((styleNumber, photo) => {
    const named = names.map((term, i) => [term, values[photo * names.length + i]!]);
    return { ...(Object.fromEntries(named) as LossValues), styleNumber };
  });
}

/** Means of each style over the photos of some batches, by the styles' names. One that came in none is left out. */
export function meansByStyle(
  batches: readonly BatchLosses[],
  names: readonly string[],
): Readonly<Record<string, LossValues>> {
  const photos = batches.flatMap((batch) => batch.photos ?? []);
  const means = names.flatMap((name, i) => {
    const own = photos.filter(({ styleNumber }) => styleNumber === i);
    const mean = (term: keyof LossValues) =>
      own.reduce((sum, photo) => sum + (photo[term] ?? 0), 0) / own.length;
    const terms = [...LOSS_TERMS, ...(own[0]?.stability === undefined ? [] : (['stability'] as const))];
    return own.length === 0 ? [] : [[name, Object.fromEntries(terms.map((term) => [term, mean(term)]))]];
  });
  return Object.fromEntries(means);
}
