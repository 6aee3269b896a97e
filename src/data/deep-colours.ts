/** Pixels of 16 bit from a matrix profile's space to sRGB. */
import { type ColourConversion, conversionToSrgb } from './linear-light.ts';
import { IDENTITY, inverse, product } from './matrices.ts';
import { shaperProfile } from './shaper-profile.ts';

/**
 * From a profile's space to that of `srgb`, relative colorimetric: curve, matrix, the inverse of sRGB's matrix (both by D50), its
 * curve (IEC 61966-2-1); what lies outside is brought to the border. Grey comes as three equal channels.
 *
 * @returns undefined where either profile is not of curves and a matrix.
 */
export function deepConversion(profile: Uint8Array, srgb: Uint8Array): ColourConversion | undefined {
  const [from, to] = [shaperProfile(profile), shaperProfile(srgb)];
  if (from === undefined || to?.matrix === undefined) return undefined;
  const matrix = from.matrix === undefined ? IDENTITY : product(inverse(to.matrix), from.matrix);
  return conversionToSrgb({ curves: from.curves, matrix });
}
