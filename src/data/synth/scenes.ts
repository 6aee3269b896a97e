/** Kinds of scenes, and how often each is seen. */

import type { Random } from '../random.ts';
import { PALETTES, type Palette } from './colours.ts';
import { oneOf, weighted } from './draw.ts';
import { heap, thicket } from './heaps.ts';
import { outdoors } from './outdoors.ts';
import { close, indoors } from './rooms.ts';
import type { Scene } from './things.ts';

/** Draws what kind of scene it is, and the colours that go with it. */
export function drawScene(next: Random): { readonly lay: Scene; readonly palette: Palette } {
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
