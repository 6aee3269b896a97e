import { type Random, randomBelow } from '../../src/data/random.ts';
import { coarseNoise, type PicturePair } from './pictures.ts';

/**
 * A batch of crops in two halves: the second half shows the first with a small change, so that the student learns what
 * changes do to the teacher's features, and with that the gradient, besides the features themselves.
 *
 * A crop lies somewhere on the way from the picture to the painted one (the plain one and the painted one a quarter of
 * the time each), in half of the cases with other contrast, brightness and colours. The change is noise, or a step along that way.
 *
 * @param count even. @returns [count, size, size, 3], values mostly in [0, 255].
 */
export function drawBatch(
  pictures: readonly PicturePair[],
  count: number,
  size: number,
  next: Random,
): Float32Array {
  const values = size * size * 3;
  const batch = new Float32Array(count * values);
  for (let i = 0; i < count / 2; i++) {
    const { plain, painted } = pictures[randomBelow(pictures.length, next)]!;
    const [left, top] = [
      randomBelow(plain.width - size + 1, next),
      randomBelow(plain.height - size + 1, next),
    ];
    const flip = next() < 0.5;
    const way = next();
    const share = way < 0.25 ? 0 : way < 0.5 ? 1 : next();
    const recoloured = next() < 0.5;
    const gains = [0, 1, 2].map(() => (recoloured ? 0.5 + 0.8 * next() : 1));
    const offsets = [0, 1, 2].map(() => (recoloured ? 60 * (next() - 0.5) : 0));
    const alongTheWay = next() < 0.4;
    const step = alongTheWay ? 0.05 + 0.3 * next() : 2 * 15 ** next();
    const noise = alongTheWay ? undefined : coarseNoise(size, next);
    const base = batch.subarray(i * values, (i + 1) * values);
    const changed = batch.subarray((count / 2 + i) * values, (count / 2 + i + 1) * values);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const from = ((top + y) * plain.width + left + (flip ? size - 1 - x : x)) * 3;
        const to = (y * size + x) * 3;
        for (let c = 0; c < 3; c++) {
          const [a, b] = [plain.pixels[from + c]!, painted.pixels[from + c]!];
          const value = (a + share * (b - a) - 128) * gains[c]! + 128 + offsets[c]!;
          base[to + c] = value;
          changed[to + c] = value + step * (noise === undefined ? (b - a) * gains[c]! : noise[to + c]!);
        }
      }
    }
  }
  return batch;
}

/** Of half of a batch's changes the length of the student's own steps in their place, in grey levels; 0 for the others. */
export function drawOwnSteps(count: number, next: Random): number[] {
  return Array.from({ length: count / 2 }, (_, i) => (i % 2 === 0 ? 1.5 * 10 ** next() : 0));
}
