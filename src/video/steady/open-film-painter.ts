import { withAmount } from '../../infer/amount.ts';
import type { Look } from '../../infer/finish/look.ts';
import { lookPainter, withLook } from '../../infer/finish/look-painter.ts';
import { unmixed } from '../../infer/finish/mixing.ts';
import { SmoothedStylizer } from '../../infer/smoothed/smoothed-style-network.ts';
import type { StylizerOptions } from '../../infer/style-network.ts';
import type { Checkpoint } from '../../networks/checkpoint.ts';
import type { FilmPainter, FramePainter } from '../film-painter.ts';
import { PlainPainter } from '../frame-painter.ts';
import { withMixing } from './mixing-painter.ts';
import { STEADY_SETTINGS, type SteadyChoice } from './setting.ts';
import { SteadyPainter } from './steady-painter.ts';
import { BesidePainter } from './threaded-steady-painter.ts';

type Options = Pick<StylizerOptions, 'precision'>;

/** What paints a film's frames in a style, with a look and as steadily as asked for. Caller disposes. */
export function openFramePainter(
  checkpoint: Checkpoint,
  steady: SteadyChoice,
  look: Look | undefined,
  options: Options = {},
): FramePainter {
  if (steady === 'off') return new PlainPainter(lookPainter(checkpoint, look, options));
  return withMixing<FramePainter>(new SteadyPainter(...steadyParts(checkpoint, steady, look, options)), look);
}

/** The same, with all but the network in a thread of its own. */
export function openFilmPainter(
  checkpoint: Checkpoint,
  steady: SteadyChoice,
  look: Look | undefined,
  options: Options = {},
): FilmPainter {
  if (steady === 'off') return openFramePainter(checkpoint, steady, look, options);
  return withMixing<FilmPainter>(new BesidePainter(...steadyParts(checkpoint, steady, look, options)), look);
}

function steadyParts(
  checkpoint: Checkpoint,
  steady: Exclude<SteadyChoice, 'off'>,
  look: Look | undefined,
  options: Options,
): [PlainPainter, number, SmoothedStylizer] {
  const { rate, share } = STEADY_SETTINGS[steady];
  const base = look === undefined ? checkpoint : withAmount(checkpoint, look.amount);
  const stylizer = new SmoothedStylizer(base, rate, options);
  return [new PlainPainter(withLook(stylizer, look && unmixed(look))), share, stylizer];
}
