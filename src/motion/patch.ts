import { type Level, PAD } from './pyramid.ts';

/** Side of a patch, px. */
export const SIDE = 8;
const COUNT = SIDE * SIDE;
/** Steps of the descent at most, and the squared length, px², below which a step is the last. */
const [MOST_STEPS, SHORTEST] = [8, 0.05 ** 2];
/** Squared grey levels per squared pixel added to the diagonal: what has no texture stays where it was expected. */
const STIFFNESS = 300;

/**
 * One patch, moved over a level. A class, so that its arrays are made once; they are of doubles, as all that is computed with them
 * is, and numbers go from method to method in fields, as pairs would be made again a hundred thousand times a frame.
 */
export class Patch {
  u = 0;
  v = 0;
  readonly #template: Level;
  readonly #target: Level;
  readonly #values = new Float64Array(COUNT);
  readonly #gx = new Float64Array(COUNT);
  readonly #gy = new Float64Array(COUNT);
  #x = 0;
  #y = 0;
  #sumX = 0;
  #sumY = 0;
  /** The inverse Hessian, which is symmetric: xx, xy, yy. */
  #xx = 0;
  #xy = 0;
  #yy = 0;
  /** Of the last `#differences`: what the descent goes along. */
  #alongX = 0;
  #alongY = 0;
  /** Where it is: squared differences about their mean, and what the descent goes along from there. */
  #best = 0;
  #bestX = 0;
  #bestY = 0;

  constructor(template: Level, target: Level) {
    this.#template = template;
    this.#target = target;
  }

  /** Takes the template at a place, and its Hessian. */
  place(x: number, y: number): void {
    const { width, padded, across, down } = this.#template;
    const stride = width + 2 * PAD;
    const values = this.#values;
    const gradientX = this.#gx;
    const gradientY = this.#gy;
    this.#x = x;
    this.#y = y;
    let sumX = 0;
    let sumY = 0;
    let xx = 0;
    let xy = 0;
    let yy = 0;
    for (let j = 0, k = 0; j < SIDE; j++) {
      let from = (y + j) * width + x;
      let source = (y + j + PAD) * stride + x + PAD;
      for (let i = 0; i < SIDE; i++, k++) {
        const gx = across[from]!;
        const gy = down[from]!;
        from++;
        values[k] = padded[source++]!;
        gradientX[k] = gx;
        gradientY[k] = gy;
        sumX += gx;
        sumY += gy;
        xx += gx * gx;
        xy += gx * gy;
        yy += gy * gy;
      }
    }
    this.#sumX = sumX / COUNT;
    this.#sumY = sumY / COUNT;
    xx += STIFFNESS - (sumX * sumX) / COUNT;
    yy += STIFFNESS - (sumY * sumY) / COUNT;
    xy -= (sumX * sumY) / COUNT;
    const determinant = xx * yy - xy * xy;
    this.#xx = yy / determinant;
    this.#xy = -xy / determinant;
    this.#yy = xx / determinant;
  }

  begin(u: number, v: number): void {
    const [across, down] = [this.#heldAcross(u), this.#heldDown(v)];
    this.#take(across, down, this.#differences(across, down));
  }

  /** Takes another displacement if it fits better. */
  propose(u: number, v: number): void {
    if (Math.abs(u - this.u) + Math.abs(v - this.v) < 0.25) return;
    const across = this.#heldAcross(u);
    const down = this.#heldDown(v);
    const found = this.#differences(across, down);
    if (found < this.#best) this.#take(across, down, found);
  }

  /** Goes down from where it is, for as long as it fits better; never further than its own side. */
  descend(): void {
    const u0 = this.u;
    const v0 = this.v;
    for (let step = 0; step < MOST_STEPS; step++) {
      const du = this.#xx * this.#bestX + this.#xy * this.#bestY;
      const dv = this.#xy * this.#bestX + this.#yy * this.#bestY;
      const u = this.#heldAcross(this.u - du);
      const v = this.#heldDown(this.v - dv);
      if ((u - u0) ** 2 + (v - v0) ** 2 > SIDE * SIDE) return;
      const found = this.#differences(u, v);
      if (found >= this.#best) return;
      this.#take(u, v, found);
      if (du * du + dv * dv < SHORTEST) return;
    }
  }

  #take(u: number, v: number, found: number): void {
    this.u = u;
    this.v = v;
    this.#best = found;
    this.#bestX = this.#alongX;
    this.#bestY = this.#alongY;
  }

  /** As far as the border goes. */
  #heldAcross(u: number): number {
    return Math.max(-PAD - this.#x, Math.min(this.#template.width - SIDE + PAD - 1 - this.#x, u));
  }

  #heldDown(v: number): number {
    return Math.max(-PAD - this.#y, Math.min(this.#template.height - SIDE + PAD - 1 - this.#y, v));
  }

  /**
   * Squared differences to the target at a displacement, about their mean. The displacement is the same for all of the patch: so are
   * bilinear weights.
   */
  #differences(u: number, v: number): number {
    const { width, padded } = this.#target;
    const stride = width + 2 * PAD;
    const left = Math.floor(u);
    const top = Math.floor(v);
    const fx = u - left;
    const fy = v - top;
    const w00 = (1 - fx) * (1 - fy);
    const w10 = fx * (1 - fy);
    const w01 = (1 - fx) * fy;
    const w11 = fx * fy;
    const values = this.#values;
    const gx = this.#gx;
    const gy = this.#gy;
    let at = (this.#y + top + PAD) * stride + this.#x + left + PAD;
    let sum = 0;
    let squares = 0;
    let alongX = 0;
    let alongY = 0;
    for (let j = 0, k = 0; j < SIDE; j++, at += stride - SIDE) {
      let above = padded[at]!;
      let below = padded[at + stride]!;
      for (let i = 0; i < SIDE; i++, k++, at++) {
        const nextAbove = padded[at + 1]!;
        const nextBelow = padded[at + stride + 1]!;
        const difference = w00 * above + w10 * nextAbove + w01 * below + w11 * nextBelow - values[k]!;
        above = nextAbove;
        below = nextBelow;
        sum += difference;
        squares += difference * difference;
        alongX += gx[k]! * difference;
        alongY += gy[k]! * difference;
      }
    }
    this.#alongX = alongX - this.#sumX * sum;
    this.#alongY = alongY - this.#sumY * sum;
    return squares - (sum * sum) / COUNT;
  }
}
