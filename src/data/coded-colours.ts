/**
 * Colours that a file names by codes or numbers in place of a profile: PNG's chunks cICP, gAMA and cHRM (W3C, 'PNG', 3rd edition,
 * §11.3.2), 'nclx' in HEIF (ISO/IEC 23008-12), both after ITU-T H.273.
 */
import { type ColourConversion, conversionToSrgb } from './linear-light.ts';
import { shaperProfile } from './shaper-profile.ts';

/** x and y of red, green, blue and white (CIE 1931). */
export type Chromaticities = readonly number[];

export interface CodedColours {
  /** A code of H.273, table 2, or the primaries themselves. */
  readonly primaries: number | Chromaticities;
  /** A code of table 3, or the exponent that samples are raised to for light. */
  readonly transfer: number | { readonly exponent: number };
  /** Black and white are at 16 and 235 of 255. */
  readonly narrow?: boolean;
}

const SRGB: Chromaticities = [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329];
/** H.273, table 2; what is not here is taken as sRGB's: 1 (BT.709), 2 (not said) and what no picture has. */
const PRIMARIES: Readonly<Record<number, Chromaticities>> = {
  4: [0.67, 0.33, 0.21, 0.71, 0.14, 0.08, 0.31, 0.316],
  5: [0.64, 0.33, 0.29, 0.6, 0.15, 0.06, 0.3127, 0.329],
  6: [0.63, 0.34, 0.31, 0.595, 0.155, 0.07, 0.3127, 0.329],
  7: [0.63, 0.34, 0.31, 0.595, 0.155, 0.07, 0.3127, 0.329],
  9: [0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.329],
  11: [0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.314, 0.351],
  12: [0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329],
};
const [PQ, HLG] = [16, 18];
/** H.273, table 3; the curves of television (1, 6, 14, 15) are shown as sRGB's is. */
const EXPONENTS: Readonly<Record<number, number>> = { 4: 2.2, 5: 2.8, 8: 1 };
/** Light of white on paper, cd/m², in pictures of high dynamic range (ITU-R BT.2408). */
const PAPER_WHITE = 203;
/** Chromaticities nearer to sRGB's than this are sRGB's, in the roundings of many programs. */
const SAME_PLACE = 0.005;
/** As libpng has it: an exponent within 5 % of 2.2 means sRGB. */
const SAME_EXPONENT = 0.05;

/** What high dynamic range the colours have, by its name. */
export function dynamicRange({ transfer }: CodedColours): 'PQ' | 'HLG' | undefined {
  return transfer === PQ ? 'PQ' : transfer === HLG ? 'HLG' : undefined;
}

/**
 * From colours so named to sRGB. Of high dynamic range, white on paper comes near sRGB's white, and what is brighter between the two.
 *
 * @returns undefined where they are sRGB's already.
 */
export function codedConversion(colours: CodedColours): ColourConversion | undefined {
  const { transfer, narrow = false } = colours;
  const primaries = chromaticities(colours);
  const range = dynamicRange(colours);
  const exponent = typeof transfer === 'number' ? EXPONENTS[transfer] : transfer.exponent;
  const isSrgbCurve =
    range === undefined && (exponent === undefined || Math.abs(exponent / 2.2 - 1) <= SAME_EXPONENT);
  const isSrgbPlace = primaries.every((value, i) => Math.abs(value - SRGB[i]!) <= SAME_PLACE);
  if (isSrgbCurve && isSrgbPlace && !narrow) return undefined;
  const light =
    range === 'PQ'
      ? perceptualQuantizer
      : range === 'HLG'
        ? hybridLogGamma
        : isSrgbCurve
          ? srgbLight
          : power(exponent!);
  const sample = narrow ? (value: number) => Math.max(0, Math.min(1, (255 * value - 16) / 219)) : undefined;
  return conversionToSrgb({
    curves: [sample === undefined ? light : (value) => light(sample(value))],
    matrix: isSrgbPlace ? IDENTITY : toSrgb(primaries),
    ...(range === 'HLG' && { before: sceneToDisplay }),
    ...(range !== undefined && { after: withRoomForHighlights }),
  });
}

function chromaticities({ primaries }: CodedColours): Chromaticities {
  return typeof primaries === 'number' ? (PRIMARIES[primaries] ?? SRGB) : primaries;
}

const power = (exponent: number) => (sample: number) => sample ** exponent;

function srgbLight(sample: number): number {
  return sample <= 0.04045 ? sample / 12.92 : ((sample + 0.055) / 1.055) ** 2.4;
}

/** ITU-R BT.2100, table 4, relative to white on paper. */
function perceptualQuantizer(sample: number): number {
  const [m1, m2] = [2610 / 16384, (2523 / 4096) * 128];
  const [c1, c2, c3] = [3424 / 4096, (2413 / 4096) * 32, (2392 / 4096) * 32];
  const root = sample ** (1 / m2);
  return (10_000 / PAPER_WHITE) * (Math.max(0, root - c1) / (c2 - c3 * root)) ** (1 / m1);
}

/** ITU-R BT.2100, table 5: light of the scene, 1 at the peak. */
function hybridLogGamma(sample: number): number {
  const a = 0.17883277;
  const [b, c] = [1 - 4 * a, 0.5 - a * Math.log(4 * a)];
  return sample <= 0.5 ? (sample * sample) / 3 : (Math.exp((sample - c) / a) + b) / 12;
}

/** On a screen of 1,000 cd/m² (BT.2100, table 5: gamma 1.2 of the luminance), relative to white on paper. */
function sceneToDisplay(light: Float64Array): void {
  const luminance = 0.2627 * light[0]! + 0.678 * light[1]! + 0.0593 * light[2]!;
  const factor = (1000 / PAPER_WHITE) * luminance ** 0.2;
  for (let i = 0; i < 3; i++) light[i]! *= factor;
}

/** Up to here light stays as it is; beyond, it nears white by 1 / x, all channels alike, so that hues stay. */
const KNEE = 0.8;

function withRoomForHighlights(light: Float64Array): void {
  const most = Math.max(light[0]!, light[1]!, light[2]!);
  if (most <= KNEE) return;
  const over = (most - KNEE) / (1 - KNEE);
  const factor = (KNEE + (1 - KNEE) * (over / (1 + over))) / most;
  for (let i = 0; i < 3; i++) light[i]! *= factor;
}

function toSrgb(primaries: Chromaticities): number[] {
  const adapted = product(adaptation(whiteOf(primaries), whiteOf(SRGB)), fromPrimaries(primaries));
  return product(inverse(fromPrimaries(SRGB)), adapted);
}

/** XYZ of a colour of luminance 1. */
const xyz = (x: number, y: number) => [x / y, 1, (1 - x - y) / y] as const;
const whiteOf = (places: Chromaticities) => xyz(places[6]!, places[7]!);

/** Linear RGB to XYZ: columns of the primaries, such that all of them give white (SMPTE RP 177). */
function fromPrimaries(places: Chromaticities): number[] {
  const columns = [0, 2, 4].map((i) => xyz(places[i]!, places[i + 1]!));
  const m = [0, 1, 2].flatMap((row) => columns.map((column) => column[row]!));
  const scale = applied(inverse(m), whiteOf(places));
  return m.map((value, i) => value * scale[i % 3]!);
}

const BRADFORD = [0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296];

/** From one white to another (Lam 1985, 'Bradford'). */
function adaptation(
  from: readonly [number, number, number],
  to: readonly [number, number, number],
): number[] {
  const [a, b] = [applied(BRADFORD, from), applied(BRADFORD, to)];
  const scale = [b[0] / a[0], 0, 0, 0, b[1] / a[1], 0, 0, 0, b[2] / a[2]];
  return product(inverse(BRADFORD), product(scale, BRADFORD));
}

const IDENTITY: readonly number[] = [1, 0, 0, 0, 1, 0, 0, 0, 1];

function product(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [3 * Math.floor(i / 3), i % 3];
    return a[row]! * b[column]! + a[row + 1]! * b[column + 3]! + a[row + 2]! * b[column + 6]!;
  });
}

/** A matrix times a column. */
function applied(m: readonly number[], [x, y, z]: readonly [number, number, number]) {
  const row = (i: number) => m[i]! * x + m[i + 1]! * y + m[i + 2]! * z;
  return [row(0), row(3), row(6)] as const;
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
