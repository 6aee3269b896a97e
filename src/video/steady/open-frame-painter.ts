import { withAmount } from '../../infer/amount.ts';
import type { Look } from '../../infer/finish/look.ts';
import { lookPainter, withLook } from '../../infer/finish/look-painter.ts';
import { isWhole, unmixed } from '../../infer/finish/mixing.ts';
import { SmoothedStylizer } from '../../infer/smoothed/smoothed-stylizer.ts';
import type { StylizerOptions } from '../../infer/stylizer.ts';
import type { Checkpoint } from '../../networks/checkpoint.ts';
import type { FramePainter } from '../frame-painter.ts';
import { PlainPainter } from '../plain-painter.ts';
import { MixingPainter } from './mixing-painter.ts';
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
  const painter = new PlainPainter(withLook(stylizer, look && unmixed(look)));
  return withMixing(new SteadyPainter(painter, share, stylizer), look);
}

/** Mixes steady frames with the film's own as the look has it. Takes the painter over. */
export function withMixing(painter: FramePainter, look: Look | undefined): FramePainter {
  return look === undefined || isWhole(look) ? painter : new MixingPainter(painter, look);
}
