/** Light that falls on a scene, and the light of the whole picture. */
import type { Random } from '../random.ts';
import { type Canvas, dim } from './canvas.ts';
import { type Colour, parse, times } from './colours.ts';
import { bell, between, chance, direction, oneOf, smoothstep } from './draw.ts';
import { noiseTiles, sampleNoise, TILE } from './noise-tile.ts';

export interface Light {
  /** Where it comes from: a unit vector, x to the right, y down, z to the eye. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Light of the sun or a lamp, and what comes from all sides. */
  readonly sun: Colour;
  readonly sky: Colour;
  /** What far things fade into. */
  readonly air: Colour;
  /** Share of the light that a shadow takes. */
  readonly shadow: number;
}

const SUNS = ['#fff6e8', '#ffe9c8', '#ffd9a0', '#fff2dc', '#ffc890'].map(parse);
const SKIES = ['#b8cce6', '#c8d4e0', '#d8dce0', '#a8b8d0', '#d0c8c0'].map(parse);
const AIRS = ['#c4d4e6', '#d6dde2', '#e4e2dc', '#b4c6dc', '#e6d4bc', '#9fb0c4'].map(parse);

/** Draws the light of a scene: mostly from above, hard or soft. */
export function drawLight(next: Random): Light {
  const [x, side] = direction(next);
  const z = between(0.25, 0.8, next);
  const flat = Math.sqrt(1 - z * z);
  // Hard light comes from one side, soft light from all.
  const hardness = next();
  const warm = oneOf(SUNS, next);
  return {
    x: x * flat,
    y: -Math.abs(side) * flat,
    z,
    sun: times(warm, 0.35 + 0.85 * hardness),
    sky: times(oneOf(SKIES, next), 0.85 - 0.55 * hardness),
    air: oneOf(AIRS, next),
    shadow: 0.15 + 0.5 * hardness * next(),
  };
}

/**
 * Lays light and shade over the whole picture: brighter to one side, patches of shade, sometimes the shadow of something
 * outside of it, and the lens's vignetting.
 */
export function layLight(canvas: Canvas, { shadow }: Light, next: Random): void {
  const { width, height, left, top, side } = canvas;
  const { smooth } = noiseTiles();
  const [gx, gy] = direction(next);
  const slope = 1.1 * next();
  const patches = chance(0.6, next) ? 0.5 * next() : 0.08;
  const [u0, v0] = [TILE * next(), TILE * next()];
  const scale = 160 / side;
  const [ex, ey] = direction(next);
  const shade = chance(0.3, next) ? shadow : 0;
  const [edge, softness, at] = [between(4, 40, next), between(0.01, 0.15, next), 0.35 * bell(next)];
  // The cosine's fourth power at the angle whose tangent grows from the middle: (1 + tan²)^-2.
  const vignette = chance(0.5, next) ? 0.5 * next() : 0;
  for (let row = 0; row < height; row++) {
    const y = (row + top) / side - 0.5;
    for (let column = 0; column < width; column++) {
      const x = (column + left) / side - 0.5;
      const patch = sampleNoise(smooth, u0 + x * side * scale, v0 + y * side * scale, 0);
      let factor = Math.max(0.2, 1 + slope * (x * gx + y * gy) + patches * patch);
      if (shade > 0) {
        const beyond = x * ex + y * ey - at + (edge / side) * patch;
        factor *= 1 - shade * smoothstep(-softness, softness, beyond);
      }
      const fall = 1 + vignette * (x * x + y * y);
      dim(canvas, row * width + column, factor / (fall * fall));
    }
  }
}
