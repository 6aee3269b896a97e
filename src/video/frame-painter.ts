import { type OpenedBlend, shareAt, weightsAt } from '../infer/blend-over-time.ts';
import { type Look, withAmount } from '../infer/finish/look.ts';
import { type PhotoPainter, withLook } from '../infer/finish/look-painter.ts';
import { StyleNetwork, type StyleNetworkOptions } from '../infer/style-network.ts';
import type { Picture } from '../picture.ts';
import type { SyncFilmPainter } from './film-painter.ts';

/** What takes the time before it paints: a style that changes. */
export interface Clock {
  setTime(seconds: number): void;
}

/** Paints each frame by itself, as `stylize` would. */
export class FramePainter implements SyncFilmPainter {
  readonly #painter: PhotoPainter;
  readonly #clock: Clock | undefined;

  /** @param painter becomes its own. @param clock gets each frame's time. */
  constructor(painter: PhotoPainter, clock?: Clock) {
    this.#painter = painter;
    this.#clock = clock;
  }

  paint(frame: Picture, seconds: number): Picture {
    this.#clock?.setTime(seconds);
    return this.#painter.stylize(frame);
  }

  memory(): undefined {
    return undefined;
  }

  recall(): void {}

  dispose(): void {
    this.#painter.dispose();
  }
}

/**
 * A painter whose style follows the film's time. Caller disposes.
 *
 * @param amount of the styles' strokes. @param look what is done with what they paint.
 */
export function changingPainter(
  { keys, checkpoints }: OpenedBlend,
  amount: number,
  look: Look | undefined,
  options: StyleNetworkOptions,
): { readonly painter: PhotoPainter; readonly clock: Clock } {
  // The amount is linear in the weights that it weakens, so it may come before the mixing.
  const styles = amount === 1 ? checkpoints : checkpoints.map((one) => withAmount(one, amount));
  const stylizer = new StyleNetwork(styles[0]!, { ...options, changes: true });
  let now = '';
  const clock = {
    setTime: (seconds: number) => {
      const { from, to, share } = shareAt(keys, seconds);
      const wanted = `${from} ${to} ${share}`;
      if (wanted !== now) stylizer.change(weightsAt(styles[from]!, styles[to]!, share));
      now = wanted;
    },
  };
  return { painter: withLook(stylizer, look), clock };
}
