import { loadPixel } from './pixels';

/**
 * A picture at a place between its pixels, by Catmull and Rom's cubic (Keys 1981, a = −1/2; as `warped` of src/motion/warp.ts). At the
 * border the outermost pixels are repeated.
 *
 * @param from [height, width, 3] of 16 bits. @param atX within the picture.
 */
// @ts-ignore: decorator
@inline
export function cubicPixel(from: usize, width: i32, height: i32, atX: f32, atY: f32): v128 {
  const left = <i32>atX;
  const top = <i32>atY;
  const a = cubicWeights(atX - <f32>left);
  const b = cubicWeights(atY - <f32>top);
  const x0 = max(0, left - 1);
  const x2 = min(width - 1, left + 1);
  const x3 = min(width - 1, left + 2);
  const a0 = v128.shuffle<f32>(a, a, 0, 0, 0, 0);
  const a1 = v128.shuffle<f32>(a, a, 1, 1, 1, 1);
  const a2 = v128.shuffle<f32>(a, a, 2, 2, 2, 2);
  const a3 = v128.shuffle<f32>(a, a, 3, 3, 3, 3);
  const y0 = max(0, top - 1) * width;
  const y1 = top * width;
  const y2 = min(height - 1, top + 1) * width;
  const y3 = min(height - 1, top + 2) * width;
  const r0 = cubicRow(from, y0 + x0, y0 + left, y0 + x2, y0 + x3, a0, a1, a2, a3);
  const r1 = cubicRow(from, y1 + x0, y1 + left, y1 + x2, y1 + x3, a0, a1, a2, a3);
  const r2 = cubicRow(from, y2 + x0, y2 + left, y2 + x2, y2 + x3, a0, a1, a2, a3);
  const r3 = cubicRow(from, y3 + x0, y3 + left, y3 + x2, y3 + x3, a0, a1, a2, a3);
  return f32x4.add(
    f32x4.add(
      f32x4.mul(v128.shuffle<f32>(b, b, 0, 0, 0, 0), r0),
      f32x4.mul(v128.shuffle<f32>(b, b, 1, 1, 1, 1), r1),
    ),
    f32x4.add(
      f32x4.mul(v128.shuffle<f32>(b, b, 2, 2, 2, 2), r2),
      f32x4.mul(v128.shuffle<f32>(b, b, 3, 3, 3, 3), r3),
    ),
  );
}

/** Of the four pixels around, the second of them t away: t (−1 + t (2 − t)) / 2, (2 + t² (3 t − 5)) / 2, … */
// @ts-ignore: decorator
@inline
function cubicWeights(part: f32): v128 {
  const t = f32x4.splat(part);
  const cubed = f32x4.mul(t, f32x4(-0.5, 1.5, -1.5, 0.5));
  const squared = f32x4.mul(t, f32x4.add(cubed, f32x4(1, -2.5, 2, -0.5)));
  const linear = f32x4.mul(t, f32x4.add(squared, f32x4(-0.5, 0, 0.5, 0)));
  return f32x4.add(linear, f32x4(0, 1, 0, 0));
}

// @ts-ignore: decorator
@inline
function cubicRow(
  from: usize,
  p0: i32,
  p1: i32,
  p2: i32,
  p3: i32,
  a0: v128,
  a1: v128,
  a2: v128,
  a3: v128,
): v128 {
  return f32x4.add(
    f32x4.add(f32x4.mul(a0, loadPixel<u16>(from, p0)), f32x4.mul(a1, loadPixel<u16>(from, p1))),
    f32x4.add(f32x4.mul(a2, loadPixel<u16>(from, p2)), f32x4.mul(a3, loadPixel<u16>(from, p3))),
  );
}
