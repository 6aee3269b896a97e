/** Things that are known: trees, houses, people. Each stands on the ground at (x, y), as high as is said, px. */
import { familyColour, times } from './colours.ts';
import { bell, between, chance } from './draw.ts';
import { layLeaf } from './leaf.ts';
import type { Shape } from './shape.ts';
import { drawSurface, type Surface } from './surface.ts';
import { layCluster, type SceneStage, type View } from './things.ts';

/** A tree: a stem and a crown. */
export function layTree(stage: SceneStage, x: number, y: number, height: number, view: View): void {
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

/** A house: a wall with windows, a roof. */
export function layHouse(
  { canvas, light, next }: SceneStage,
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

/** Somebody, or a part of somebody where they are large. */
export function layPerson(
  { canvas, light, next }: SceneStage,
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
