/** A point on the line φ(t) = f(x + t·d). */
export interface LinePoint {
  readonly step: number;
  readonly value: number;
  /** φ′(t). */
  readonly slope: number;
}

export interface WolfeOptions {
  /** c₁ of sufficient decrease. Defaults to 1e-4. */
  readonly decrease?: number;
  /** c₂ of curvature. Defaults to 0.9, for quasi-Newton directions. */
  readonly curvature?: number;
  /** Most evaluations of one search. Defaults to 20. */
  readonly evaluations?: number;
}

export interface LineSearch<Point extends LinePoint> {
  /** Undefined where no point lower than the start was found. */
  readonly point: Point | undefined;
  /** Both strong-Wolfe conditions hold at `point`; otherwise it is the lowest of sufficient decrease. */
  readonly satisfied: boolean;
  readonly evaluations: number;
  /** Trial points that were not finite or spiked, and were given up for shorter ones. */
  readonly undone: number;
}

/** Share of an interval that interpolation may not come nearer to its ends. */
const MARGIN = 0.01;
/** An interval that is still longer than this share of the one two trials ago is halved (Moré & Thuente 1994, §4). */
const SLOW = 0.66;
/** Largest growth from one trial to the next while no bracket is found. */
const GROWTH = 10;

/**
 * Line search for the strong Wolfe conditions (Nocedal & Wright 2006, algorithms 3.5 and 3.6):
 *
 *   φ(t) ≤ φ(0) + c₁ t φ′(0)        and        |φ′(t)| ≤ c₂ |φ′(0)|
 *
 * First a bracket, growing along cubic extrapolation; then the bracket is narrowed by cubic interpolation (eq. 3.59),
 * kept away from its ends. Points that are not finite count as infinitely high: the search turns back from them.
 *
 * @param evaluate φ and φ′ at a step. @param start φ at 0, with a slope below 0. @param first the first step tried.
 * @param spike values above this count as not finite. Defaults to infinity.
 */
export function wolfeSearch<Point extends LinePoint>(
  evaluate: (step: number) => Point,
  start: LinePoint,
  first: number,
  options: WolfeOptions & { readonly spike?: number } = {},
): LineSearch<Point> {
  const {
    decrease = 1e-4,
    curvature = 0.9,
    evaluations: most = 20,
    spike = Number.POSITIVE_INFINITY,
  } = options;
  if (!(start.slope < 0)) throw new RangeError(`A line search needs a slope below 0 but got ${start.slope}.`);
  let evaluations = 0;
  let undone = 0;
  let lowest: Point | undefined;

  const sane = (point: LinePoint) =>
    Number.isFinite(point.value) && Number.isFinite(point.slope) && point.value <= spike;
  const decreases = (point: LinePoint) => point.value <= start.value + decrease * point.step * start.slope;
  const flat = (point: LinePoint) => Math.abs(point.slope) <= -curvature * start.slope;
  const tried = (step: number): Point => {
    const point = evaluate(step);
    evaluations++;
    if (!sane(point)) undone++;
    else if (decreases(point) && point.value < (lowest?.value ?? start.value)) lowest = point;
    return point;
  };
  const done = (point: Point | undefined, satisfied: boolean): LineSearch<Point> => {
    return { point, satisfied, evaluations, undone };
  };

  /** Algorithm 3.6; `low` has sufficient decrease and the lowest value, and slopes towards `high`. */
  const zoom = (low: LinePoint, high: LinePoint): LineSearch<Point> => {
    const widths: number[] = [];
    while (evaluations < most) {
      const width = Math.abs(high.step - low.step);
      const slow = width > SLOW * (widths.at(-2) ?? Number.POSITIVE_INFINITY);
      widths.push(width);
      const step = slow ? (low.step + high.step) / 2 : between(low, high, sane(high));
      // The interval is at the end of the numbers: nothing in between is left to try.
      if (step === low.step || step === high.step) break;
      const point = tried(step);
      if (!sane(point) || !decreases(point) || point.value >= low.value) {
        high = point;
        continue;
      }
      if (flat(point)) return done(point, true);
      if (point.slope * (high.step - low.step) >= 0) high = low;
      low = point;
    }
    return done(lowest, false);
  };

  let previous: LinePoint = start;
  let step = first;
  while (evaluations < most) {
    const point = tried(step);
    if (!sane(point) || !decreases(point) || (evaluations > 1 && point.value >= previous.value))
      return zoom(previous, point);
    if (flat(point)) return done(point, true);
    if (point.slope >= 0) return zoom(point, previous);
    step = beyond(previous, point);
    previous = point;
  }
  return done(lowest, false);
}

/** A step inside the interval: the cubic's minimum, or where the far end is of no use, a quarter of the way. */
function between(low: LinePoint, high: LinePoint, useful: boolean): number {
  const width = high.step - low.step;
  if (!useful) return low.step + 0.25 * width;
  const minimum = cubicMinimum(low, high);
  const share = Number.isFinite(minimum) ? (minimum - low.step) / width : 0.5;
  return low.step + width * Math.min(1 - MARGIN, Math.max(MARGIN, share));
}

/** A step past `to`, where φ still falls: the cubic's minimum, at least as far again and at most `GROWTH` times as far. */
function beyond(from: LinePoint, to: LinePoint): number {
  const minimum = cubicMinimum(from, to);
  const distance = to.step - from.step;
  const [least, most] = [to.step + distance, to.step * GROWTH];
  return Number.isFinite(minimum) && minimum > to.step ? Math.min(most, Math.max(least, minimum)) : most;
}

/** Where the cubic through two points with their slopes is lowest (Nocedal & Wright 2006, eq. 3.59); NaN if nowhere. */
export function cubicMinimum(a: LinePoint, b: LinePoint): number {
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.step - b.step);
  const d2 = Math.sign(b.step - a.step) * Math.sqrt(d1 * d1 - a.slope * b.slope);
  return b.step - ((b.step - a.step) * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
}
