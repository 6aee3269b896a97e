import type { Picture, PictureSize } from '../picture.ts';

/** A picture in CIELAB (D65): L* in [0, 100], a* and b* about ±100; one value per pixel, row by row. */
export interface LabPicture extends PictureSize {
  readonly lightness: Float32Array;
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** sRGB's transfer function, inverted, for the 256 codes (IEC 61966-2-1). */
const LINEAR = Float64Array.from({ length: 256 }, (_, code) => {
  const value = code / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** Linear sRGB to XYZ, each row divided by the white D65's component. */
const TO_X = [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047] as const;
const TO_Y = [0.2126729, 0.7151522, 0.072175] as const;
const TO_Z = [0.0193339 / 1.08883, 0.119192 / 1.08883, 0.9503041 / 1.08883] as const;

/**
 * sRGB to CIELAB (CIE 15:2004, §8.2.1): distances in it are about as large as the eye finds them; 1 (ΔE) can just be
 * seen.
 *
 * @param picture [H, W, 3], 8 bit.
 */
export function toLab({ pixels, width, height }: Picture): LabPicture {
  const count = width * height;
  const lightness = new Float32Array(count);
  const a = new Float32Array(count);
  const b = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const red = LINEAR[pixels[3 * i]!]!;
    const green = LINEAR[pixels[3 * i + 1]!]!;
    const blue = LINEAR[pixels[3 * i + 2]!]!;
    const x = compressed(TO_X[0] * red + TO_X[1] * green + TO_X[2] * blue);
    const y = compressed(TO_Y[0] * red + TO_Y[1] * green + TO_Y[2] * blue);
    const z = compressed(TO_Z[0] * red + TO_Z[1] * green + TO_Z[2] * blue);
    lightness[i] = 116 * y - 16;
    a[i] = 500 * (x - y);
    b[i] = 200 * (y - z);
  }
  return { lightness, a, b, width, height };
}

const KNEE = 6 / 29;

function compressed(share: number): number {
  return share > KNEE ** 3 ? Math.cbrt(share) : share / (3 * KNEE ** 2) + 4 / 29;
}

/** Mean distance ΔE of two pictures of one size, pixel by pixel (CIE 1976). */
export function meanDifference(some: LabPicture, other: LabPicture): number {
  const count = some.lightness.length;
  let sum = 0;
  for (let i = 0; i < count; i++)
    sum += Math.hypot(
      some.lightness[i]! - other.lightness[i]!,
      some.a[i]! - other.a[i]!,
      some.b[i]! - other.b[i]!,
    );
  return sum / count;
}
