/** A stream of numbers in [0, 1) that can be sent back to any seed. */
export type Random = {
  (): number;
  seed(seed: number): void;
};

/** Mixes a whole number into 32 well-spread bits. */
export function hash(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** The mulberry32 generator: small, quick, the same on every machine. */
export function createRandom(seed: number): Random {
  let state = hash(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
  return Object.assign(next, {
    seed(value: number) {
      state = hash(value);
    },
  });
}
