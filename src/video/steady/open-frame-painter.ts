import { withAmount } from '../../infer/amount.ts';
import type { Look } from '../../infer/finish/look.ts';
import { lookPainter, withLook } from '../../infer/finish/look-painter.ts';
import { SmoothedStylizer } from '../../infer/smoothed/smoothed-stylizer.ts';
import type { StylizerOptions } from '../../infer/stylizer.ts';
import type { Checkpoint } from '../../networks/checkpoint.ts';
import type { FramePainter } from '../frame-painter.ts';
import { PlainPainter } from '../plain-painter.ts';
import { STEADY_SETTINGS, type SteadyChoice } from './setting.ts';
import { SteadyPainter } from './steady-painter.ts';

/** What paints a film's frames in a style, with a look and as steadily as asked for. Caller disposes. */
export function openFramePainter(
  checkpoint: Checkpoint,
  steady: SteadyChoice,
  look: Look | undefined,
  options: Pick<StylizerOptions, 'precision'> = {},
): FramePainter {
  if (steady === 'off') return new PlainPainter(lookPainter(checkpoint, look, options));
  const { rate, share } = STEADY_SETTINGS[steady];
  const base = look === undefined ? checkpoint : withAmount(checkpoint, look.amount);
  const stylizer = new SmoothedStylizer(base, rate, options);
  return new SteadyPainter(new PlainPainter(withLook(stylizer, look)), share, stylizer);
}
