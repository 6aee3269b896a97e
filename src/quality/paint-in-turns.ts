import type { Picture } from '../picture.ts';

/**
 * Paints one picture after another and tells how many are done.
 *
 * @param total pictures that will be painted in all.
 */
export function paintInTurns(
  stylize: (picture: Picture) => Picture,
  total: number,
  progress: (done: number, total: number) => void,
): (picture: Picture) => Promise<Picture> {
  let done = 0;
  return async (picture) => {
    const painted = stylize(picture);
    progress(++done, total);
    // Painting blocks the event loop: signals and timers get their turn here.
    await new Promise(setImmediate);
    return painted;
  };
}
