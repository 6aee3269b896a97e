/**
 * IEEE 754 half precision (1 sign, 5 exponent, 10 fraction bits) and bfloat16 (1, 8, 7) as 16-bit patterns.
 * https://en.wikipedia.org/wiki/Half-precision_floating-point_format
 */

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** The largest finite half-precision number; anything from 65520 up rounds to infinity. */
export const LARGEST_HALF = 65504;

/**
 * Rounds a number to the nearest half-precision one, ties to even.
 *
 * @returns the 16-bit pattern: an infinity for |value| ≥ 65520, a quiet NaN for NaN.
 */
export function toHalf(value: number): number {
  float[0] = value;
  const f = bits[0]!;
  const sign = (f >>> 16) & 0x8000;
  const magnitude = f & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Below 2^-14 halves are evenly spaced by 2^-24: scale so that one step is 1 and round there.
    return sign | roundTiesToEven(Math.abs(float[0]!) * 2 ** 24);
  }
  // Drop 13 fraction bits: adding just under half a step, plus one where the kept part is odd, rounds ties to even.
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** `toHalf` of many numbers, several times as fast: nearly all are in the range of normal halves. */
export function toHalves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const patterns = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const result = new Uint16Array(values.length);
  for (let i = 0; i < result.length; i++) {
    const f = patterns[i]!;
    const magnitude = f & 0x7fffffff;
    result[i] =
      magnitude >= 0x38800000 && magnitude < 0x477ff000
        ? ((f >>> 16) & 0x8000) | ((magnitude + 0xfff + ((magnitude >>> 13) & 1) - 0x38000000) >>> 13)
        : toHalf(values[i]!);
  }
  return result;
}

/** The number that a half-precision pattern stands for; exact. */
export function fromHalf(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >>> 10) & 0x1f;
  const fraction = pattern & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** `fromHalf` of many numbers, several times as fast: nearly all are normal or 0. */
export function fromHalves(patterns: Uint16Array): Float32Array<ArrayBuffer> {
  const result = new Float32Array(patterns.length);
  const words = new Uint32Array(result.buffer);
  for (let i = 0; i < words.length; i++) {
    const pattern = patterns[i]!;
    const magnitude = pattern & 0x7fff;
    // Ten fraction bits become 23; the exponent's bias 127 in place of 15.
    if (magnitude >= 0x0400 && magnitude < 0x7c00)
      words[i] = ((pattern & 0x8000) << 16) | ((magnitude << 13) + 0x38000000);
    else result[i] = fromHalf(pattern);
  }
  return result;
}

/** The number that a bfloat16 pattern stands for; exact, since bfloat16 is the upper half of a float32. */
export function fromBfloat16(pattern: number): number {
  bits[0] = pattern << 16;
  return float[0]!;
}

function roundTiesToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
