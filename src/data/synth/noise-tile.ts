/**
 * Noise with the spectrum of nature, as tiles that join at their edges. Photos have a power of about 1 / f^α over spatial
 * frequency f, with α near 2 on average (Field 1987, J. Opt. Soc. Am. A 4; Torralba and Oliva 2003, Network 14) and up to 4
 * for smooth things. In two dimensions α = 2 means as much variance in every octave, so a tile is a sum of octaves of
 * gradient noise (Perlin 1985), each weaker by a factor that α decides. It looks alike at every scale, hence a texture
 * of any size can be cut from one tile.
 */
import { type Random, random } from '../random.ts';
import { direction } from './draw.ts';

/** Texels on a side, a power of two. */
export const TILE = 512;
/** The longest wave of a tile, texels: several fit in, so that it does not look as if it repeated. */
const LONGEST = 256;
/** Waves shorter than two texels cannot be shown. */
const OCTAVES = 8;

/** One tile at several sharpnesses. */
export interface NoiseTile {
  /** Level i holds the mean over 2^i × 2^i texels, [TILE / 2^i, TILE / 2^i]; level 0 has mean 0 and variance 1. */
  readonly levels: readonly Float32Array[];
}

/** Factors from octave to octave, and the exponent α of power that each makes: 2 ^ (1 - α / 2). */
const FACTORS = {
  /** α = 2: gravel, foliage, bark. */
  rough: 1,
  /** α = 3: cloth, walls, clouds. */
  plain: Math.SQRT1_2,
  /** α = 4: skin, haze, folds. */
  smooth: 0.5,
} as const;

export type Roughness = keyof typeof FACTORS;

let made: Readonly<Record<Roughness, NoiseTile>> | undefined;

/** The tiles: always the same ones, made at the first call in about 0.1 s. */
export function noiseTiles(): Readonly<Record<Roughness, NoiseTile>> {
  if (made !== undefined) return made;
  const next = random(1987, 2003);
  const octaves = Array.from({ length: OCTAVES }, (_, i) => octave(LONGEST >> i, next));
  const tileOf = (factor: number): NoiseTile => {
    const sum = new Float32Array(TILE * TILE);
    let weight = 1;
    for (const values of octaves) {
      for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + weight * values[i]!;
      weight *= factor;
    }
    return { levels: pyramid(standardised(sum)) };
  };
  made = { rough: tileOf(FACTORS.rough), plain: tileOf(FACTORS.plain), smooth: tileOf(FACTORS.smooth) };
  return made;
}

/**
 * The tile at a place, in between by bilinear interpolation.
 *
 * @param u, v in texels of level 0, anywhere: the tile goes on for ever. @param level 0 … `levels.length` − 1.
 */
export function sampleNoise({ levels }: NoiseTile, u: number, v: number, level: number): number {
  const values = levels[level]!;
  const side = TILE >> level;
  const mask = side - 1;
  const scale = 1 / (1 << level);
  const x = u * scale - 0.5;
  const y = v * scale - 0.5;
  const column = Math.floor(x);
  const row = Math.floor(y);
  const dx = x - column;
  const left = column & mask;
  const right = (column + 1) & mask;
  const above = (row & mask) * side;
  const below = ((row + 1) & mask) * side;
  const top = values[above + left]! + dx * (values[above + right]! - values[above + left]!);
  const bottom = values[below + left]! + dx * (values[below + right]! - values[below + left]!);
  return top + (y - row) * (bottom - top);
}

/** The level whose texels are about so many texels of level 0 wide. */
export function levelFor({ levels }: NoiseTile, width: number): number {
  let level = 0;
  while (level < levels.length - 1 && 1 << (level + 1) <= width) level++;
  return level;
}

/** Gradient noise with a node every `step` texels; of two texels or fewer it is white noise. */
function octave(step: number, next: Random): Float32Array {
  const values = new Float32Array(TILE * TILE);
  const nodes = TILE / step;
  const gradients = Float32Array.from(Array.from({ length: nodes * nodes }, () => direction(next)).flat());
  const dot = (row: number, column: number, x: number, y: number) => {
    const at = 2 * ((row % nodes) * nodes + (column % nodes));
    return gradients[at]! * x + gradients[at + 1]! * y;
  };
  for (let i = 0; i < TILE; i++) {
    const row = Math.floor((i + 0.5) / step);
    const dy = (i + 0.5) / step - row;
    const down = fade(dy);
    for (let j = 0; j < TILE; j++) {
      const column = Math.floor((j + 0.5) / step);
      const dx = (j + 0.5) / step - column;
      const across = fade(dx);
      const top = dot(row, column, dx, dy) * (1 - across) + dot(row, column + 1, dx - 1, dy) * across;
      const bottom =
        dot(row + 1, column, dx, dy - 1) * (1 - across) + dot(row + 1, column + 1, dx - 1, dy - 1) * across;
      values[i * TILE + j] = top * (1 - down) + bottom * down;
    }
  }
  return standardised(values);
}

const fade = (t: number) => t * t * t * (t * (6 * t - 15) + 10);

function standardised(values: Float32Array): Float32Array {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  const scale = 1 / Math.sqrt(squares / values.length - mean * mean);
  return values.map((value) => (value - mean) * scale);
}

function pyramid(finest: Float32Array): readonly Float32Array[] {
  const levels = [finest];
  for (let side = TILE / 2; side >= 8; side /= 2) {
    const from = levels.at(-1)!;
    const level = new Float32Array(side * side);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const at = 4 * side * y + 2 * x;
        level[y * side + x] =
          (from[at]! + from[at + 1]! + from[at + 2 * side]! + from[at + 2 * side + 1]!) / 4;
      }
    }
    levels.push(level);
  }
  return levels;
}
