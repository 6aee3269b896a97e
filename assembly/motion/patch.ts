/** One patch, moved over a level: 8×8 places, two vectors a row. There is one at a time, so its state lies in globals. */
import { floats } from '../floats';
import { PAD, placeOf } from './padded';

/** Side of a patch, px. */
export const SIDE: i32 = 8;
const COUNT: f32 = 64;
/** Steps of the descent at most, and the squared length, px², below which a step is the last. */
const MOST_STEPS: i32 = 8;
const SHORTEST: f32 = 0.05 * 0.05;
/** Squared grey levels per squared pixel added to the diagonal: what has no texture stays where it was expected. */
const STIFFNESS: f64 = 300;

/** Bytes of what is kept of the template: by columns of four places, as a descent reads it. */
const PLANE: usize = 256;
const values: usize = memory.data(256, 16);
const gradientX: usize = memory.data(256, 16);
const gradientY: usize = memory.data(256, 16);

/** The displacement found, px. */
export let u: f32 = 0;
export let v: f32 = 0;

/** Where the template is, and the size of the levels. */
let left: i32 = 0;
let top: i32 = 0;
let width: i32 = 0;
let height: i32 = 0;
let target: usize = 0;
/** Means of the template's gradients. */
let meanX: f32 = 0;
let meanY: f32 = 0;
/** The inverse Hessian, which is symmetric. */
let xx: f32 = 0;
let xy: f32 = 0;
let yy: f32 = 0;
/** Of the last `differences`: what the descent goes along. */
let alongX: f32 = 0;
let alongY: f32 = 0;
/** Where it is: squared differences about their mean, and what the descent goes along from there. */
let best: f32 = 0;
let bestX: f32 = 0;
let bestY: f32 = 0;

/** The levels that patches are taken of and moved over. */
export function ofLevels(over: usize, ofWidth: i32, ofHeight: i32): void {
  target = over;
  width = ofWidth;
  height = ofHeight;
}

// @ts-ignore: decorator
@inline
function sum(lanes: v128): f32 {
  return (
    f32x4.extract_lane(lanes, 0) +
    f32x4.extract_lane(lanes, 1) +
    (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3))
  );
}

/** Takes the template at a place, its central differences, and its Hessian. */
export function place(template: usize, x: i32, y: i32): void {
  left = x;
  top = y;
  const line = floats(width + 2 * PAD);
  const half = f32x4.splat(0.5);
  let sumsX = f32x4.splat(0);
  let sumsY = f32x4.splat(0);
  let squaresX = f32x4.splat(0);
  let products = f32x4.splat(0);
  let squaresY = f32x4.splat(0);
  let k: usize = 0;
  for (let column = 0; column < SIDE; column += 4) {
    let at = placeOf(template, width, x + column, y);
    for (let row = 0; row < SIDE; row++, at += line, k += 16) {
      const gx = f32x4.mul(half, f32x4.sub(v128.load(at + 4), v128.load(at - 4)));
      const gy = f32x4.mul(half, f32x4.sub(v128.load(at + line), v128.load(at - line)));
      v128.store(values + k, v128.load(at));
      v128.store(gradientX + k, gx);
      v128.store(gradientY + k, gy);
      sumsX = f32x4.add(sumsX, gx);
      sumsY = f32x4.add(sumsY, gy);
      squaresX = f32x4.add(squaresX, f32x4.mul(gx, gx));
      products = f32x4.add(products, f32x4.mul(gx, gy));
      squaresY = f32x4.add(squaresY, f32x4.mul(gy, gy));
    }
  }
  const sumX = sum(sumsX);
  const sumY = sum(sumsY);
  meanX = sumX / COUNT;
  meanY = sumY / COUNT;
  const hxx = <f64>sum(squaresX) - <f64>sumX * meanX + STIFFNESS;
  const hxy = <f64>sum(products) - <f64>sumX * meanY;
  const hyy = <f64>sum(squaresY) - <f64>sumY * meanY + STIFFNESS;
  const determinant = hxx * hyy - hxy * hxy;
  xx = <f32>(hyy / determinant);
  xy = <f32>(-hxy / determinant);
  yy = <f32>(hxx / determinant);
}

export function begin(across: f32, down: f32): void {
  const atU = heldAcross(across);
  const atV = heldDown(down);
  take(atU, atV, differences(atU, atV));
}

/** Takes another displacement if it fits better. */
export function propose(across: f32, down: f32): void {
  if (abs(across - u) + abs(down - v) < 0.25) return;
  const atU = heldAcross(across);
  const atV = heldDown(down);
  const found = differences(atU, atV);
  if (found < best) take(atU, atV, found);
}

/** Goes down from where it is, for as long as it fits better; never further than its own side. */
export function descend(): void {
  const u0 = u;
  const v0 = v;
  for (let step = 0; step < MOST_STEPS; step++) {
    const du = xx * bestX + xy * bestY;
    const dv = xy * bestX + yy * bestY;
    const nextU = heldAcross(u - du);
    const nextV = heldDown(v - dv);
    if ((nextU - u0) * (nextU - u0) + (nextV - v0) * (nextV - v0) > COUNT) return;
    const found = differences(nextU, nextV);
    if (found >= best) return;
    take(nextU, nextV, found);
    if (du * du + dv * dv < SHORTEST) return;
  }
}

function take(atU: f32, atV: f32, found: f32): void {
  u = atU;
  v = atV;
  best = found;
  bestX = alongX;
  bestY = alongY;
}

/** As far as the border goes. */
function heldAcross(across: f32): f32 {
  return max<f32>(<f32>(-PAD - left), min<f32>(<f32>(width - SIDE + PAD - 1 - left), across));
}

function heldDown(down: f32): f32 {
  return max<f32>(<f32>(-PAD - top), min<f32>(<f32>(height - SIDE + PAD - 1 - top), down));
}

/**
 * Squared differences to the target at a displacement, about their mean. The displacement is the same for all of the patch: so are
 * bilinear weights.
 */
function differences(across: f32, down: f32): f32 {
  const line = floats(width + 2 * PAD);
  const wholeX = floor(across);
  const wholeY = floor(down);
  const fx = f32x4.splat(across - wholeX);
  const fy = f32x4.splat(down - wholeY);
  let at = placeOf(target, width, left + <i32>wholeX, top + <i32>wholeY);
  let sums = f32x4.splat(0);
  let squares = f32x4.splat(0);
  let along = f32x4.splat(0);
  let alongDown = f32x4.splat(0);
  for (let k: usize = 0; k < PLANE; at += 16 - <usize>SIDE * line) {
    let above = between(at, fx);
    for (const end = k + PLANE / 2; k < end; k += 16) {
      at += line;
      const below = between(at, fx);
      const value = f32x4.add(above, f32x4.mul(fy, f32x4.sub(below, above)));
      const difference = f32x4.sub(value, v128.load(values + k));
      above = below;
      sums = f32x4.add(sums, difference);
      squares = f32x4.add(squares, f32x4.mul(difference, difference));
      along = f32x4.add(along, f32x4.mul(v128.load(gradientX + k), difference));
      alongDown = f32x4.add(alongDown, f32x4.mul(v128.load(gradientY + k), difference));
    }
  }
  const total = sum(sums);
  alongX = sum(along) - meanX * total;
  alongY = sum(alongDown) - meanY * total;
  return sum(squares) - (total * total) / COUNT;
}

/** Four places a part of one to the right. */
// @ts-ignore: decorator
@inline
export function between(at: usize, part: v128): v128 {
  const here = v128.load(at);
  return f32x4.add(here, f32x4.mul(part, f32x4.sub(v128.load(at + 4), here)));
}
