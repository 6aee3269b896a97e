/** Kinds of scenes: how ground and things come together. */
import { PALETTES, type Palette, paletteColour, times, varied } from './colours.ts';
import { bell, between, chance, oneOf, powerLawSize, weighted } from './draw.ts';
import { layHouse, layPerson, layTree } from './figures.ts';
import { layBackdrop, layGround, layRange, laySky, layWater } from './ground.ts';
import { drawGround, drawSurface } from './surface.ts';
import { layCluster, layScatter, layThing, type Stage, type View } from './things.ts';

type Scene = (stage: Stage) => void;

/** Sky, hills, ground or water to the horizon, and things that stand on it: smaller and paler with distance. */
const outdoors: Scene = (stage) => {
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

/** Things of all sizes that hide each other at random: dead leaves, over a background out of focus. */
const heap: Scene = (stage) => {
  const { canvas, next, palette } = stage;
  const { side } = canvas;
  const depthOfField = chance(0.6, next) ? side * between(0.005, 0.05, next) : 0;
  layBackdrop(
    canvas,
    drawSurface(paletteColour(palette, next), side, depthOfField, next),
    paletteColour(palette, next),
    0.6,
    next,
  );
  const [least, most] = [between(1.2, 6, next), side * between(0.12, 0.4, next)];
  // So many that they cover the scene so many times: the mean of πab over the sizes.
  const meanArea = 2 * least * least * logarithm(most / least);
  const count = Math.min(1500, (between(0.4, 2.5, next) * side * side) / meanArea);
  for (let i = 0; i < count; i++) {
    const far = 1 - i / count;
    const view = { edge: 0.8 + depthOfField * Math.max(0, 1.6 * far - 0.6) * (0.5 + next()), haze: 0 };
    layThing(
      stage,
      side * between(-0.1, 1.1, next),
      side * between(-0.1, 1.1, next),
      powerLawSize(least, most, next),
      view,
    );
  }
};

/** Foliage, scree, a crowd from above: clusters over the whole scene, of one or a few kinds. */
const thicket: Scene = (stage) => {
  const { canvas, next, palette } = stage;
  const { side } = canvas;
  layBackdrop(
    canvas,
    drawGround(times(paletteColour(palette, next), 0.4), side, next),
    [0.01, 0.01, 0.01],
    0.5,
    next,
  );
  const kinds = Array.from({ length: 1 + Math.floor(3 * next()) }, () => paletteColour(palette, next));
  const most = side * between(0.012, 0.07, next);
  const clusters = Math.floor(between(14, 40, next));
  for (let i = 0; i < clusters; i++) {
    const far = 1 - i / clusters;
    layCluster(stage, side * next(), side * next(), {
      reach: side * between(0.1, 0.3, next),
      count: Math.floor(between(30, 120, next)),
      most: most * (1.2 - 0.6 * far),
      colour: varied(oneOf(kinds, next), 0.4, next),
      view: { edge: 0.8 + (chance(0.3, next) ? 3 * far : 0), haze: 0.2 * far * next() },
    });
  }
};

/** One or a few large things before a background out of focus. */
const close: Scene = (stage) => {
  const { canvas, next, palette } = stage;
  const { side } = canvas;
  const blur = side * between(0.02, 0.09, next);
  layBackdrop(
    canvas,
    drawSurface(paletteColour(palette, next), side, blur, next),
    paletteColour(palette, next),
    0.6,
    next,
  );
  const behind = Math.floor(18 * next());
  for (let i = 0; i < behind; i++) {
    layThing(stage, side * next(), side * next(), powerLawSize(0.04 * side, 0.35 * side, next), {
      edge: 0.8 + blur,
      haze: 0.1,
    });
  }
  const sharp = { edge: 0.8, haze: 0 };
  const count = 1 + Math.floor(4 * next());
  for (let i = 0; i < count; i++) {
    const [x, y] = [side * (0.5 + 0.2 * bell(next)), side * (0.55 + 0.2 * bell(next))];
    if (palette === PALETTES.people)
      layPerson(stage, x, side * between(1, 2.2, next), side * between(0.9, 2.6, next), sharp);
    else if (chance(0.25, next))
      layCluster(stage, x, y, {
        reach: 0.2 * side,
        count: 60,
        most: 0.09 * side,
        colour: paletteColour(palette, next),
        view: sharp,
      });
    else
      layThing(stage, x, y, side * between(0.12, 0.34, next), {
        edge: chance(0.8, next) ? 1 : 1 + 0.2 * blur,
        haze: 0,
      });
  }
};

/** A wall, a floor or a table, and things in front of and on them. */
const indoors: Scene = (stage) => {
  const { canvas, next, light } = stage;
  const { side } = canvas;
  const surface = drawSurface(
    paletteColour(
      [
        [3, 'wall'],
        [1, 'wood'],
        [1, 'cloth'],
        [1, 'dark'],
      ],
      next,
    ),
    side,
    2,
    next,
  );
  layBackdrop(
    canvas,
    { ...surface, contrast: 0.3 * surface.contrast },
    paletteColour([[1, 'wall']], next),
    0.4,
    next,
  );
  const floor = side * between(0.5, 0.95, next);
  const hung = Math.floor(5 * next());
  for (let i = 0; i < hung; i++) {
    layThing(stage, side * next(), floor * next() * 0.9, side * between(0.05, 0.25, next), {
      edge: 0.8 + 2 * next(),
      haze: 0,
    });
  }
  layGround(
    canvas,
    floor,
    drawSurface(
      paletteColour(
        [
          [3, 'wood'],
          [1, 'wall'],
          [1, 'cloth'],
        ],
        next,
      ),
      side,
      1,
      next,
    ),
    { ...light, air: surface.low },
  );
  const count = 2 + Math.floor(12 * next());
  const bases = Array.from({ length: count }, () => floor + (side - floor) * between(0, 1.1, next)).sort(
    (a, b) => a - b,
  );
  for (const base of bases) {
    const size = powerLawSize(0.03 * side, 0.28 * side, next);
    const x = side * next();
    if (chance(0.15, next))
      layPerson(stage, x, base + 0.3 * side, side * between(0.4, 1.2, next), { edge: 0.8, haze: 0 });
    else layThing(stage, x, base - 0.8 * size, size, { edge: 0.8, haze: 0 });
  }
};

/** Natural logarithm to some per cent, from halvings: of no matter to the last bit, yet the same everywhere. */
function logarithm(value: number): number {
  let [left, halvings] = [value, 0];
  while (left >= 2) {
    left /= 2;
    halvings++;
  }
  return Math.LN2 * (halvings + left - 1);
}

/** Draws what kind of scene it is, and the colours that go with it. */
export function drawScene(next: Stage['next']): { readonly lay: Scene; readonly palette: Palette } {
  const { wood, meadow, mountain, shore, town, room, people, table } = PALETTES;
  return weighted(
    [
      [3.5, { lay: outdoors, palette: oneOf([wood, meadow, mountain, shore], next) }],
      [2, { lay: outdoors, palette: town }],
      [4, { lay: thicket, palette: oneOf([wood, meadow, mountain, shore, wood], next) }],
      [3.5, { lay: heap, palette: oneOf([wood, meadow, mountain, town, room, table], next) }],
      [1.5, { lay: close, palette: oneOf([wood, meadow, table, room, people, people], next) }],
      [2, { lay: indoors, palette: oneOf([room, table, people], next) }],
    ],
    next,
  );
}
