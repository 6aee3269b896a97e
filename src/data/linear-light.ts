/** Colours to sRGB by way of linear light: each channel's curve, a matrix, sRGB's own curve (IEC 61966-2-1). */
import type { Samples } from '../picture.ts';

/** Brings interleaved samples to sRGB in place, a fourth channel aside. */
export type ColourConversion = (samples: Samples, channels: number) => void;

export interface LinearLight {
  /** From a sample in [0, 1] to light, of which 1 is white; three, or one for all. */
  readonly curves: readonly ((sample: number) => number)[];
  /** To linear sRGB, 3×3 in rows. */
  readonly matrix: readonly number[];
  /** What is done to light before the matrix and after it, in place. */
  readonly before?: (light: Float64Array) => void;
  readonly after?: (light: Float64Array) => void;
}

/** What lies outside sRGB is brought to its border. */
export function conversionToSrgb({ curves, matrix: m, before, after }: LinearLight): ColourConversion {
  const tables = new Map<number, readonly Float32Array[]>();
  const tablesFor = (white: number) => {
    const known = tables.get(white);
    if (known !== undefined) return known;
    const made = curves.map((curve) => Float32Array.from({ length: white + 1 }, (_, i) => curve(i / white)));
    tables.set(white, made);
    return made;
  };
  const light = new Float64Array(3);
  return (samples, channels) => {
    const white = samples instanceof Uint16Array ? 65535 : 255;
    const [red, green = red, blue = red] = tablesFor(white) as [Float32Array, Float32Array?, Float32Array?];
    for (let at = 0; at + 2 < samples.length; at += channels) {
      light[0] = red[samples[at]!]!;
      light[1] = green[samples[at + 1]!]!;
      light[2] = blue[samples[at + 2]!]!;
      before?.(light);
      const [r, g, b] = [light[0], light[1], light[2]] as [number, number, number];
      light[0] = m[0]! * r + m[1]! * g + m[2]! * b;
      light[1] = m[3]! * r + m[4]! * g + m[5]! * b;
      light[2] = m[6]! * r + m[7]! * g + m[8]! * b;
      after?.(light);
      samples[at] = encoded(light[0], white);
      samples[at + 1] = encoded(light[1], white);
      samples[at + 2] = encoded(light[2], white);
    }
  };
}

/** Steps of the table, as many as samples of 16 bit have; between them it is straight to within 0.01 of a step. */
const STEPS = 65535;
let table: Float32Array | undefined;

/** sRGB's curve. @param white the sample that stands for white. */
function encoded(linear: number, white: number): number {
  if (!(linear > 0)) return 0;
  if (linear >= 1) return white;
  table ??= Float32Array.from({ length: STEPS + 2 }, (_, i) => {
    const value = i / STEPS;
    return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
  });
  const at = linear * STEPS;
  const below = Math.floor(at);
  return Math.round(white * (table[below]! + (at - below) * (table[below + 1]! - table[below]!)));
}
