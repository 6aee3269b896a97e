/**
 * The vector algebra of the optimisers: float32 vectors, float64 arithmetic. Four sums side by side, so that the
 * processor does not wait for each addition; loops are over indices because they run over millions of values.
 */

/** Σ aᵢ bᵢ. */
export function dot(a: Float32Array, b: Float32Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const whole = a.length - (a.length % 4);
  for (let i = 0; i < whole; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (let i = whole; i < a.length; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + s2 + s3;
}

/** target ← target + factor · a, and Σ targetᵢ bᵢ of the new target: one pass for two steps of the two-loop recursion. */
export function addScaledThenDot(
  target: Float32Array,
  factor: number,
  a: Float32Array,
  b: Float32Array,
): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const whole = target.length - (target.length % 4);
  for (let i = 0; i < whole; i += 4) {
    const t0 = target[i]! + factor * a[i]!;
    const t1 = target[i + 1]! + factor * a[i + 1]!;
    const t2 = target[i + 2]! + factor * a[i + 2]!;
    const t3 = target[i + 3]! + factor * a[i + 3]!;
    target[i] = t0;
    target[i + 1] = t1;
    target[i + 2] = t2;
    target[i + 3] = t3;
    s0 += t0 * b[i]!;
    s1 += t1 * b[i + 1]!;
    s2 += t2 * b[i + 2]!;
    s3 += t3 * b[i + 3]!;
  }
  for (let i = whole; i < target.length; i++) {
    target[i] = target[i]! + factor * a[i]!;
    s0 += target[i]! * b[i]!;
  }
  return s0 + s1 + s2 + s3;
}

/** target ← factor · target. */
export function scale(target: Float32Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] = target[i]! * factor;
}

/** s ← a − b and y ← c − d, with the products of the two. */
export function differences(
  s: Float32Array,
  [a, b]: readonly [Float32Array, Float32Array],
  y: Float32Array,
  [c, d]: readonly [Float32Array, Float32Array],
): { readonly ss: number; readonly sy: number; readonly yy: number } {
  let [ss, sy, yy] = [0, 0, 0];
  for (let i = 0; i < s.length; i++) {
    const step = a[i]! - b[i]!;
    const change = c[i]! - d[i]!;
    s[i] = step;
    y[i] = change;
    ss += step * step;
    sy += step * change;
    yy += change * change;
  }
  return { ss, sy, yy };
}

/** Euclidean length. */
export function norm(a: Float32Array): number {
  return Math.sqrt(dot(a, a));
}

/** Euclidean length of a − b. */
export function distance(a: Float32Array, b: Float32Array): number {
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(squares);
}

/** Largest magnitude. NaN where there is one. */
export function largest(a: Float32Array): number {
  let found = 0;
  for (let i = 0; i < a.length; i++) {
    const size = Math.abs(a[i]!);
    if (!(size <= found)) found = size;
  }
  return found;
}

/** Brings every value into the bounds. */
export function clamp(target: Float32Array, lower: number, upper: number): void {
  for (let i = 0; i < target.length; i++) {
    const value = target[i]!;
    if (value < lower) target[i] = lower;
    else if (value > upper) target[i] = upper;
  }
}
