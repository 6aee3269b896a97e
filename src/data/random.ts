/**
 * Random numbers that are a function of their keys: the same seed, epoch and index give the same numbers in any
 * process and in any order of asking. So a position in a data set is two integers, not a generator's state.
 */
export type Random = () => number;

/** A stream of numbers, uniform in [0, 1), for a tuple of keys (safe integers). Not for cryptography. */
export function random(...keys: readonly number[]): Random {
  // The state of sfc32 (Chris Doty-Humphrey's small fast counting generator) is filled by mixing in every key.
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  for (const key of keys) {
    a = mix(a ^ key);
    b = mix(b ^ a ^ Math.floor(key / 2 ** 32));
    c = mix(c ^ b);
  }
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** A whole number, uniform in 0 … bound − 1. */
export function randomBelow(bound: number, next: Random): number {
  return Math.floor(next() * bound);
}

/** The numbers 0 … count − 1 in random order (Fisher and Yates' shuffle). */
export function permutation(count: number, next: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = randomBelow(i + 1, next);
    const held = order[i]!;
    order[i] = order[j]!;
    order[j] = held;
  }
  return order;
}

/** Spreads 32 bits so that each bit of the input moves half the bits of the output (MurmurHash3's finaliser). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

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
