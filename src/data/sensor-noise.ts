import type { Random } from './random.ts';

/** Standard deviation of the sum of four bytes. */
const DEVIATION = Math.sqrt((4 * (256 ** 2 - 1)) / 12);

/**
 * Noise as a sensor has it: independent from value to value, near enough to normal (the sum of four uniform bytes: within
 * 3.5 standard deviations), from one random number each.
 *
 * @param deviation in grey levels. @returns as many numbers as asked for, of mean 0.
 */
export function sensorNoise(count: number, deviation: number, next: Random): Float32Array {
  const noise = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const bits = next() * 2 ** 32;
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
    noise[i] = ((sum - 510) * deviation) / DEVIATION;
  }
  return noise;
}
