import { clamp, fractal2, noise3 } from './noise.ts';

/**
 * Writes the upward normal of a lake in a light breeze to `out`. Ripples too small to be told apart at
 * `distance` are left to chance (`a`, `b` in [0, 1)), as they blur what the water mirrors.
 */
export function rippled(
  x: number,
  z: number,
  distance: number,
  wind: number,
  a: number,
  b: number,
  out: Float64Array,
): void {
  // Gusts ruffle some stretches and leave others smooth.
  const gust = clamp(0.55 + 1.5 * fractal2(x / 130 + 5, z / 55, 4), 0.12, 1.25) * wind;
  let slopeX = 0;
  let slopeZ = 0;
  let length = 9;
  let steep = 0.02;
  let fx = x;
  let fz = z;
  for (let i = 0; i < 6; i++) {
    const visible = clamp(1.6 - (distance * 0.004) / length, 0, 1);
    const e = 0.3;
    const u = fx / length;
    const v = (fz * 1.45) / length;
    if (visible > 0) {
      const here = noise3(u, v, i * 3.7);
      slopeX += (visible * steep * (noise3(u + e, v, i * 3.7) - here)) / e;
      slopeZ += (visible * steep * 1.3 * (noise3(u, v + e, i * 3.7) - here)) / e;
    }
    const rest = steep * (1 - visible);
    slopeX += rest * (a - 0.5) * 2;
    slopeZ += rest * (b - 0.5) * 2.6;
    const turned = 0.85 * fx - 0.53 * fz;
    fz = 0.53 * fx + 0.85 * fz + 11.7;
    fx = turned;
    length *= 0.52;
    steep *= i < 3 ? 1.12 : 0.8;
  }
  slopeX = slopeX * gust + (a - 0.5) * 0.012;
  slopeZ = slopeZ * gust + (b - 0.5) * 0.012;
  const size = Math.hypot(slopeX, 1, slopeZ);
  out[0] = -slopeX / size;
  out[1] = 1 / size;
  out[2] = -slopeZ / size;
}

/** The share of light mirrored by water met at the given cosine (Schlick 1994). */
export function mirrored(cosine: number): number {
  return 0.02 + 0.98 * (1 - clamp(cosine, 0, 1)) ** 5;
}
