/** The painted frame N and what was shown before, moved along, mixed: B = N + s·T·(clip(H) − N) of src/video/steady/blend.ts. */
import { doubledRow, SPILL } from '../doubled-row';
import { floats } from '../floats';
import { farOf, nearOf, placeBetween } from './grid-row';
import { blocksAlong } from './local-moments';
import { cubicPixel } from './moved';
import { held, loadPixel, quarterWay, storePixel } from './pixels';

/** Steps of a grey level in what was shown before. */
export const FINE: f32 = 256;
/** Standard deviations about the new picture's local mean, and grey levels beyond, within which the picture before counts. */
const WITHIN: f32 = 2.5;
const SLACK: f32 = 2;

/**
 * @param painted N, [height, width, 3] of bytes. @param before what was shown, in 1/256 grey levels, 16 bits. @param means of N, [rows, columns, 3].
 * @param across to where it was, px, [height / factor, width / factor]. @param trusted T, on that grid. @param share s.
 * @param lines four rows of width + 2·SPILL, overwritten. @param mixed B, filled with floats.
 */
export function mix(
  painted: usize,
  before: usize,
  width: i32,
  height: i32,
  means: usize,
  deviations: usize,
  across: usize,
  down: usize,
  trusted: usize,
  factor: i32,
  share: f32,
  lines: usize,
  mixed: usize,
): void {
  const columns = blocksAlong(width);
  const rows = blocksAlong(height);
  const lineBytes = floats(width + 2 * SPILL);
  const moveX = lines + lineBytes;
  const moveY = moveX + lineBytes;
  const between = moveY + lineBytes;
  for (let y = 0; y < height; y++) {
    rowOf(trusted, factor, y, width, height, share, lines, between);
    rowOf(across, factor, y, width, height, 1, moveX, between);
    rowOf(down, factor, y, width, height, 1, moveY, between);
    const near = nearOf(means, y, columns, rows);
    const far = farOf(means, y, columns, rows);
    const toDeviations = deviations - means;
    let meanBefore = placeBetween(near, far, 0, columns);
    let meanHere = meanBefore;
    let deviationBefore = placeBetween(near + toDeviations, far + toDeviations, 0, columns);
    let deviationHere = deviationBefore;
    const row = y * width;
    for (let column = 0, x = 0; x < width; column++, x += 2) {
      const mean = placeBetween(near, far, column + 1, columns);
      const deviation = placeBetween(near + toDeviations, far + toDeviations, column + 1, columns);
      for (let i = x; i < min(width, x + 2); i++) {
        const at = floats(i);
        const atX = <f32>i + f32.load(moveX + at);
        const atY = <f32>y + f32.load(moveY + at);
        const own = loadPixel<u8>(painted, row + i);
        const weight = f32.load(lines + at);
        const isInside = atX >= 0 && atY >= 0 && atX <= <f32>(width - 1) && atY <= <f32>(height - 1);
        if (weight == 0 || !isInside) {
          storePixel(mixed, row + i, own);
          continue;
        }
        const middle = quarterWay(meanHere, i == x ? meanBefore : mean);
        const spread = quarterWay(deviationHere, i == x ? deviationBefore : deviation);
        const reach = f32x4.add(f32x4.mul(f32x4.splat(WITHIN), spread), f32x4.splat(SLACK));
        const moved = f32x4.mul(f32x4.splat(1 / FINE), cubicPixel(before, width, height, atX, atY));
        const old = held(moved, f32x4.sub(middle, reach), f32x4.add(middle, reach));
        storePixel(
          mixed,
          row + i,
          f32x4.add(own, f32x4.mul(f32x4.splat(weight), f32x4.sub(old, own))),
        );
      }
      meanBefore = meanHere;
      meanHere = mean;
      deviationBefore = deviationHere;
      deviationHere = deviation;
    }
  }
}

/** A row of pixels of what is known on the flow's grid. @param to filled. */
function rowOf(
  grid: usize,
  factor: i32,
  y: i32,
  width: i32,
  height: i32,
  gain: f32,
  to: usize,
  between: usize,
): void {
  if (factor == 2) {
    doubledRow(grid, width >> 1, height >> 1, y, width, gain, to, between);
    return;
  }
  const from = grid + floats(y * width);
  const every = f32x4.splat(gain);
  for (let at: usize = 0; at < floats(width); at += 16)
    v128.store(to + at, f32x4.mul(every, v128.load(from + at)));
}
