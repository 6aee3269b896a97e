import type { Checkpoint } from '../networks/checkpoint.ts';
import { ConfigError, expected } from '../system/errors.ts';

/** @throws {ConfigError} it is not from 0 to 1. */
export function requireAmount(amount: number): void {
  if (!(amount >= 0 && amount <= 1))
    throw new ConfigError(expected('a number from 0 (the photo) to 1 (the style) for --amount', amount));
}

/**
 * A style painted more weakly: what each residual block adds to its input is multiplied by the amount. The blocks draw the
 * strokes; what is around them, by itself, turns a photo into the style's colours and plain forms. Of the rest of the way to the photo
 * see `paintedShare`.
 *
 * Features are interpolated between those with and those without strokes: h ↦ h + a·F(h) instead of h + F(h), by the
 * second convolution's scale and offset, which are linear in F.
 */
export function withAmount(checkpoint: Checkpoint, amount: number): Checkpoint {
  requireAmount(amount);
  const parameters = checkpoint.parameters.map((array) =>
    /\.second\.(scale|offset)$/.test(array.name)
      ? { ...array, values: array.values.map((value) => value * amount) }
      : array,
  );
  return { ...checkpoint, parameters };
}

/**
 * The painting's share of a pixel, √a; the photo has the rest. With the strokes weakened as well, a linear share would come to
 * a² of them, and half the style would be a fourth.
 */
export function paintedShare(amount: number): number {
  return Math.sqrt(amount);
}
