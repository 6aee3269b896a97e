import { fractal2, noise2, ridges2, smoothstep } from './noise.ts';

/** Half the width of the river. */
export const RIVER = 10;

/** The middle of the river at a distance: it comes out of the distance in bends. */
export function midstream(z: number): number {
  return 1.5 + 0.05 * z + 34 * smoothstep(110, 420, z) * Math.sin(z / 105) * 0.9 - 5 * Math.sin(z / 42);
}

/** The height of the ground: river bed, meadows, castle rock, steep valley sides, the range at the head. */
export function ground(x: number, z: number): number {
  // The river rises below the range, which it must not cut.
  const flow = smoothstep(2600, 2000, z);
  const bank = Math.abs(x - midstream(z)) - flow * (RIVER + 1.6 * noise2(x / 9, z / 9));
  if (bank < 0) return Math.max(-14, bank * 0.6) - 0.1;
  const meadow =
    1.9 * smoothstep(0, 7, bank) + 0.012 * bank + 0.9 * noise2(x / 34, z / 34) * smoothstep(2, 25, bank);
  const left = Math.max(0, -x - 105 - 0.06 * z + 40 * fractal2(z / 300, 3, 3));
  const right = Math.max(0, x - 165 - 0.07 * z + 50 * fractal2(z / 280, 8, 3));
  const steep = 0.62 * (left + right) * (1 + 0.5 * fractal2(x / 420, z / 420, 5));
  const sides =
    950 * (1 - Math.exp(-steep / 950)) + 34 * fractal2(x / 170, z / 170, 6) * smoothstep(0, 90, left + right);
  const rock =
    46 *
    Math.exp(-((((x + 88) / 46) ** 2 + ((z - 345) / 62) ** 2) ** 2)) *
    (1 + 0.12 * noise2(x / 14, z / 14) + 0.2 * fractal2(x / 19, z / 19, 4));
  const gorge = smoothstep(1800, 5200, z) * 180;
  return meadow + sides + rock + gorge + range(x, z);
}

function range(x: number, z: number): number {
  const wx = x + 500 * fractal2(x / 2300 + 3, z / 2300, 3);
  const wz = z + 500 * fractal2(x / 2300, z / 2300 + 7, 3);
  const peak = 1750 * Math.exp(-(Math.hypot((x - 700) / 1700, (z - 9000) / 1900) ** 1.6));
  const crest = smoothstep(4200, 9500, z) * (120 + 900 * ridges2(wx / 4300 + 2.2, wz / 4300 + 6.1, 9));
  return (
    crest +
    peak * (0.35 + 1.1 * ridges2(wx / 2100 + 3.3, wz / 2100 + 0.4, 8)) +
    70 * fractal2(x / 380, z / 380, 6) * smoothstep(2500, 5000, z)
  );
}
