import type * as tf from '../../engine/tensorflow.ts';
import type { TrainingTerms } from '../settings.ts';
import type { BatchLosses } from '../trainer-options.ts';
import { meanTerms } from './loss-values.ts';

/** One photo's terms and the number of the style that it was painted in. */
export type PhotoLosses = TrainingTerms & { readonly styleNumber: number };

/** Each term of each photo, [N]. */
export type PhotoTerms = Readonly<Record<string, tf.Tensor>>;

/** The terms, without those of layers, photo by photo. @param styles the number of each photo's style. */
export function photoLosses(terms: PhotoTerms, styles: readonly number[]): PhotoLosses[] {
  const values = Object.entries(terms).map(([term, ofPhotos]) => [term, ofPhotos.dataSync()] as const);
  return styles.map((styleNumber, photo) => {
    const named = values.map(([term, ofPhotos]) => [term, ofPhotos[photo]!]);
    return { ...(Object.fromEntries(named) as TrainingTerms), styleNumber };
  });
}

/** Means of each style over the photos of some batches, by the styles' names. One that came in none is left out. */
export function meansByStyle(
  batches: readonly BatchLosses[],
  names: readonly string[],
): Readonly<Record<string, TrainingTerms>> {
  const photos = batches.flatMap((batch) => batch.photos ?? []);
  const means = names.flatMap((name, i) => {
    const own = photos.filter(({ styleNumber }) => styleNumber === i);
    return own.length === 0 ? [] : [[name, meanTerms(own)]];
  });
  return Object.fromEntries(means);
}
