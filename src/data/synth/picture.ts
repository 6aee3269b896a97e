/** Pictures out of nothing but a seed: scenes with the statistics of photos, for training where there are none. */
import type { Picture } from '../../picture.ts';
import { type Random, random } from '../random.ts';
import { createCanvas } from './canvas.ts';
import { PALETTES, type Palette } from './colours.ts';
import { develop } from './develop.ts';
import { between, oneOf, weighted } from './draw.ts';
import { heap, thicket } from './heaps.ts';
import { drawLight, layLight } from './light.ts';
import { outdoors } from './outdoors.ts';
import { close, indoors } from './rooms.ts';
import type { Scene } from './things.ts';

/** Changes whenever the same seed gives other pixels. */
export const SYNTHESIS_VERSION = 1;
/** A stream of random numbers of its own under a seed. */
const PICTURES = 7;
/** Side of a scene, px; smaller pictures show a part of it, so that they are as sharp and as near. */
const SCENE = 320;

/**
 * Picture `index` of the endless series of a seed: square, a function of its arguments alone, to the last bit on every
 * machine (`draw.ts`).
 *
 * @param size side in px.
 */
export function syntheticPicture(seed: number, index: number, size: number): Picture {
  const next = random(seed, PICTURES, index);
  const side = Math.max(SCENE, size);
  const [left, top] = [
    Math.floor(between(0, side - size + 1, next)),
    Math.floor(between(0, side - size + 1, next)),
  ];
  const canvas = createCanvas(size, left, top, side);
  const light = drawLight(next);
  const { lay, palette } = drawScene(next);
  lay({ canvas, light, palette, next });
  layLight(canvas, light, next);
  return develop(canvas, next);
}

/** Draws what kind of scene it is, and the colours that go with it. */
function drawScene(next: Random): { readonly lay: Scene; readonly palette: Palette } {
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
