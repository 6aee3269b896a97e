import type { Flow } from '../../motion/flow.ts';
import { boxMean, emptyPlane, type Plane } from '../../motion/plane.ts';
import type { Pyramid } from '../../motion/pyramid.ts';

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
 * where n is the sensor's noise and compression.
 *
 * @param seen 1 where a place is seen in both frames, else 0.
 */
export function trust(frame: Pyramid, before: Pyramid, flow: Flow, seen: Uint8Array): Plane {
  const { width, height, factor, across, down } = flow;
  const residual = emptyPlane(width, height);
  const hidden = emptyPlane(width, height);
  const now = frame.finest.values;
  const then = before.finest.values;
  const apart = residual.values;
  const covered = hidden.values;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      covered[at] = 1 - seen[at]!;
      const column = Math.min(width - 1, Math.max(0, x + across[at]! / factor));
      const row = Math.min(height - 1, Math.max(0, y + down[at]! / factor));
      const left = Math.floor(column);
      const top = Math.floor(row);
      const place = top * width + left;
      const right = left + 1 < width ? 1 : 0;
      const below = top + 1 < height ? place + width : place;
      const part = column - left;
      const share = row - top;
      const high = then[place]! * (1 - part) + then[place + right]! * part;
      const low = then[below]! * (1 - part) + then[below + right]! * part;
      apart[at] = Math.abs(now[at]! - high * (1 - share) - low * share);
    }
  }
  const near = boxMean(hidden, MARGIN).values;
  const around = boxMean(residual, REACH);
  const trusted = around.values;
  const noise = 1.5 * medianOf(trusted);
  for (let i = 0; i < near.length; i++) {
    const visible = Math.max(0, 1 - STRICT * near[i]!);
    const beyond = (trusted[i]! - noise) / DOUBTFUL;
    trusted[i] = visible > 0 && beyond > 0 ? visible * Math.exp((-beyond * beyond) / 2) : visible;
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
