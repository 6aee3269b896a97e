import { withAmount } from '../../infer/amount.ts';
import type { Look } from '../../infer/finish/look.ts';
import { openPhotoPainter, withLook } from '../../infer/finish/look-painter.ts';
import { unmixed } from '../../infer/finish/mixing.ts';
import { SmoothedStyleNetwork } from '../../infer/smoothed/smoothed-style-network.ts';
import type { StyleNetworkOptions } from '../../infer/style-network.ts';
import type { Checkpoint } from '../../networks/checkpoint.ts';
import type { FilmPainter, SyncFilmPainter } from '../film-painter.ts';
import { FramePainter } from '../frame-painter.ts';
import { withMixing } from './mixing-painter.ts';
import { STEADY_SETTINGS, type SteadyChoice } from './setting.ts';
import { SteadyPainter } from './steady-painter.ts';
import { ThreadedSteadyPainter } from './threaded-steady-painter.ts';

type Options = Pick<StyleNetworkOptions, 'precision'>;

/** What paints a film's frames in a style, with a look and as steadily as asked for. Caller disposes. */
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

/** The same, with all but the network in a thread of its own. */
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
