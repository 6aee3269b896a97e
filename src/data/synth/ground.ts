/** The backgrounds of scenes: skies, ranges of hills, ground that runs to a horizon, water, blurred distance. */
import type { Random } from '../random.ts';
import { type Canvas, lay } from './canvas.ts';
import { type Colour, mixedColour, parse } from './colours.ts';
import { between, chance, oneOf, smoothstep } from './draw.ts';
import type { Light } from './light.ts';
import { levelFor, noiseTiles, sampleNoise, TILE } from './noise-tile.ts';
import { type Surface, textureAt } from './surface.ts';

const ZENITHS = ['#4a78b8', '#5f8fc8', '#7a9cc0', '#9fb4c8', '#b8c4cc', '#3a5f98', '#8a98a8'].map(parse);
const HORIZONS = ['#c8dcec', '#d8e4ea', '#e8e6e0', '#f0dcc0', '#e8c8a8', '#c0ccd4'].map(parse);
const CLOUDS = ['#f4f5f6', '#e4e6ea', '#fff0e0', '#c4c8d0', '#a0a6b0'].map(parse);

/** A sky down to the horizon, with or without clouds that get flatter towards it. */
export function laySky(canvas: Canvas, horizon: number, next: Random): void {
  const { width, height, left, top, side } = canvas;
  const { plain } = noiseTiles();
  const [high, low, cloud] = [oneOf(ZENITHS, next), oneOf(HORIZONS, next), oneOf(CLOUDS, next)];
  const cloudy = chance(0.3, next) ? 9 : between(-0.8, 1.6, next);
  const softness = between(0.4, 1.8, next);
  const [u0, v0] = [TILE * next(), TILE * next()];
  const scale = between(0.8, 2.2, next) * (160 / side);
  for (let row = 0; row < height; row++) {
    const y = row + top;
    const down = Math.min(1, Math.max(0, y / Math.max(1, horizon)));
    const clear = mixedColour(high, low, down * down * (1.6 - 0.6 * down));
    // Height of a cloud above the eye over its distance: rows come closer together towards the horizon.
    const v = v0 + (side * 0.5 * scale) / (0.25 + (1 - down));
    for (let column = 0; column < width; column++) {
      const x = column + left - side / 2;
      const noise = sampleNoise(plain, u0 + (x * scale) / (0.35 + 0.65 * (1 - down)), v, 0);
      const cover = smoothstep(cloudy, cloudy + softness, noise);
      const lit = 1 - 0.25 * smoothstep(cloudy + 0.6, cloudy + 2.4, noise);
      const at = row * width + column;
      lay(canvas, at, clear[0], clear[1], clear[2], 1);
      if (cover > 0) lay(canvas, at, cloud[0] * lit, cloud[1] * lit, cloud[2] * lit, 0.95 * cover);
    }
  }
}

/** A range of hills: everything below a line that wavers around `height`, px from the top. */
export function layRange(
  canvas: Canvas,
  {
    height: base,
    relief,
    surface,
    haze,
    edge,
  }: {
    readonly height: number;
    /** Standard deviation of the line, px. */
    readonly relief: number;
    readonly surface: Surface;
    readonly haze: number;
    readonly edge: number;
  },
  light: Light,
  next: Random,
): void {
  const { width, height, left, top, side } = canvas;
  const { plain } = noiseTiles();
  const [u0, v0] = [TILE * next(), TILE * next()];
  const scale = between(0.5, 1.5, next) * (200 / side);
  const up = Math.max(0, light.z * 0.5 - light.y * 0.8);
  for (let column = 0; column < width; column++) {
    const x = column + left;
    const line = base - relief * sampleNoise(plain, u0 + x * scale, v0, 0);
    const from = Math.max(0, Math.floor(line - edge / 2 - top));
    for (let row = from; row < height; row++) {
      const below = row + top + 0.5 - line;
      // Mist lies in the valleys.
      const air = Math.min(1, haze * (1 + (0.8 * below) / side));
      const cover = Math.min(1, 0.5 + below / edge);
      layLit(canvas, row * width + column, surface, textureAt(surface, x, row + top), up, light, air, cover);
    }
  }
}

/** A plane from the horizon to the eye: its texture gets finer and flatter with distance. */
export function layGround(canvas: Canvas, horizon: number, surface: Surface, light: Light): void {
  const { width, height, left, top, side } = canvas;
  const up = Math.max(0, light.z * 0.4 - light.y * 0.9);
  for (let row = Math.max(0, Math.floor(horizon - top)); row < height; row++) {
    const below = (row + top + 0.5 - horizon) / side;
    if (below <= 0) continue;
    const distance = 0.5 / (below + 0.02);
    const level = levelFor(surface.tile, distance * distance * surface.dv);
    const air = Math.min(0.9, 0.03 * distance);
    for (let column = 0; column < width; column++) {
      const x = column + left - side / 2;
      const noise = sampleNoise(
        surface.tile,
        surface.u0 + x * distance * surface.du,
        surface.v0 + side * distance * surface.dv * 0.6,
        level,
      );
      layLit(canvas, row * width + column, surface, noise, up, light, air, 1);
    }
  }
}

/** Water below the horizon: what is above it, upside down, in ripples, darker and tinted. */
export function layWater(canvas: Canvas, horizon: number, tint: Colour, next: Random): void {
  const { width, height, top, side, red, green, blue } = canvas;
  const isOpen = horizon > top + 1;
  const { plain } = noiseTiles();
  const [u0, v0] = [TILE * next(), TILE * next()];
  const [roughness, clearness] = [between(1, 9, next), between(0.35, 0.8, next)];
  const start = Math.max(0, Math.floor(horizon - top));
  for (let row = start; row < height; row++) {
    const below = row + top + 0.5 - horizon;
    const distance = 0.5 / (Math.max(0, below) / side + 0.03);
    for (let column = 0; column < width; column++) {
      const ripple = sampleNoise(plain, u0 + column * distance * 0.4, v0 + 60 * distance, 0);
      const away = roughness * ripple;
      const from = Math.round(horizon - top - Math.max(1, below + 2 * away));
      const line = Math.min(Math.max(0, from), Math.max(0, start - 1));
      const at = row * width + column;
      const seen = line * width + Math.min(width - 1, Math.max(0, Math.round(column + away)));
      const bright = Math.max(0.5, 1 + 0.12 * ripple);
      const own = bright * (1 - clearness);
      const back = bright * clearness;
      // Where the window shows no sky, a grey one is mirrored.
      const r = isOpen ? red[seen]! : 0.5;
      const g = isOpen ? green[seen]! : 0.55;
      const b = isOpen ? blue[seen]! : 0.6;
      lay(canvas, at, own * tint[0] + back * r, own * tint[1] + back * g, own * tint[2] + back * b, 1);
    }
  }
}

/** A wall or a far, blurred background: one colour that turns into another, at most by this share, with soft texture. */
export function layBackdrop(canvas: Canvas, surface: Surface, far: Colour, most: number, next: Random): void {
  const { width, height, left, top, side } = canvas;
  const { low } = surface;
  const turn = next();
  const strength = most * next();
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = column + left;
      const y = row + top;
      const noise = textureAt(surface, x, y);
      const way = (turn * x + (1 - turn) * y) / side;
      const share = Math.max(0, Math.min(1, strength * (way + 0.15 * noise)));
      const bright = Math.max(0.1, 1 + 0.5 * surface.contrast * noise);
      lay(
        canvas,
        row * width + column,
        bright * (low[0] + share * (far[0] - low[0])),
        bright * (low[1] + share * (far[1] - low[1])),
        bright * (low[2] + share * (far[2] - low[2])),
        1,
      );
    }
  }
}

/** A pixel of land with a texture, under the sky, in the air. @param facing cosine between its plane and the sun. */
function layLit(
  canvas: Canvas,
  at: number,
  { low, high, contrast }: Surface,
  noise: number,
  facing: number,
  { sun, sky, air }: Light,
  haze: number,
  cover: number,
): void {
  const share = Math.max(0, Math.min(1, 0.5 + 0.35 * noise));
  const bright = (1 - haze) * Math.max(0.1, 1 + contrast * noise);
  const r = (low[0] + share * (high[0] - low[0])) * bright * (sky[0] + sun[0] * facing) + haze * air[0];
  const g = (low[1] + share * (high[1] - low[1])) * bright * (sky[1] + sun[1] * facing) + haze * air[1];
  const b = (low[2] + share * (high[2] - low[2])) * bright * (sky[2] + sun[2] * facing) + haze * air[2];
  lay(canvas, at, r, g, b, cover);
}
