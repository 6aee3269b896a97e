/** Scenes of a few things, near. */
import { PALETTES, paletteColour } from './colours.ts';
import { bell, between, chance, powerLawSize } from './draw.ts';
import { layPerson } from './figures.ts';
import { layBackdrop, layGround } from './ground.ts';
import { drawSurface } from './surface.ts';
import { layCluster, layThing, type Scene } from './things.ts';

/** One or a few large things before a background out of focus. */
export const close: Scene = (stage) => {
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
export const indoors: Scene = (stage) => {
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
