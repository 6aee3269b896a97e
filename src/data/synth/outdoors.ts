/** Scenes out of doors. */
import { PALETTES, paletteColour } from './colours.ts';
import { bell, between, chance, powerLawSize, weighted } from './draw.ts';
import { layHouse, layPerson, layTree } from './figures.ts';
import { layGround, layRange, laySky, layWater } from './ground.ts';
import { drawGround, drawSurface } from './surface.ts';
import { layScatter, layThing, type Scene, type View } from './things.ts';

/** Sky, hills, ground or water to the horizon, and things that stand on it: smaller and paler with distance. */
export const outdoors: Scene = (stage) => {
  const { canvas, next, light, palette } = stage;
  const { side } = canvas;
  const horizon = side * between(0.15, 0.75, next);
  laySky(canvas, horizon, next);
  const ranges = Math.floor(4 * next());
  for (let i = 0; i < ranges; i++) {
    const near = (i + 1) / (ranges + 1);
    layRange(
      canvas,
      {
        height: horizon - side * 0.25 * (1 - near) * next(),
        relief: side * between(0.005, 0.06, next),
        surface: drawSurface(
          paletteColour(chance(0.5, next) ? PALETTES.mountain : palette, next),
          side,
          1,
          next,
        ),
        haze: Math.max(0, 0.75 * (1 - near) + 0.1 * bell(next)),
        edge: 0.8,
      },
      light,
      next,
    );
  }
  if (chance(0.25, next)) layWater(canvas, horizon, paletteColour([[1, 'water']], next), next);
  else layGround(canvas, horizon, drawGround(paletteColour(palette, next), side, next), light);
  const isTown = palette === PALETTES.town;
  const scatters = Math.floor(between(0, isTown ? 4 : 7, next));
  for (let i = 0; i < scatters; i++)
    layScatter(stage, {
      top: horizon,
      bottom: 1.05 * side,
      count: Math.floor(500 * next()),
      view: { edge: 0.8, haze: 0 },
    });
  const count = Math.floor(between(3, 30, next));
  // Distances are drawn so that as many stand at every step of depth, and the far ones come first.
  const nearness = Array.from({ length: count }, () => powerLawSize(0.06, 1, next))
    .concat(Array.from({ length: Math.floor(4 * next()) }, () => between(0.3, 1, next)))
    .sort((a, b) => a - b);
  for (const near of nearness) {
    const y = horizon + near * (side - horizon) * between(0.9, 1.25, next);
    const x = side * between(-0.1, 1.1, next);
    const view: View = {
      edge: 0.8 + (near > 0.8 && chance(0.3, next) ? 4 * next() : 0),
      haze: Math.min(0.85, 0.03 / near),
    };
    const height = side * near * between(0.4, 1.3, next);
    if (height < 3) continue;
    const lay = weighted(
      [
        [isTown ? 1 : 4, layTree],
        [isTown ? 6 : 1, layHouse],
        [2, layPerson],
        [2, undefined],
      ] as const,
      next,
    );
    if (lay === undefined) layThing(stage, x, y - 0.3 * height, 0.4 * height, view);
    else lay(stage, x, y, height, view);
  }
};
