/**
 * Draws from distributions with no more than + − × ÷ and √, whose results IEEE 754 fixes to the last bit: the same seed
 * gives the same pixels on every machine. Sines, powers and logarithms may differ between builds of JavaScript engines.
 */
import { type Random, randomBelow } from '../random.ts';

/** Uniform between two bounds. */
export function between(low: number, high: number, next: Random): number {
  return low + (high - low) * next();
}

/** True with this probability. */
export function chance(probability: number, next: Random): boolean {
  return next() < probability;
}

/** One of several. */
export function oneOf<Item>(items: readonly Item[], next: Random): Item {
  return items[randomBelow(items.length, next)]!;
}

/** One of several by its weight. */
export function weighted<Item>(
  items: readonly (readonly [weight: number, item: Item])[],
  next: Random,
): Item {
  let left = next() * items.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, item] of items) {
    left -= weight;
    if (left < 0) return item;
  }
  return items.at(-1)![1];
}

/** Close to normal, of mean 0 and variance 1: the sum of four uniform numbers, within ±3.5. */
export function bell(next: Random): number {
  return (next() + next() + next() + next() - 2) * Math.sqrt(3);
}

/** A unit vector, uniform over all directions. */
export function direction(next: Random): [x: number, y: number] {
  for (;;) {
    const [x, y] = [2 * next() - 1, 2 * next() - 1];
    const squares = x * x + y * y;
    if (squares > 1 || squares < 1e-4) continue;
    const length = Math.sqrt(squares);
    return [x / length, y / length];
  }
}

/**
 * A size whose density falls with its cube, p(r) ∝ r^-3: then things of every size cover as much of the picture, and
 * pictures look alike at every scale (Lee, Mumford and Huang 2001, Int. J. Computer Vision 41, section 4). By inversion:
 * 1 / r² is uniform.
 */
export function powerLawSize(least: number, most: number, next: Random): number {
  return 1 / Math.sqrt(between(1 / (most * most), 1 / (least * least), next));
}

/** 0 below `from`, 1 above `to`, smooth in between. */
export function smoothstep(from: number, to: number, value: number): number {
  const part = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return part * part * (3 - 2 * part);
}
