/** Contrast that mixing has taken away, given back: μ_B + g (B − μ_B), g = min(2, max(1, σ_N / σ_B)) of src/video/steady/blend.ts. */
import { farOf, nearOf, placeBetween } from './grid-row';
import { blocksAlong } from './local-moments';
import { FINE } from './mixed';
import { held, loadPixel, quarterWay } from './pixels';

/** Grey levels of contrast that count as none where contrasts are compared. */
const FAINT: f32 = 0.5;
/** By how much contrast that mixing takes away is given back at most. */
const MOST_GAIN: f32 = 2;

/**
 * @param mixed B, [height, width, 3] of floats. @param means of B, [rows, columns, 3]. @param deviations of B. @param wanted deviations, of N.
 * @param fine filled with what is shown, in 1/256 grey levels, 16 bits. @param whole with the same in whole ones, rounded, bytes.
 */
export function giveContrast(
  mixed: usize,
  width: i32,
  height: i32,
  means: usize,
  deviations: usize,
  wanted: usize,
  fine: usize,
  whole: usize,
): void {
  const columns = blocksAlong(width);
  const rows = blocksAlong(height);
  const toDeviations = deviations - means;
  const toWanted = wanted - means;
  for (let y = 0; y < height; y++) {
    const near = nearOf(means, y, columns, rows);
    const far = farOf(means, y, columns, rows);
    let meanBefore = placeBetween(near, far, 0, columns);
    let meanHere = meanBefore;
    let lostBefore = placeBetween(near + toDeviations, far + toDeviations, 0, columns);
    let lostHere = lostBefore;
    let wantedBefore = placeBetween(near + toWanted, far + toWanted, 0, columns);
    let wantedHere = wantedBefore;
    const row = y * width;
    for (let column = 0, x = 0; x < width; column++, x += 2) {
      const mean = placeBetween(near, far, column + 1, columns);
      const lost = placeBetween(near + toDeviations, far + toDeviations, column + 1, columns);
      const want = placeBetween(near + toWanted, far + toWanted, column + 1, columns);
      show(
        mixed,
        row + x,
        quarterWay(meanHere, meanBefore),
        quarterWay(lostHere, lostBefore),
        quarterWay(wantedHere, wantedBefore),
        fine,
        whole,
      );
      if (x + 1 < width)
        show(
          mixed,
          row + x + 1,
          quarterWay(meanHere, mean),
          quarterWay(lostHere, lost),
          quarterWay(wantedHere, want),
          fine,
          whole,
        );
      meanBefore = meanHere;
      meanHere = mean;
      lostBefore = lostHere;
      lostHere = lost;
      wantedBefore = wantedHere;
      wantedHere = want;
    }
  }
}

// @ts-ignore: decorator
@inline
function show(
  mixed: usize,
  pixel: i32,
  mean: v128,
  lost: v128,
  wanted: v128,
  fine: usize,
  whole: usize,
): void {
  const faint = f32x4.splat(FAINT);
  const gain = held(
    f32x4.div(f32x4.add(wanted, faint), f32x4.add(lost, faint)),
    f32x4.splat(1),
    f32x4.splat(MOST_GAIN),
  );
  const value = f32x4.add(mean, f32x4.mul(gain, f32x4.sub(loadPixel<f32>(mixed, pixel), mean)));
  const grey = held(value, f32x4.splat(0), f32x4.splat(255));
  const steps = i32x4.trunc_sat_f32x4_u(
    f32x4.add(f32x4.mul(f32x4.splat(FINE), grey), f32x4.splat(0.5)),
  );
  const at = <usize>(3 * pixel);
  v128.store64_lane(fine + 2 * at, i16x8.narrow_i32x4_u(steps, steps), 0);
  const rounded = i32x4.shr_u(i32x4.add(steps, i32x4.splat(<i32>FINE / 2)), 8);
  const shorts = i16x8.narrow_i32x4_u(rounded, rounded);
  v128.store32_lane(whole + at, i8x16.narrow_i16x8_u(shorts, shorts), 0);
}
