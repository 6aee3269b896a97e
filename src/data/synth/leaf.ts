/**
 * One thing laid over what is there. The dead leaves model (Matheron 1968; Lee, Mumford and Huang 2001) explains pictures
 * as things that hide each other; here they have relief, texture, shadows and a sharpness besides.
 */
import { type Canvas, dim, lay, pixelBox } from './canvas.ts';
import type { Light } from './light.ts';
import { sampleNoise } from './noise-tile.ts';
import { distanceTo, reachOf, type Shape } from './shape.ts';
import { patternAt, type Surface, textureAt } from './surface.ts';

export interface Leaf {
  readonly shape: Shape;
  readonly surface: Surface;
  /** How far the outline wavers, px. */
  readonly wavering: number;
  /** Width of the edge, px: 1 is sharp, more is out of focus. */
  readonly edge: number;
  /** How far above what it hides, px: length and softness of its shadow; 0 for none. */
  readonly lift: number;
  /** Share of the air's colour in it. */
  readonly haze: number;
}

/** Lays a leaf with its shadow. */
export function layLeaf(canvas: Canvas, leaf: Leaf, light: Light): void {
  if (leaf.lift > 0) castShadow(canvas, leaf, light);
  const { shape, surface, wavering, edge, haze } = leaf;
  const { x, y, cos, sin } = shape;
  const [reachX, reachY] = reachOf(shape);
  const margin = wavering + edge;
  const box = pixelBox(canvas, x, y, reachX + margin, reachY + margin);
  for (let row = box.top; row < box.bottom; row++) {
    const dy = row + canvas.top + 0.5 - y;
    for (let column = box.left; column < box.right; column++) {
      const dx = column + canvas.left + 0.5 - x;
      const u = dx * cos + dy * sin;
      const v = dy * cos - dx * sin;
      let distance = distanceTo(shape, u, v);
      if (distance > margin) continue;
      if (wavering > 0 && distance > -margin) distance += wavering * waver(surface, u, v);
      const cover = 0.5 - distance / edge;
      if (cover > 0) layLit(canvas, row * canvas.width + column, leaf, light, u, v, haze, Math.min(1, cover));
    }
  }
}

/** One pixel of a leaf: Lambert's law on its relief, the sky's light, a highlight, the air in front. */
function layLit(
  canvas: Canvas,
  at: number,
  { shape, surface }: Leaf,
  { x, y, z, sun, sky, air }: Light,
  u: number,
  v: number,
  haze: number,
  cover: number,
): void {
  const { low, high, contrast, roundness, tilt, shine } = surface;
  const { a, b, cos, sin } = shape;
  const p = (roundness * u) / a;
  const q = (roundness * v) / b;
  const nx = tilt[0] + p * cos - q * sin;
  const ny = tilt[1] + p * sin + q * cos;
  const nz = Math.sqrt(Math.max(0.03, 1 - nx * nx - ny * ny));
  const lit = Math.max(0, nx * x + ny * y + nz * z);
  const noise = textureAt(surface, u, v);
  const share = Math.max(0, Math.min(1, 0.5 + 0.35 * noise));
  const bright = Math.max(0.08, 1 + contrast * noise) * patternAt(surface, u, v, noise);
  const glint = shine === 0 ? 0 : shine * raised(Math.min(1, lit));
  const near = 1 - haze;
  const r = (low[0] + share * (high[0] - low[0])) * bright * (sky[0] + sun[0] * lit) + glint * sun[0];
  const g = (low[1] + share * (high[1] - low[1])) * bright * (sky[1] + sun[1] * lit) + glint * sun[1];
  const blue = (low[2] + share * (high[2] - low[2])) * bright * (sky[2] + sun[2] * lit) + glint * sun[2];
  lay(canvas, at, near * r + haze * air[0], near * g + haze * air[1], near * blue + haze * air[2], cover);
}

/** The 32nd power: highlights are narrow. */
function raised(value: number): number {
  const second = value * value;
  const fourth = second * second;
  const eighth = fourth * fourth;
  return eighth * eighth * eighth * eighth;
}

/** How an outline wavers, -1 to 1: waves of all lengths from some pixels on. */
function waver({ tile, u0, v0, du, dv }: Surface, u: number, v: number): number {
  return Math.max(-1, Math.min(1, 0.6 * sampleNoise(tile, v0 - v * dv, u0 + u * du, 1)));
}

function castShadow(canvas: Canvas, { shape, wavering, lift, edge }: Leaf, light: Light): void {
  const softness = edge + 1.5 * lift;
  const x = shape.x - lift * light.x;
  const y = shape.y - lift * light.y;
  const { cos, sin } = shape;
  const [reachX, reachY] = reachOf(shape);
  const margin = softness / 2 + wavering / 2;
  const box = pixelBox(canvas, x, y, reachX + margin, reachY + margin);
  for (let row = box.top; row < box.bottom; row++) {
    const dy = row + canvas.top + 0.5 - y;
    for (let column = box.left; column < box.right; column++) {
      const dx = column + canvas.left + 0.5 - x;
      const distance = distanceTo(shape, dx * cos + dy * sin, dy * cos - dx * sin);
      const cover = Math.min(1, 0.5 - distance / softness);
      if (cover > 0) dim(canvas, row * canvas.width + column, 1 - light.shadow * cover);
    }
  }
}
