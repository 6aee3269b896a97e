/** Frames made for tests of film. */
import type { Picture } from '../../src/picture.ts';

/** A picture in front of another, which is as large as the result; what lies beyond its border is cut. */
export function placed(ground: Picture, thing: Picture, left: number, top: number): Picture {
  // Not `slice`: of a Buffer, that is no copy.
  const pixels = new Uint8Array(ground.pixels);
  const width = Math.min(thing.width, ground.width - left);
  for (let y = 0; y < Math.min(thing.height, ground.height - top); y++) {
    const row = thing.pixels.subarray(3 * y * thing.width, 3 * (y * thing.width + width));
    pixels.set(row, 3 * ((y + top) * ground.width + left));
  }
  return { ...ground, pixels };
}
