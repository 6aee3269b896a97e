/** Scenes of many things. */
import { paletteColour, times, varied } from './colours.ts';
import { between, chance, oneOf, powerLawSize } from './draw.ts';
import { layBackdrop } from './ground.ts';
import { drawGround, drawSurface } from './surface.ts';
import { layCluster, layThing, type Scene } from './things.ts';

/** Things of all sizes that hide each other at random: dead leaves, over a background out of focus. */
export const heap: Scene = (stage) => {
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
export const thicket: Scene = (stage) => {
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

/** Natural logarithm to some per cent, from halvings: of no matter to the last bit, yet the same everywhere. */
function logarithm(value: number): number {
  let [left, halvings] = [value, 0];
  while (left >= 2) {
    left /= 2;
    halvings++;
  }
  return Math.LN2 * (halvings + left - 1);
}
