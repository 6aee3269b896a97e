import type { Flow } from './flow.ts';
import type { Pyramid } from './pyramid.ts';

/** How unlike two frames are. */
export interface FrameChange {
  /**
   * Of what both show, the share that motion does not explain: Σ(a − b)² / Σ[(a − ā)² + (b − b̄)²] about their means, 0 for the
   * same scene, 1 for two that have nothing to do with each other.
   */
  readonly unexplained: number;
  /** Root mean square of the difference that motion does not explain, without that of brightness; grey levels. */
  readonly difference: number;
}

/**
 * How unlike two frames are once motion is taken away.
 *
 * @param flow from `frame` to `before`.
 */
export function frameChange(frame: Pyramid, before: Pyramid, flow: Flow): FrameChange {
  const [now, then] = [frame.levels[0], before.levels[0]];
  const { width, height } = now;
  const { across, down, factor } = flow;
  let [n, sumA, sumB, squares, aa, bb] = [0, 0, 0, 0, 0, 0];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const column = Math.round(x + across[at]! / factor);
      const row = Math.round(y + down[at]! / factor);
      if (column < 0 || row < 0 || column >= width || row >= height) continue;
      const a = now.values[at]!;
      const b = then.values[row * width + column]!;
      n++;
      sumA += a;
      sumB += b;
      aa += a * a;
      bb += b * b;
      squares += (a - b) ** 2;
    }
  }
  if (n === 0) return { unexplained: 1, difference: 255 };
  const apart = squares - (sumA - sumB) ** 2 / n;
  // What is fainter than a grey level shows nothing.
  const shown = Math.max(2 * n, aa - sumA ** 2 / n + bb - sumB ** 2 / n);
  return { unexplained: apart / shown, difference: Math.sqrt(Math.max(0, apart) / n) };
}

/**
 * A scene begins where motion leaves more than this unexplained, and the difference is more than noise, in grey levels. Measured
 * (docs/steadiness-in-video.md): within a shot of film at most 0.04 of what is shown, between photographs at least 0.33.
 */
const [MOST_UNEXPLAINED, NOISE] = [0.2, 8];

/** Whether a scene begins with the frame. */
export function isSceneCut({ unexplained, difference }: FrameChange): boolean {
  return unexplained > MOST_UNEXPLAINED && difference > NOISE;
}
