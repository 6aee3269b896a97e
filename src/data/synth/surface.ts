/** What things are made of: colour, texture, pattern, relief. */
import type { Random } from '../random.ts';
import { type Colour, mixedColour, times, varied } from './colours.ts';
import { bell, between, chance, direction, oneOf, weighted } from './draw.ts';
import { levelFor, type NoiseTile, noiseTiles, sampleNoise, TILE } from './noise-tile.ts';

export interface Surface {
  /** Where the texture is low and where it is high. */
  readonly low: Colour;
  readonly high: Colour;
  readonly tile: NoiseTile;
  readonly level: number;
  /** How much the texture changes brightness: its standard deviation, as a share. */
  readonly contrast: number;
  /** Texels of the tile: place of the shape's middle, and step per px along and across. */
  readonly u0: number;
  readonly v0: number;
  readonly du: number;
  readonly dv: number;
  readonly pattern: 'none' | 'stripes' | 'panes';
  /** Length of the pattern, px, and how much of the light it takes. */
  readonly period: number;
  readonly depth: number;
  /** 0 for flat things, 1 for balls. */
  readonly roundness: number;
  /** How far a flat thing is turned from the eye. */
  readonly tilt: readonly [x: number, y: number];
  /** Brightness of the highlight. */
  readonly shine: number;
}

/** Draws a surface of about this colour. @param blur width of the defocus in px, beyond which nothing is seen. */
export function drawSurface(colour: Colour, size: number, blur: number, next: Random): Surface {
  const tiles = noiseTiles();
  const kind = weighted(
    [
      [6, 'rough'],
      [2, 'plain'],
      [3, 'smooth'],
    ] as const,
    next,
  );
  const tile = tiles[kind];
  const scale = between(0.6, 1.6, next);
  // Grain of wood, folds of cloth: longer one way.
  const stretch = chance(0.3, next) ? between(2, 6, next) : 1;
  const [du, dv] = [scale / stretch, scale];
  const other = varied(colour, 0.5, next);
  const pattern =
    size > 14 && chance(0.22, next) ? oneOf(['stripes', 'panes', 'panes'] as const, next) : 'none';
  const period = Math.max(4, size * between(0.12, 0.5, next));
  const [tiltX, tiltY] = direction(next);
  const tilt = 0.6 * next();
  return {
    low: colour,
    high: chance(0.12, next) ? mixedColour(other, times(other, 1.6), next()) : other,
    tile,
    level: levelFor(tile, blur * dv),
    contrast: kind === 'rough' ? between(0.15, 0.95, next) : between(0.02, 0.35, next),
    u0: TILE * next(),
    v0: TILE * next(),
    du,
    dv,
    pattern: period > 2.5 * blur ? pattern : 'none',
    period,
    depth: between(0.2, 0.75, next),
    roundness: chance(0.55, next) ? between(0.4, 0.95, next) : 0,
    tilt: [tilt * tiltX, tilt * tiltY],
    shine: chance(0.25, next) ? 0.9 * next() : 0,
  };
}

/** Land: coarse, and of more than one colour. */
export function drawGround(colour: Colour, size: number, next: Random): Surface {
  const tile = noiseTiles()[oneOf(['rough', 'rough', 'plain'] as const, next)];
  return {
    ...drawSurface(colour, size, 1, next),
    tile,
    contrast: between(0.3, 1, next),
    du: between(0.8, 2, next),
  };
}

/** A surface of the same kind elsewhere: leaves of a tree, stones of a wall. */
export function likeSurface(surface: Surface, amount: number, next: Random): Surface {
  return {
    ...surface,
    low: varied(surface.low, amount, next),
    high: varied(surface.high, amount, next),
    u0: TILE * next(),
    v0: TILE * next(),
    tilt: [0.3 * bell(next), 0.3 * bell(next)],
  };
}

/** The texture at a point of a shape's own axes, px: about normal. */
export function textureAt({ tile, level, u0, v0, du, dv }: Surface, u: number, v: number): number {
  return sampleNoise(tile, u0 + u * du, v0 + v * dv, level);
}

/** Share of light that the pattern leaves at a point of a shape's own axes, px. */
export function patternAt({ pattern, period, depth }: Surface, u: number, v: number, noise: number): number {
  if (pattern === 'none') return 1;
  if (pattern === 'stripes') return 1 - depth * band(v / period + 0.08 * noise, 0.5, period);
  return 1 - depth * band(u / period, 0.5, period) * band(v / (1.3 * period), 0.55, period);
}

/** 1 in a share of each period, 0 in the rest, with edges of one px. */
function band(turns: number, share: number, period: number): number {
  const off = Math.abs(turns - Math.floor(turns) - 0.5);
  return Math.max(0, Math.min(1, (share / 2 - off) * period + 0.5));
}
