import { permutation, random } from '../../data/random.ts';

// A stream of its own beside those of src/data/batches.ts.
const STYLES = 2;

/**
 * In which of several styles each of the next photos is painted: photos come in rounds of as many as there are styles,
 * each style once in a round, in an order of its own. A function of the seed and of the photos seen before, so that a run
 * that goes on takes up where it was, whatever its batch is then.
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
