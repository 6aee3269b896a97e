import { clamp, fractal2, mix, noise2, smoothstep } from './noise.ts';

/** What grows or lies on the ground: its colour is written to `out`. */
export type GroundCover = (
  x: number,
  y: number,
  z: number,
  steep: number,
  distance: number,
  out: Float64Array,
) => void;

const MEADOW = [0.085, 0.115, 0.03] as const;
const DRY = [0.17, 0.14, 0.055] as const;
const WOOD = [0.035, 0.055, 0.022] as const;
const ROCK = [0.19, 0.175, 0.16] as const;
const DARK_ROCK = [0.085, 0.08, 0.078] as const;
const SNOW = [0.82, 0.84, 0.88] as const;
const SHINGLE = [0.2, 0.18, 0.15] as const;

/** Cover by height and slope, as on alpine valley sides: shingle, meadow, wood, scree, snow. */
export function alpineCover(treeLine: number, snowLine: number): GroundCover {
  return (x, y, z, steep, distance, out) => {
    const broad = fractal2(x / 260, z / 260, 5);
    const fine = fractal2(x / 14 + 40, z / 14, 4);
    const dry = clamp(0.35 + 1.1 * fractal2(x / 55, z / 55 + 8, 4), 0, 1);
    const leaf = clamp(0.5 + broad * 1.3, 0, 1);
    const wooded =
      smoothstep(0.02, 0.2, broad + 0.24 + clamp((y - 60) / 500, 0, 0.3)) *
      smoothstep(treeLine + 120, treeLine - 160, y + 260 * broad) *
      smoothstep(1500, 2600, distance);
    const crown = 1 + 0.55 * noise2(x / 9, z / 9) + 0.25 * noise2(x / 31, z / 31);
    const strata = noise2(y / 38 + 1.2 * broad, x / 900) * 0.5 + fractal2(x / 90, z / 90 + y / 60, 4);
    const bare = smoothstep(0.56, 0.8, steep + 0.12 * fine + smoothstep(treeLine, snowLine, y) * 0.22);
    const white =
      smoothstep(snowLine - 190, snowLine + 240, y + 330 * broad + 50 * fine) *
      smoothstep(0.86, 0.56, steep + 0.06 * fine);
    const shore = smoothstep(1.3, 0.5, y + 0.5 * fine);
    for (let c = 0; c < 3; c++) {
      let tone = mix(MEADOW[c]! * (0.8 + 0.5 * leaf), DRY[c]!, dry * 0.7) * (1 + 0.35 * fine);
      tone = mix(tone, WOOD[c]! * crown * (0.8 + 0.5 * leaf), wooded);
      tone = mix(tone, mix(DARK_ROCK[c]!, ROCK[c]!, clamp(0.5 + strata, 0, 1)), bare);
      tone = mix(tone, SHINGLE[c]! * (1 + 0.5 * fine), shore);
      out[c] = mix(tone, SNOW[c]!, white);
    }
  };
}
