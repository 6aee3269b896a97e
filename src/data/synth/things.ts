/** Things that scenes are made of, each one or several leaves. */
import type { Random } from '../random.ts';
import type { Canvas } from './canvas.ts';
import { type Colour, familyColour, type Palette, paletteColour, times } from './colours.ts';
import { bell, between, chance, direction, powerLawSize, weighted } from './draw.ts';
import { type Leaf, layLeaf } from './leaf.ts';
import type { Light } from './light.ts';
import { polygonSides, type Shape } from './shape.ts';
import { drawSurface, likeSurface, type Surface } from './surface.ts';

/** Where and how things are seen. */
export interface Stage {
  readonly canvas: Canvas;
  readonly light: Light;
  readonly palette: Palette;
  readonly next: Random;
}

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
  { canvas, light, palette, next }: Stage,
  x: number,
  y: number,
  size: number,
  view: View,
): void {
  const surface = drawSurface(paletteColour(palette, next), size, view.edge, next);
  const leaf: Leaf = {
    shape: drawShape(x, y, size, next),
    surface,
    wavering: chance(0.4, next) ? size * between(0.05, 0.45, next) : 0,
    lift: chance(0.5, next) ? size * between(0.03, 0.25, next) : 0,
    ...view,
  };
  layLeaf(canvas, leaf, light);
  if (size > 18 && chance(0.45, next)) layDetails({ canvas, light, palette, next }, leaf, view);
}

/** Small things on a large one: windows, stones, features. */
function layDetails({ canvas, light, next, palette }: Stage, { shape, surface }: Leaf, view: View): void {
  const count = Math.floor(between(2, 14, next));
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
  { canvas, light, next }: Stage,
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
    const size = powerLawSize(Math.max(1, most / 6), most, next);
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

/** A tree on the ground at (x, y): a stem and a crown. */
export function layTree(stage: Stage, x: number, y: number, height: number, view: View): void {
  const { canvas, light, next } = stage;
  const bark = drawSurface(familyColour('wood', next), height, view.edge, next);
  const stem: Shape = {
    form: 'stem',
    x,
    y: y - 0.35 * height,
    a: 0.38 * height,
    b: height * between(0.015, 0.05, next),
    cos: 0.04 * bell(next),
    sin: -1,
  };
  layLeaf(
    canvas,
    { shape: stem, surface: { ...bark, pattern: 'none' }, wavering: 0.01 * height, lift: 0, ...view },
    light,
  );
  const reach = height * between(0.14, 0.3, next);
  const colour = familyColour(chance(0.85, next) ? 'leaves' : 'dry', next);
  const top = y - 0.68 * height;
  // The crown's dark inside, then its leaves.
  const inside = drawSurface(times(colour, 0.5), reach, view.edge, next);
  const crown: Shape = { form: 'ellipse', x, y: top, a: 0.9 * reach, b: 0.8 * reach, cos: 0, sin: -1 };
  layLeaf(
    canvas,
    {
      shape: crown,
      surface: { ...inside, pattern: 'none', shine: 0 },
      wavering: 0.4 * reach,
      lift: 0,
      ...view,
    },
    light,
  );
  layCluster(stage, x, top, {
    reach,
    count: Math.round(Math.min(160, Math.max(8, 2.5 * reach))),
    most: Math.max(2, reach * between(0.15, 0.4, next)),
    colour,
    view,
  });
}

/** A house on the ground at (x, y): a wall with windows, a roof. */
export function layHouse(
  { canvas, light, next }: Stage,
  x: number,
  y: number,
  height: number,
  view: View,
): void {
  const width = height * between(0.35, 1.1, next);
  const wall = drawSurface(familyColour(chance(0.7, next) ? 'wall' : 'brick', next), height, view.edge, next);
  const storey = Math.max(4, height * between(0.2, 0.45, next));
  const panes = {
    ...wall,
    pattern: storey > 2 * view.edge ? ('panes' as const) : ('none' as const),
    period: storey,
    roundness: 0,
    depth: between(0.4, 0.8, next),
  };
  const upright = { cos: 1, sin: 0, x };
  layLeaf(
    canvas,
    {
      shape: { ...upright, form: 'box', y: y - height / 2, a: width / 2, b: height / 2 },
      surface: panes,
      wavering: 0,
      lift: 0.06 * height,
      ...view,
    },
    light,
  );
  if (chance(0.35, next)) return;
  const roof = drawSurface(familyColour(chance(0.6, next) ? 'brick' : 'dark', next), height, view.edge, next);
  const rise = height * between(0.2, 0.5, next);
  // A triangle: two slopes and the eaves.
  const half = Math.SQRT1_2;
  const sides = Float64Array.of(half, -half, half, -half, -half, half, 0, 1, 0);
  layLeaf(
    canvas,
    {
      shape: { ...upright, form: 'polygon', y: y - height + 0.5, a: 0.55 * width, b: rise, sides },
      surface: { ...roof, roundness: 0 },
      wavering: 0,
      lift: 0,
      ...view,
    },
    light,
  );
}

/** Somebody standing at (x, y), or a part of somebody where they are large. */
export function layPerson(
  { canvas, light, next }: Stage,
  x: number,
  y: number,
  height: number,
  view: View,
): void {
  const cloth = (family: 'cloth' | 'vivid' | 'dark') => ({
    ...drawSurface(familyColour(family, next), height / 4, view.edge, next),
    roundness: 0.8,
  });
  const lean = 0.05 * bell(next);
  const part = (
    form: Shape['form'],
    dx: number,
    up: number,
    a: number,
    b: number,
    surface: Surface,
    cos = lean,
    sin = -1,
  ) =>
    layLeaf(
      canvas,
      {
        shape: { form, x: x + dx * height, y: y - up * height, a: a * height, b: b * height, cos, sin },
        surface,
        wavering: 0.004 * height,
        lift: 0.03 * height,
        ...view,
      },
      light,
    );
  const trousers = cloth(chance(0.6, next) ? 'dark' : 'cloth');
  part('stem', -0.05, 0.24, 0.22, 0.06, trousers, 0.1);
  part('stem', 0.05, 0.24, 0.22, 0.06, trousers, -0.1);
  part('ellipse', 0, 0.62, 0.2, 0.12, cloth(chance(0.35, next) ? 'vivid' : 'cloth'));
  const skin = {
    ...drawSurface(familyColour('skin', next), height / 8, view.edge, next),
    roundness: 0.85,
    contrast: 0.05,
    shine: 0.2,
  };
  part('ellipse', 0.02 * bell(next), 0.885, 0.085, 0.066, {
    ...drawSurface(familyColour('hair', next), 8, view.edge, next),
    roundness: 0.7,
  });
  part('ellipse', 0.01 * bell(next), 0.87, 0.066, 0.052, skin);
}
