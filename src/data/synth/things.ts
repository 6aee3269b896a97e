/** Things that scenes are made of, each one or several leaves. */
import type { Random } from '../random.ts';
import { type Canvas, isOutside } from './canvas.ts';
import { type Colour, type Palette, paletteColour, times } from './colours.ts';
import { bell, between, chance, direction, powerLawSize, weighted } from './draw.ts';
import { type Leaf, layLeaf } from './leaf.ts';
import type { Light } from './light.ts';
import { polygonSides, type Shape } from './shape.ts';
import { drawSurface, likeSurface, type Surface } from './surface.ts';

/** Where and how things are seen. */
export interface SceneStage {
  readonly canvas: Canvas;
  readonly light: Light;
  readonly palette: Palette;
  readonly next: Random;
}

/** Lays a whole scene. */
export type Scene = (stage: SceneStage) => void;

/** How sharply and through how much air a thing is seen. */
export interface View {
  /** Width of its edge, px; 1 is sharp. */
  readonly edge: number;
  /** Share of air in its colours. */
  readonly haze: number;
}

/** A shape of a half-length: round, angular or long, upright or at any angle. */
export function drawShape(x: number, y: number, size: number, next: Random): Shape {
  const form = weighted(
    [
      [5, 'ellipse'],
      [3, 'box'],
      [3, 'polygon'],
      [2, 'stem'],
    ] as const,
    next,
  );
  const upright = chance(form === 'box' ? 0.75 : 0.4, next);
  const [cos, sin] = upright ? (chance(0.5, next) ? [1, 0] : [0, 1]) : direction(next);
  const thin = form === 'stem' ? between(0.04, 0.3, next) : between(0.3, 1, next);
  return {
    form,
    x,
    y,
    a: size,
    b: size * thin,
    cos,
    sin,
    ...(form === 'polygon' && { sides: polygonSides(next) }),
  };
}

/** Any single thing. */
export function layThing(
  { canvas, light, palette, next }: SceneStage,
  x: number,
  y: number,
  size: number,
  view: View,
): void {
  // With what may be in it, on it and behind it.
  if (isOutside(canvas, x, y, 2.5 * size + view.edge)) return;
  const surface = drawSurface(paletteColour(palette, next), size, view.edge, next);
  const leaf: Leaf = {
    shape: drawShape(x, y, size, next),
    surface,
    wavering: chance(0.4, next) ? size * between(0.05, 0.45, next) : 0,
    lift: chance(0.5, next) ? size * between(0.03, 0.25, next) : 0,
    ...view,
  };
  layLeaf(canvas, leaf, light);
  if (size > 14 && chance(0.6, next)) layDetails({ canvas, light, palette, next }, leaf, view);
}

/** Small things on a large one: windows, stones, features. */
function layDetails(
  { canvas, light, next, palette }: SceneStage,
  { shape, surface }: Leaf,
  view: View,
): void {
  const count = Math.floor(between(4, 30, next));
  const apart = chance(0.3, next) ? drawSurface(paletteColour(palette, next), 8, view.edge, next) : surface;
  for (let i = 0; i < count; i++) {
    const size = powerLawSize(1.2, 0.3 * shape.b + 1.3, next);
    const [u, v] = [shape.a * between(-0.65, 0.65, next), shape.b * between(-0.65, 0.65, next)];
    const [x, y] = [shape.x + u * shape.cos - v * shape.sin, shape.y + u * shape.sin + v * shape.cos];
    const detail = { ...likeSurface(apart, 0.7, next), pattern: 'none' as const };
    const own = chance(0.5, next) ? { cos: shape.cos, sin: shape.sin } : {};
    layLeaf(
      canvas,
      {
        shape: { ...drawShape(x, y, size, next), ...own },
        surface: detail,
        wavering: 0,
        lift: 0.1 * size,
        ...view,
      },
      light,
    );
  }
}

/** Foliage, gravel, a crowd: many small things of one kind around a middle, lighter towards the light. */
export function layCluster(
  { canvas, light, next }: SceneStage,
  x: number,
  y: number,
  {
    reach,
    count,
    most,
    colour,
    view,
  }: {
    readonly reach: number;
    readonly count: number;
    /** Largest of them, px. */
    readonly most: number;
    readonly colour: Colour;
    readonly view: View;
  },
): void {
  const kind: Surface = { ...drawSurface(colour, most, view.edge, next), pattern: 'none' };
  const model = drawShape(0, 0, 1, next);
  for (let i = 0; i < count; i++) {
    const [p, q] = [0.55 * bell(next), 0.55 * bell(next)];
    const size = powerLawSize(Math.max(1, most / 5), most, next);
    if (isOutside(canvas, x + reach * p, y + reach * q, 2.5 * size + view.edge)) continue;
    const shape = {
      ...drawShape(x + reach * p, y + reach * q, size, next),
      form: 'ellipse' as const,
      b: size * Math.max(0.25, model.b),
    };
    const bright = Math.max(0.25, 1 + 0.5 * (p * light.x + q * light.y) + 0.25 * bell(next));
    const surface = likeSurface(kind, 0.3, next);
    const lit = { ...surface, low: times(surface.low, bright), high: times(surface.high, bright) };
    layLeaf(
      canvas,
      { shape, surface: lit, wavering: 0.25 * size, lift: chance(0.5, next) ? 0.4 * size : 0, ...view },
      light,
    );
  }
}

/** Grass, stones, blossoms: small things all over a piece of land, larger the nearer they are. */
export function layScatter(
  { canvas, light, palette, next }: SceneStage,
  {
    top,
    bottom,
    count,
    view,
  }: {
    /** Rows between which they lie, px. */
    readonly top: number;
    readonly bottom: number;
    readonly count: number;
    readonly view: View;
  },
): void {
  const colour = paletteColour(palette, next);
  const kind: Surface = { ...drawSurface(colour, 4, view.edge, next), pattern: 'none' };
  const isGrass = chance(0.5, next);
  for (let i = 0; i < count; i++) {
    const near = next();
    const y = top + (bottom - top) * near;
    const size = powerLawSize(0.8, 7, next) * (0.35 + near);
    const x = canvas.left + canvas.width * between(-0.05, 1.05, next);
    if (isOutside(canvas, x, y, 3 * size)) continue;
    const shape: Shape = isGrass
      ? { form: 'stem', x, y, a: 1.8 * size, b: 0.3 + 0.15 * size, cos: 0.4 * bell(next), sin: -1 }
      : { form: 'ellipse', x, y, a: size, b: size * between(0.3, 0.9, next), cos: 1, sin: 0 };
    const surface = likeSurface(kind, 0.75, next);
    layLeaf(canvas, { shape, surface, wavering: 0, lift: isGrass ? 0 : 0.5 * size, ...view }, light);
  }
}
