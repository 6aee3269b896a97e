/**
 * Pixels of pictures [height, width, 3], one in a vector: red, green, blue and the next one's red, which goes along. What is stored last
 * of it is written over by the next pixel, as pixels are stored from left to right and rows from the top.
 */
import { floats } from '../floats';

// @ts-ignore: decorator
@inline
export function loadPixel<T>(picture: usize, pixel: i32): v128 {
  const at = <usize>(3 * pixel) * sizeof<T>();
  if (sizeof<T>() == 4) return v128.load(picture + at);
  const whole =
    sizeof<T>() == 2
      ? v128.load16x4_u(picture + at)
      : i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(picture + at)));
  return f32x4.convert_i32x4_s(whole);
}

// @ts-ignore: decorator
@inline
export function storePixel(picture: usize, pixel: i32, value: v128): void {
  v128.store(picture + floats(3 * pixel), value);
}

/** Twice as many pixels as places in a row: between two places, a quarter from the nearer. */
// @ts-ignore: decorator
@inline
export function quarterWay(near: v128, far: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.splat(0.75), near), f32x4.mul(f32x4.splat(0.25), far));
}

// @ts-ignore: decorator
@inline
export function held(value: v128, least: v128, most: v128): v128 {
  return f32x4.pmin(most, f32x4.pmax(least, value));
}
