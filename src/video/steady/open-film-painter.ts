import { isWhole, type Mixing, mixedWithPhoto, unmixed } from '../../infer/finish/finished-rows.ts';
import { type Look, withAmount } from '../../infer/finish/look.ts';
import { openPhotoPainter, withLook } from '../../infer/finish/look-painter.ts';
import { SmoothedStyleNetwork } from '../../infer/smoothed/smoothed-style-network.ts';
import type { StyleNetworkOptions } from '../../infer/style-network.ts';
import type { Checkpoint } from '../../networks/checkpoint.ts';
import type { Picture } from '../../picture.ts';
import type { FilmPainter, SyncFilmPainter } from '../film-painter.ts';
import { FramePainter } from '../frame-painter.ts';
import { STEADY_SETTINGS, type SteadyChoice } from './setting.ts';
import { SteadyPainter } from './steady-painter.ts';
import { ThreadedSteadyPainter } from './threaded-steady-painter.ts';

type Options = Pick<StyleNetworkOptions, 'precision'>;

/** What paints a film's frames in a style, with a look and as steadily as given. Caller disposes. */
export function openSyncFilmPainter(
  checkpoint: Checkpoint,
  steady: SteadyChoice,
  look: Look | undefined,
  options: Options = {},
): SyncFilmPainter {
  if (steady === 'off') return new FramePainter(openPhotoPainter(checkpoint, look, options));
  return withMixing<SyncFilmPainter>(
    new SteadyPainter(...steadyParts(checkpoint, steady, look, options)),
    look,
  );
}

/** The same, with all but the network in its own thread. */
export function openFilmPainter(
  checkpoint: Checkpoint,
  steady: SteadyChoice,
  look: Look | undefined,
  options: Options = {},
): FilmPainter {
  if (steady === 'off') return openSyncFilmPainter(checkpoint, steady, look, options);
  return withMixing<FilmPainter>(
    new ThreadedSteadyPainter(...steadyParts(checkpoint, steady, look, options)),
    look,
  );
}

function steadyParts(
  checkpoint: Checkpoint,
  steady: Exclude<SteadyChoice, 'off'>,
  look: Look | undefined,
  options: Options,
): [FramePainter, number, SmoothedStyleNetwork] {
  const { rate, share } = STEADY_SETTINGS[steady];
  const base = look === undefined ? checkpoint : withAmount(checkpoint, look.amount);
  const stylizer = new SmoothedStyleNetwork(base, rate, options);
  return [new FramePainter(withLook(stylizer, look && unmixed(look))), share, stylizer];
}

/**
 * Mixes painted frames with the film's own. After a steady painter, not within it: what stays the film is then the frame itself, as sharp
 * as it was, and not mixed with frames before.
 */
class MixingPainter<Painter extends FilmPainter> implements FilmPainter {
  readonly #painter: Painter;
  readonly #mixing: Mixing;

  constructor(painter: Painter, mixing: Mixing) {
    this.#painter = painter;
    this.#mixing = mixing;
  }

  foresee(frame: Picture): void {
    this.#painter.foresee?.(frame);
  }

  paint(frame: Picture, seconds: number): ReturnType<Painter['paint']> {
    const mix = (picture: Picture) => mixedWithPhoto(picture, frame, this.#mixing);
    const painted = this.#painter.paint(frame, seconds);
    // As the painter is, so is this one: finished when it returns, or later.
    return (painted instanceof Promise ? painted.then(mix) : mix(painted)) as ReturnType<Painter['paint']>;
  }

  memory(): ReturnType<Painter['memory']> {
    return this.#painter.memory() as ReturnType<Painter['memory']>;
  }

  recall(memory: Uint8Array): void {
    this.#painter.recall(memory);
  }

  dispose(): ReturnType<Painter['dispose']> {
    return this.#painter.dispose() as ReturnType<Painter['dispose']>;
  }
}

/** Mixes steady frames with the film's own as the look has it. @param painter then belongs to the result. */
export function withMixing<Painter extends FilmPainter>(
  painter: Painter,
  look: Look | undefined,
): Painter | MixingPainter<Painter> {
  return look === undefined || isWhole(look) ? painter : new MixingPainter(painter, look);
}
