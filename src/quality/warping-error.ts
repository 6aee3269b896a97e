import type { Flow } from '../motion/flow.ts';
import type { Traceable } from '../motion/traceable.ts';
import { warped } from '../motion/warp.ts';
import type { Picture } from '../picture.ts';

/** Where a frame shows what another one showed, and where that was. */
export interface Trace {
  /** From the later frame to the earlier. */
  readonly flow: Flow;
  readonly traceable: Traceable;
}

/**
 * Square of what is painted otherwise than the frame before, moved along:
 *
 *   1/D Σ_k M_k (O_t,k − W(O_{t−1})_k)²,  D = 3 H W
 *
 * with O in [0, 1] and M = 1 where a pixel can be traced, not at boundaries of motion (Chen et al. 2017, 'Coherent Online Video
 * Style Transfer', §5; mask as Ruder et al. 2016). e_stab of a film is the root of its mean over frames.
 *
 * @param now the later frame, painted. @param before the earlier one.
 */
export function warpingSquare(now: Picture, before: Picture, trace: Trace): number {
  const { pixels, width, height } = now;
  const mask = pixelMask(trace, width, height);
  const { values, inside } = warped({ values: Float32Array.from(before.pixels), width, height }, trace.flow);
  let sum = 0;
  for (let pixel = 0, at = 0; pixel < mask.length; pixel++, at += 3) {
    if (mask[pixel] === 0 || inside[pixel] === 0) continue;
    for (let c = at; c < at + 3; c++) sum += (pixels[c]! - values[c]!) ** 2;
  }
  return sum / 255 ** 2 / pixels.length;
}

/** Per pixel: 1 where it is seen in both frames and not at a boundary of motion. */
function pixelMask(
  { flow: { width: columns, height: rows, factor }, traceable: { seen, boundary } }: Trace,
  width: number,
  height: number,
): Uint8Array {
  const mask = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.min(rows - 1, Math.floor(y / factor)) * columns;
    for (let x = 0; x < width; x++, at++) {
      const place = row + Math.min(columns - 1, Math.floor(x / factor));
      mask[at] = seen[place]! * (1 - boundary[place]!);
    }
  }
  return mask;
}
