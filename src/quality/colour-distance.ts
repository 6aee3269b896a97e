import { meanAndDeviation } from '../data/luminance.ts';
import type { LabPicture } from './lab.ts';

/** Directions over the half sphere on which colours are projected. */
const DIRECTIONS = 24;
/** Points at which two distributions are compared. */
const QUANTILES = 512;

/**
 * How far the colours of some pictures are from those of others, wherever in the picture they are: the sliced Wasserstein
 * distance (Rabin et al. 2011; Bonneel et al. 2015, eq. 5) of their pixels in CIELAB,
 *
 *   d = 2 · mean over directions θ of ∫ |F⁻¹_θ(q) − G⁻¹_θ(q)| dq
 *
 * with F_θ the distribution of ⟨colour, θ⟩. Mean length of a projection on random directions of space is half the vector's;
 * the factor of 2 makes a shift of all colours by ΔE 10 measure 10.
 */
export function colourDistance(some: readonly LabPicture[], others: readonly LabPicture[]): number {
  let sum = 0;
  for (const direction of directions()) {
    const f = quantiles(some, direction);
    const g = quantiles(others, direction);
    for (let i = 0; i < QUANTILES; i++) sum += Math.abs(f[i]! - g[i]!);
  }
  return (2 * sum) / (DIRECTIONS * QUANTILES);
}

/** Evenly spread over the half sphere: a Fibonacci lattice (González 2010). */
function directions(): readonly (readonly [number, number, number])[] {
  const golden = Math.PI * (3 - Math.sqrt(5));
  return Array.from({ length: DIRECTIONS }, (_, i) => {
    const height = (i + 0.5) / DIRECTIONS;
    const radius = Math.sqrt(1 - height * height);
    return [height, radius * Math.cos(golden * i), radius * Math.sin(golden * i)] as const;
  });
}

/** Quantiles of the projected colours, each picture with the same say. */
function quantiles(
  pictures: readonly LabPicture[],
  [l, p, q]: readonly [number, number, number],
): Float64Array {
  // So many pixels of each that some tens of thousands are sorted, whatever the size.
  const each = Math.max(QUANTILES, Math.floor(32_768 / pictures.length));
  const projected = new Float32Array(each * pictures.length);
  pictures.forEach(({ lightness, a, b }, n) => {
    for (let i = 0; i < each; i++) {
      const at = Math.floor(((i + 0.5) * lightness.length) / each);
      projected[n * each + i] = l * lightness[at]! + p * a[at]! + q * b[at]!;
    }
  });
  sortFloats(projected);
  return Float64Array.from(
    { length: QUANTILES },
    (_, i) => projected[Math.floor(((i + 0.5) * projected.length) / QUANTILES)]!,
  );
}

/**
 * Sorts finite numbers in place, by their bits, 11 at a time from the lowest: ten times as fast as `Float32Array.sort`, which the
 * distance would wait for most of its time.
 */
function sortFloats(values: Float32Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  // As unsigned numbers: the sign bit turned in what is positive, all bits in what is negative.
  for (let i = 0; i < bits.length; i++) bits[i]! ^= (bits[i]! >> 31) | 0x80000000;
  let [from, to]: [Uint32Array, Uint32Array] = [bits, new Uint32Array(bits.length)];
  for (const shift of [0, 11, 22]) {
    const places = new Uint32Array(2 ** 11 + 1);
    for (let i = 0; i < from.length; i++) places[((from[i]! >>> shift) & 0x7ff) + 1]!++;
    for (let digit = 1; digit < places.length; digit++) places[digit]! += places[digit - 1]!;
    for (let i = 0; i < from.length; i++) to[places[(from[i]! >>> shift) & 0x7ff]!++] = from[i]!;
    [from, to] = [to, from];
  }
  for (let i = 0; i < bits.length; i++) bits[i]! = from[i]! ^ (~(from[i]! >> 31) | 0x80000000);
}

/** How much of tone and colour a picture has. */
interface ColourSpread {
  /** Standard deviation of L*: near 0 is blank. */
  readonly lightness: number;
  /** Mean chroma C* = √(a*² + b*²): near 0 is grey. */
  readonly chroma: number;
  /** √(σ²(a*) + σ²(b*)): near 0 is of one hue and chroma, however strong. */
  readonly hues: number;
}

/** Blank, grey and single-coloured pictures, recognised by the spread of their colours in CIELAB. */
export function colourSpread({ lightness, a, b }: LabPicture): ColourSpread {
  let chroma = 0;
  for (let i = 0; i < a.length; i++) chroma += Math.hypot(a[i]!, b[i]!);
  return {
    lightness: meanAndDeviation(lightness).deviation,
    chroma: chroma / a.length,
    hues: Math.hypot(meanAndDeviation(a).deviation, meanAndDeviation(b).deviation),
  };
}
