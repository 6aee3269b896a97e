import { floats } from '../floats';
import { boxMean } from './box-mean';

/** Where a seventh of the places around is hidden, nothing is trusted; a speck alone does little. */
const STRICT: f32 = 7;
/** Grey levels beyond the film's own noise by which frames may differ: where it is this much, trust is exp(−1/2). */
const DOUBTFUL: f32 = 6;

/** Differences counted by tenths of a grey level. */
const TENTHS: i32 = 2560;
const counts: usize = memory.data(2560 * 4, 16);

/**
 * How far the picture before may be trusted to show what a frame shows, 0 to 1, on the flow's grid: less the more of the places
 * close by were covered or outside, h their share, and the more the two frames differ once motion is taken away:
 *
 *   max(0, 1 − 7h) · exp(−max(0, d − n)² / 2·6²),  d = mean |I_t(x) − I_{t−1}(x + w(x))| about the place, n = 1.5 · median of d
 *
 * where n is the sensor's noise and compression. Strokes of what moves reach beyond it, so places around one count as well (`boxMean`).
 *
 * @param now I_t, luminance, [height, width]. @param before I_{t−1}. @param across w, px of the film. @param seen bytes: 1 where a place is seen in
 *   both frames, else 0. @param trusted filled. @param apart as large, overwritten. @param around overwritten. @param lines as `boxMean` has them.
 */
export function trust(
  now: usize,
  before: usize,
  across: usize,
  down: usize,
  seen: usize,
  width: i32,
  height: i32,
  factor: i32,
  trusted: usize,
  apart: usize,
  around: usize,
  lines: usize,
): void {
  const count = width * height;
  for (let i = 0; i < count; i++) f32.store(apart + floats(i), <f32>1 - <f32>load<u8>(seen + i));
  boxMean(apart, width, height, trusted, lines);
  differences(now, before, across, down, width, height, factor, apart);
  boxMean(apart, width, height, around, lines);
  const noise = f32x4.splat(1.5 * median(around, count));
  const none = f32x4.splat(0);
  for (let at: usize = 0; at < floats(count); at += 16) {
    const hidden = f32x4.mul(f32x4.splat(STRICT), v128.load(trusted + at));
    const visible = f32x4.pmax(none, f32x4.sub(f32x4.splat(1), hidden));
    const beyond = f32x4.pmax(none, f32x4.sub(v128.load(around + at), noise));
    v128.store(trusted + at, f32x4.mul(visible, bell(f32x4.mul(f32x4.splat(1 / DOUBTFUL), beyond))));
  }
}

/** exp(−x²/2), as (exp(−x²/2 / 2⁸))^(2⁸) with the power series of the inner one; beyond x = 6.4, where it is 1e-9, as there. */
function bell(x: v128): v128 {
  const far = f32x4.pmin(f32x4.splat(6.4), x);
  const t = f32x4.mul(f32x4.splat(-0.5 / 256), f32x4.mul(far, far));
  let power = f32x4.add(f32x4.splat(1.0 / 6), f32x4.mul(t, f32x4.splat(1.0 / 24)));
  power = f32x4.add(f32x4.splat(0.5), f32x4.mul(t, power));
  power = f32x4.add(f32x4.splat(1), f32x4.mul(t, power));
  power = f32x4.add(f32x4.splat(1), f32x4.mul(t, power));
  for (let i = 0; i < 8; i++) power = f32x4.mul(power, power);
  return power;
}

/** @param apart |I_t(x) − I_{t−1}(x + w(x))|, filled; bilinear, and at the border the outermost values go on. */
function differences(
  now: usize,
  before: usize,
  across: usize,
  down: usize,
  width: i32,
  height: i32,
  factor: i32,
  apart: usize,
): void {
  const scale: f32 = <f32>1 / <f32>factor;
  const line = floats(width);
  let at: usize = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const column = min<f32>(<f32>(width - 1), max<f32>(0, <f32>x + f32.load(across + at) * scale));
      const row = min<f32>(<f32>(height - 1), max<f32>(0, <f32>y + f32.load(down + at) * scale));
      const left = <i32>column;
      const top = <i32>row;
      const part = column - <f32>left;
      const share = row - <f32>top;
      // The last column and row have no part of what is beyond.
      const place = before + floats(top * width + left);
      const below = top + 1 < height ? place + line : place;
      const high = f32.load(place) + part * (f32.load(place + 4) - f32.load(place));
      const low = f32.load(below) + part * (f32.load(below + 4) - f32.load(below));
      f32.store(apart + at, abs(f32.load(now + at) - (high + share * (low - high))));
    }
  }
}

/** To a tenth of a grey level, by counting. */
function median(values: usize, count: i32): f32 {
  memory.fill(counts, 0, floats(TENTHS));
  for (let i = 0; i < count; i++) {
    const tenth = counts + floats(min(TENTHS - 1, <i32>(<f32>10 * f32.load(values + floats(i)))));
    i32.store(tenth, i32.load(tenth) + 1);
  }
  let below = 0;
  let at = 0;
  for (; 2 * (below + i32.load(counts + floats(at))) < count; at++) below += i32.load(counts + floats(at));
  return (<f32>at + 0.5) / 10;
}
