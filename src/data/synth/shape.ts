/** Outlines of things: how far a point is from them. */
import type { Random } from '../random.ts';
import { between } from './draw.ts';

/** A shape of half-length `a` along (cos, sin) and half-width `b` across it, around (x, y), px. */
export interface Shape {
  readonly form: 'ellipse' | 'box' | 'stem' | 'polygon';
  readonly x: number;
  readonly y: number;
  readonly a: number;
  readonly b: number;
  readonly cos: number;
  readonly sin: number;
  /** Sides of a polygon: unit vector and distance in shares of a and b, three by three. */
  readonly sides?: Float64Array;
}

/**
 * Signed distance from a shape's outline in its own axes, px, about: negative inside.
 *
 * @param u, v along and across, from its middle.
 */
export function distanceTo(shape: Shape, u: number, v: number): number {
  const { form, a, b } = shape;
  if (form === 'ellipse') {
    // First order (Taubin 1991): the value over the length of its gradient.
    const p = u / a;
    const q = v / b;
    const k = Math.sqrt(p * p + q * q);
    const slope = Math.sqrt((p / a) * (p / a) + (q / b) * (q / b));
    return slope < 1e-9 ? -Math.min(a, b) : ((k - 1) * k) / slope;
  }
  if (form === 'box') {
    const p = Math.abs(u) - a;
    const q = Math.abs(v) - b;
    return p > 0 && q > 0 ? Math.sqrt(p * p + q * q) : Math.max(p, q);
  }
  if (form === 'stem') {
    // Thinner towards its far end.
    const along = Math.max(-1, Math.min(1, u / a));
    const off = u - along * a;
    return Math.sqrt(off * off + v * v) - b * (1 - 0.35 * (along + 1));
  }
  const sides = shape.sides!;
  let furthest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < sides.length; i += 3) {
    const beyond = (sides[i]! * u) / a + (sides[i + 1]! * v) / b - sides[i + 2]!;
    if (beyond > furthest) furthest = beyond;
  }
  return furthest * Math.min(a, b);
}

/** How far a shape reaches from its middle to the sides and up and down, px. */
export function reachOf({ form, a, b, cos, sin }: Shape): readonly [x: number, y: number] {
  const [c, s] = [Math.abs(cos), Math.abs(sin)];
  // A stem's round ends stand out; corners of a polygon reach beyond its sides' distances.
  const [along, across] = form === 'stem' ? [a + b, b] : form === 'polygon' ? [1.8 * a, 1.8 * b] : [a, b];
  if (form !== 'ellipse') return [along * c + across * s, along * s + across * c];
  return [Math.sqrt(a * c * a * c + b * s * b * s), Math.sqrt(a * s * a * s + b * c * b * c)];
}

/** Sides of a convex polygon around its middle: three to six, none of them regular. */
export function polygonSides(next: Random): Float64Array {
  const count = 3 + Math.floor(next() * 4);
  const from = next();
  return Float64Array.from(
    Array.from({ length: count }, (_, i) => {
      const [x, y] = aroundSquare((4 * (i + from + between(-0.2, 0.2, next))) / count);
      return [x, y, between(0.6, 1, next)];
    }).flat(),
  );
}

/** The direction of a point on a square's border, t of 4 sides from its corner: round the circle without a sine. */
function aroundSquare(t: number): readonly [x: number, y: number] {
  const turn = ((t % 4) + 4) % 4;
  const along = 2 * (turn % 1) - 1;
  const corner = Math.floor(turn);
  const [x, y] = [
    [along, -1],
    [1, along],
    [-along, 1],
    [-1, -along],
  ][corner] as [number, number];
  const length = Math.sqrt(x * x + y * y);
  return [x / length, y / length];
}
