import assert from 'node:assert/strict';
import { random, randomBelow } from '../../src/data/random.ts';
import * as tf from '../../src/engine/tensorflow.ts';

export interface GradientCheck {
  /** Directions tried per input: single coordinates, drawn at random. Defaults to 8, or all when there are fewer. */
  readonly coordinates?: number;
  /** Half the distance of the two points whose difference is taken. Defaults to 1e-2. */
  readonly step?: number;
  /** Largest difference allowed, as a share of the gradient's largest value. Defaults to 1e-2. */
  readonly tolerance?: number;
  /** Difference always allowed: what float32's rounding of `f` comes to, divided by `step`. Defaults to 1e-8. */
  readonly absolute?: number;
  readonly seed?: number;
}

/**
 * Fails unless tfjs's gradient of `f` agrees with central differences (f(x + h) − f(x − h)) / 2h. In float32 the
 * difference keeps about three digits when h is about the cube root of its rounding, so scale inputs to about 1.
 *
 * @param f a function to a scalar, smooth within `step` of `at`. @param at its inputs; not disposed of.
 */
export function expectGradientMatches(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  at: readonly tf.Tensor[],
  { coordinates = 8, step = 1e-2, tolerance = 1e-2, absolute = 1e-8, seed = 1 }: GradientCheck = {},
): void {
  const gradients = tf.tidy(() => tf.grads((...inputs) => f(...inputs).asScalar())([...at]));
  assert.equal(gradients.length, at.length);
  const next = random(seed);
  at.forEach((input, which) => {
    const values = input.dataSync();
    const gradient = Float32Array.from(gradients[which]!.dataSync());
    assert.deepEqual(gradients[which]!.shape, input.shape, `shape of gradient ${which}`);
    const largest = gradient.reduce((size, g) => Math.max(size, Math.abs(g)), 0);
    const valueWith = (coordinate: number, change: number): number =>
      tf.tidy(() => {
        const moved = Float32Array.from(values);
        moved[coordinate]! += change;
        const inputs = at.map((t, i) => (i === which ? tf.tensor(moved, input.shape) : t));
        return f(...inputs).dataSync()[0]!;
      });
    const chosen =
      input.size <= coordinates
        ? Array.from({ length: input.size }, (_, i) => i)
        : Array.from({ length: coordinates }, () => randomBelow(input.size, next));
    for (const coordinate of chosen) {
      // The distance that float32 really keeps, not the one asked for.
      const x = values[coordinate]!;
      const distance = Math.fround(x + step) - Math.fround(x - step);
      const numeric = (valueWith(coordinate, step) - valueWith(coordinate, -step)) / distance;
      const difference = Math.abs(gradient[coordinate]! - numeric);
      if (!(difference <= tolerance * largest + absolute)) {
        assert.fail(
          `gradient ${which} at ${coordinate} is ${gradient[coordinate]}, finite differences say ${numeric} (largest ${largest}, seed ${seed})`,
        );
      }
    }
  });
  tf.dispose(gradients);
}
