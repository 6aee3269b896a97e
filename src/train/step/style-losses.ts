import type * as tf from '../../engine/tensorflow.ts';
import type { BatchLosses } from '../trainer-options.ts';
import { countLosses, type LossLayout, type LossTerms, meanTerms, termsOf } from './loss-values.ts';

/** One photo's terms and the number of the style that it was painted in. */
export type PhotoLosses = LossTerms & { readonly styleNumber: number };

/** Reads the terms, without those of layers, from each photo's `lossScalars`, [N, scalars]. */
export function photoLosses(
  scalars: tf.Tensor,
  styles: readonly number[],
  layout: LossLayout,
): PhotoLosses[] {
  const values = scalars.dataSync();
  const width = countLosses(layout);
  return styles.map((styleNumber, photo) => {
    const named = termsOf(layout).map((term, i) => [term, values[photo * width + i]!]);
    return { ...(Object.fromEntries(named) as LossTerms), styleNumber };
  });
}

/** Means of each style over the photos of some batches, by the styles' names. One that came in none is left out. */
export function meansByStyle(
  batches: readonly BatchLosses[],
  names: readonly string[],
): Readonly<Record<string, LossTerms>> {
  const photos = batches.flatMap((batch) => batch.photos ?? []);
  const means = names.flatMap((name, i) => {
    const own = photos.filter(({ styleNumber }) => styleNumber === i);
    return own.length === 0 ? [] : [[name, meanTerms(own)]];
  });
  return Object.fromEntries(means);
}
