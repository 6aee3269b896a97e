/** Samples of pictures to a network's numbers and back, without TensorFlow. */
import type { Samples } from '../picture.ts';
import { CheckpointError } from '../system/errors.ts';

/** Samples as networks take them: in [0, 255], of 16 bit with fractions; 65535 is 255. */
export function toFloats(samples: Samples): Float32Array {
  return samples instanceof Uint16Array ? scaled(samples) : new Float32Array(samples);
}

/**
 * Values in [0, 255] as 8-bit pixels, rounded to the nearest; what lies beyond is clipped.
 *
 * A clamped array does so in one go: a hundred times faster than a callback per value, and `Uint8Array` itself would cut off
 * and wrap.
 */
export function toPixels(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(new Uint8ClampedArray(values).buffer);
}

/**
 * Refuses what a network answers when its weights are too large for its arithmetic: normalisation makes whole channels NaN, so
 * one row's first pixels tell.
 *
 * @throws {CheckpointError} there are NaNs among the first values.
 */
export function requireNumbers(values: ArrayLike<number>): void {
  for (let i = 0; i < Math.min(3, values.length); i++) {
    if (Number.isNaN(values[i]!)) {
      throw new CheckpointError(
        'The style answers no colours but NaN: its weights are too large; train it again.',
      );
    }
  }
}

/** Values in [0, 255] as samples of 8 or 16 bit, rounded to the nearest; what lies beyond is clipped. */
export function toSamples(values: ArrayLike<number>, bits: 8 | 16): Samples {
  if (bits === 8) return toPixels(values);
  const samples = new Uint16Array(values.length);
  for (let i = 0; i < samples.length; i++) samples[i] = Math.max(0, Math.min(255, values[i]!)) * 257 + 0.5;
  return samples;
}

function scaled(samples: Uint16Array): Float32Array {
  const values = new Float32Array(samples.length);
  for (let i = 0; i < values.length; i++) values[i] = samples[i]! / 257;
  return values;
}
