import type { Flow } from './flow.ts';
import type { Plane } from './plane.ts';
import type { Pyramid } from './pyramid.ts';

/** Grey levels are counted in so many classes. */
const CLASSES = 32;

/** How unlike two frames are. */
export interface FrameChange {
  /** Half the sum of differences of the two histograms of luminance, 0 to 1. */
  readonly histogram: number;
  /**
   * Of what both show, the share that motion does not explain: Σ(a − b)² / Σ[(a − ā)² + (b − b̄)²] about their means, 0 for the
   * same scene, 1 for two that have nothing to do with each other.
   */
  readonly unexplained: number;
}

/**
 * How unlike two frames are once motion is taken away.
 *
 * @param flow from `frame` to `before`.
 */
export function frameChange(frame: Pyramid, before: Pyramid, flow: Flow): FrameChange {
  return {
    histogram: histogramDistance(frame.finest, before.finest),
    unexplained: unexplained(frame.finest, before.finest, flow),
  };
}

/**
 * Beyond either a scene begins anew. Measured (docs/steadiness-in-video.md): within shots of film and synthetic ones at most
 * 0.21 and 0.32, at cuts between photographs at least 0.60 unexplained.
 */
const LEAST = { unexplained: 0.45, darkest: 30 };

/** Whether a scene begins with the frame. */
export function isSceneCut({ unexplained }: FrameChange): boolean {
  return unexplained > LEAST.unexplained;
}

function histogramDistance(a: Plane, b: Plane): number {
  const counts = new Int32Array(CLASSES);
  for (const value of a.values) counts[Math.min(CLASSES - 1, (value * CLASSES) >> 8)]!++;
  for (const value of b.values) counts[Math.min(CLASSES - 1, (value * CLASSES) >> 8)]!--;
  return counts.reduce((sum, count) => sum + Math.abs(count), 0) / (2 * a.values.length);
}

function unexplained(frame: Plane, before: Plane, { across, down, factor }: Flow): number {
  const { width, height } = frame;
  let [n, sumA, sumB, squares, aa, bb] = [0, 0, 0, 0, 0, 0];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const column = Math.round(x + across[at]! / factor);
      const row = Math.round(y + down[at]! / factor);
      if (column < 0 || row < 0 || column >= width || row >= height) continue;
      const a = frame.values[at]!;
      const b = before.values[row * width + column]!;
      n++;
      sumA += a;
      sumB += b;
      aa += a * a;
      bb += b * b;
      squares += (a - b) ** 2;
    }
  }
  if (n === 0) return 1;
  const apart = squares - (sumA - sumB) ** 2 / n;
  // What is fainter than a grey level shows nothing.
  return apart / Math.max(2 * n, aa - sumA ** 2 / n + bb - sumB ** 2 / n);
}
