import { permutation, random } from '../../data/random.ts';
import type * as tf from '../../engine/tensorflow.ts';
import type { TrainingTerms } from '../settings.ts';
import { type BatchLosses, meanTerms, type PhotoLosses } from './loss-values.ts';

/** Each term of each photo, [N]. */
export type PhotoTerms = Readonly<Record<string, tf.Tensor>>;

/** The terms, without those of layers, photo by photo. @param styles the number of each photo's style. */
export function photoLosses(
  terms: Readonly<Record<string, Float32Array>>,
  styles: readonly number[],
): PhotoLosses[] {
  return styles.map((styleNumber, photo) => {
    const named = Object.entries(terms).map(([term, ofPhotos]) => [term, ofPhotos[photo]!]);
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

// A stream of random numbers apart from those of src/data/batches.ts.
const STYLES = 2;

/**
 * In which of several styles each of the next photos is painted: photos come in rounds of as many as there are styles,
 * each style once in a round, in its own order. A function of the seed and of the photos seen before, so that a run
 * that is resumed continues where it was, even with another batch.
 *
 * @param seen photos before. @returns `count` numbers below `styles`.
 */
export function stylesOfPhotos(seed: number, styles: number, seen: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const photo = seen + i;
    const round = Math.floor(photo / styles);
    return permutation(styles, random(seed, STYLES, round))[photo % styles]!;
  });
}
