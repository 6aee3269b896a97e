/** Trust and blending by the equations alone, pixel by pixel in doubles: what assembly/steady/ must find. */
import type { Flow } from '../../src/motion/flow.ts';
import type { Plane } from '../../src/motion/plane.ts';
import { warped } from '../../src/motion/warp.ts';
import type { PictureSize } from '../../src/picture.ts';
import type { FrameMotion } from '../../src/video/steady/blend.ts';
import { bilinear } from '../motion/plain-flow.ts';

const mean = (values: readonly number[]) => values.reduce((all, one) => all + one, 0) / values.length;
const held = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

/** Values of a plane to so many places around one, as far as they are in it. */
function around({ values, width, height }: Plane, x: number, y: number, reach: number): number[] {
  const found: number[] = [];
  for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++)
    for (let column = Math.max(0, x - reach); column <= Math.min(width - 1, x + reach); column++)
      found.push(values[row * width + column]!);
  return found;
}

const planeOf = ({ width, height }: PictureSize, value: (x: number, y: number) => number): Plane => ({
  ...{ width, height },
  values: Float32Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width))),
});

/** max(0, 1 − 7h) · exp(−max(0, d − n)² / 2·6²), n = 1.5 · median of d. */
function trust({ flow, seen, now, before }: FrameMotion): Plane {
  const { width, factor } = flow;
  const apart = planeOf(flow, (x, y) => {
    const at = y * width + x;
    const then = bilinear(before, x + flow.across[at]! / factor, y + flow.down[at]! / factor);
    return Math.abs(now.values[at]! - then);
  });
  const hidden = planeOf(flow, (x, y) => 1 - seen[y * width + x]!);
  const near = planeOf(flow, (x, y) => mean(around(apart, x, y, 2)));
  const tenths = Array.from(near.values, (value) => Math.floor(10 * value)).sort((a, b) => a - b);
  const noise = (1.5 * (tenths[Math.floor((tenths.length - 1) / 2)]! + 0.5)) / 10;
  return planeOf(flow, (x, y) => {
    const visible = Math.max(0, 1 - 7 * mean(around(hidden, x, y, 2)));
    const beyond = Math.max(0, near.values[y * width + x]! - noise) / 6;
    return visible * Math.exp((-beyond * beyond) / 2);
  });
}

/** Each pixel's, between places that are each the middle of so many pixels. */
const ofPixels = (grid: Plane, size: PictureSize, factor: number): Plane => {
  const place = (at: number, side: number) => held((at - (factor - 1) / 2) / factor, 0, side - 1);
  return planeOf(size, (x, y) => bilinear(grid, place(x, grid.width), place(y, grid.height)));
};

/** Means and deviations of one channel about each pixel, over 3×3 blocks of 2×2. */
function moments(channel: Plane): [Plane, Plane] {
  const size = { width: Math.max(1, channel.width >> 1), height: Math.max(1, channel.height >> 1) };
  const blocks = (power: number) =>
    planeOf(size, (x, y) => {
      const [right, below] = [Math.min(1, channel.width - 1), Math.min(1, channel.height - 1)];
      const corners = [0, right].flatMap((dx) =>
        [0, below].map((dy) => channel.values[(2 * y + dy) * channel.width + 2 * x + dx]!),
      );
      return mean(corners.map((value) => value ** power));
    });
  const [values, squares] = [blocks(1), blocks(2)];
  const means = planeOf(size, (x, y) => mean(around(values, x, y, 1)));
  const deviations = planeOf(size, (x, y) =>
    Math.sqrt(Math.max(0, mean(around(squares, x, y, 1)) - mean(around(values, x, y, 1)) ** 2)),
  );
  return [ofPixels(means, channel, 2), ofPixels(deviations, channel, 2)];
}

/** What is shown of a painted frame, in grey levels: `Blender.blend`. @param shown of the frame before. */
export function plainBlend(
  painted: Uint8Array,
  shown: Float32Array,
  share: number,
  size: PictureSize,
  motion: FrameMotion,
): Float64Array {
  const { flow } = motion;
  const trusted = ofPixels(trust(motion), size, flow.factor);
  const [across, down] = [flow.across, flow.down].map((values) =>
    ofPixels({ ...flow, values }, size, flow.factor),
  ) as [Plane, Plane];
  const ofEach: Flow = { ...size, across: across.values, down: down.values, factor: 1 };
  const moved = warped({ ...size, values: shown }, ofEach);
  const result = new Float64Array(painted.length);
  for (let c = 0; c < 3; c++) {
    const fresh = planeOf(size, (x, y) => painted[3 * (y * size.width + x) + c]!);
    const [middle, spread] = moments(fresh);
    const mixed = planeOf(size, (x, y) => {
      const i = y * size.width + x;
      const [own, reach] = [fresh.values[i]!, 2.5 * spread.values[i]! + 2];
      const old = held(moved.values[3 * i + c]!, middle.values[i]! - reach, middle.values[i]! + reach);
      return own + moved.inside[i]! * share * trusted.values[i]! * (old - own);
    });
    const [center, left] = moments(mixed);
    mixed.values.forEach((value, i) => {
      const gain = held((spread.values[i]! + 0.5) / (left.values[i]! + 0.5), 1, 2);
      result[3 * i + c] = held(center.values[i]! + gain * (value - center.values[i]!), 0, 255);
    });
  }
  return result;
}
