/** Pixels of 16 bit from a matrix profile's space to sRGB. */
import { type ShaperProfile, shaperProfile } from './shaper-profile.ts';

const WHITE = 65535;

/** Brings interleaved samples to sRGB in place, a fourth channel aside. */
export type DeepConversion = (samples: Uint16Array, channels: number) => void;

/**
 * From a profile's space to that of `srgb`, relative colorimetric: curve, matrix, the inverse of sRGB's matrix (both by D50), its
 * curve (IEC 61966-2-1); what lies outside is brought to the border. Grey comes as three equal channels.
 *
 * @returns undefined where either profile is not of curves and a matrix.
 */
export function deepConversion(profile: Uint8Array, srgb: Uint8Array): DeepConversion | undefined {
  const [from, to] = [shaperProfile(profile), shaperProfile(srgb)];
  if (from === undefined || to?.matrix === undefined) return undefined;
  const curves = Array.from({ length: 3 }, (_, i) => linearLight(from, i));
  const [red, green, blue] = curves as [Float32Array, Float32Array, Float32Array];
  const m = from.matrix === undefined ? IDENTITY : product(inverse(to.matrix), from.matrix);
  const encode = encoding();
  return (samples, channels) => {
    for (let at = 0; at + 2 < samples.length; at += channels) {
      const [r, g, b] = [red[samples[at]!]!, green[samples[at + 1]!]!, blue[samples[at + 2]!]!];
      samples[at] = encode(m[0]! * r + m[1]! * g + m[2]! * b);
      samples[at + 1] = encode(m[3]! * r + m[4]! * g + m[5]! * b);
      samples[at + 2] = encode(m[6]! * r + m[7]! * g + m[8]! * b);
    }
  };
}

const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];

function linearLight({ curves }: ShaperProfile, channel: number): Float32Array {
  const curve = curves[channel] ?? curves[0]!;
  return Float32Array.from({ length: WHITE + 1 }, (_, sample) => curve(sample / WHITE));
}

/** sRGB's curve by a table of as many steps as samples have; between them it is straight to within 0.01 of a step. */
function encoding(): (linear: number) => number {
  const table = Float32Array.from({ length: WHITE + 2 }, (_, i) => {
    const linear = i / WHITE;
    return WHITE * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);
  });
  return (linear) => {
    if (!(linear > 0)) return 0;
    if (linear >= 1) return WHITE;
    const at = linear * WHITE;
    const below = Math.floor(at);
    return Math.round(table[below]! + (at - below) * (table[below + 1]! - table[below]!));
  };
}

/** Products of 3×3 matrices in rows. */
function product(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [3 * Math.floor(i / 3), i % 3];
    return a[row]! * b[column]! + a[row + 1]! * b[column + 3]! + a[row + 2]! * b[column + 6]!;
  });
}

/** By cofactors. */
function inverse(m: readonly number[]): number[] {
  const cofactor = (row: number, column: number) => {
    const at = (r: number, c: number) => m[3 * ((row + r) % 3) + ((column + c) % 3)]!;
    return at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1);
  };
  const determinant = m[0]! * cofactor(0, 0) + m[1]! * cofactor(0, 1) + m[2]! * cofactor(0, 2);
  return Array.from({ length: 9 }, (_, i) => cofactor(i % 3, Math.floor(i / 3)) / determinant);
}
