import { boxMean } from '../../motion/box-mean.ts';
import type { Flow } from '../../motion/flow.ts';
import { emptyPlane, type Plane } from '../../motion/plane.ts';
import type { Pyramid } from '../../motion/pyramid.ts';
import type { Traceable } from '../../motion/traceable.ts';

/** Places around one that should be seen in both frames as well: strokes of what moves reach beyond it. */
const MARGIN = 2;
/** Where a seventh of the places around is hidden, nothing is trusted; a speck alone does little. */
const STRICT = 7;
/** Places to each side over which differences of the frames are taken together. */
const REACH = 2;
/** Grey levels beyond the film's own noise by which frames may differ: where it is this much, trust is exp(−1/2). */
const DOUBTFUL = 6;

/**
 * How far the picture before may be trusted to show what a frame shows, 0 to 1, on the flow's grid: less the more of the places
 * close by were covered or outside, h their share, and the more the two frames differ once motion is taken away:
 *
 *   max(0, 1 − 7h) · exp(−max(0, d − n)² / 2·6²),  d = mean |I_t(x) − I_{t−1}(x + w(x))| about the place, n = 1.5 · median of d
 *
 * where n stands for the sensor's noise and compression.
 */
export function trust(frame: Pyramid, before: Pyramid, flow: Flow, { seen }: Traceable): Plane {
  const { width, height, factor } = flow;
  const residual = emptyPlane(width, height);
  const hidden = emptyPlane(width, height);
  const { values } = before.finest;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      hidden.values[at] = 1 - seen[at]!;
      const column = Math.min(width - 1, Math.max(0, x + flow.across[at]! / factor));
      const row = Math.min(height - 1, Math.max(0, y + flow.down[at]! / factor));
      const left = Math.floor(column);
      const top = Math.floor(row);
      const right = Math.min(width - 1, left + 1);
      const below = Math.min(height - 1, top + 1) * width;
      const part = column - left;
      const share = row - top;
      const high = values[top * width + left]! * (1 - part) + values[top * width + right]! * part;
      const low = values[below + left]! * (1 - part) + values[below + right]! * part;
      residual.values[at] = Math.abs(frame.finest.values[at]! - high * (1 - share) - low * share);
    }
  }
  const near = boxMean(hidden, MARGIN).values;
  const around = boxMean(residual, REACH);
  const noise = 1.5 * medianOf(around.values);
  for (let i = 0; i < near.length; i++) {
    const beyond = Math.max(0, around.values[i]! - noise) / DOUBTFUL;
    around.values[i] = Math.max(0, 1 - STRICT * near[i]!) * Math.exp((-beyond * beyond) / 2);
  }
  return around;
}

/** To a tenth of a grey level, by counting. */
function medianOf(values: Float32Array): number {
  const counts = new Int32Array(2560);
  for (const value of values) counts[Math.min(2559, Math.floor(10 * value))]!++;
  let below = 0;
  let at = 0;
  while (2 * (below + counts[at]!) < values.length) below += counts[at++]!;
  return (at + 0.5) / 10;
}
