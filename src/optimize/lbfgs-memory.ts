import { addScaledThenDot, dot, scale } from './vectors.ts';

interface Pair {
  /** Step. */
  readonly s: Float32Array;
  /** Change of the gradient. */
  readonly y: Float32Array;
  /** s·y. */
  readonly curvature: number;
  /** y·y. */
  readonly energy: number;
}

/** s·s, s·y and y·y of a pair. */
interface Products {
  readonly ss: number;
  readonly sy: number;
  readonly yy: number;
}

/** Pairs with a smaller cosine between step and change of gradient say nothing reliable of the curvature. */
const SMALLEST_COSINE = 1e-8;
const clearlyPositive = ({ ss, sy, yy }: Products) => sy > SMALLEST_COSINE * Math.sqrt(ss) * Math.sqrt(yy);

/** The last steps and changes of the gradient, and what they say of the inverse Hessian. */
export class LbfgsMemory {
  readonly #size: number;
  readonly #worth: (products: Products) => boolean;
  #pairs: Pair[] = [];
  /** Vectors that are no longer needed, for the next pair. */
  #spare: Float32Array[] = [];

  /** @param worth whether a pair is remembered. By default where its curvature is clearly positive. */
  constructor(size: number, worth: (products: Products) => boolean = clearlyPositive) {
    this.#size = size;
    this.#worth = worth;
  }

  get length(): number {
    return this.#pairs.length;
  }

  /** A vector to be filled and handed to `remember`: one that is no longer needed, if there is one. */
  vector(length: number): Float32Array {
    const spare = this.#spare.pop();
    return spare?.length === length ? spare : new Float32Array(length);
  }

  /**
   * Stores a pair, unless its curvature is too small; drops the oldest when full.
   *
   * @param products where they are known already.
   */
  remember(
    s: Float32Array,
    y: Float32Array,
    products: Products = { ss: dot(s, s), sy: dot(s, y), yy: dot(y, y) },
  ): boolean {
    if (!this.#worth(products)) {
      this.#spare = [s, y];
      return false;
    }
    this.#pairs.push({ s, y, curvature: products.sy, energy: products.yy });
    if (this.#pairs.length > this.#size) {
      const oldest = this.#pairs.shift()!;
      this.#spare = [oldest.s, oldest.y];
    }
    return true;
  }

  forget(): void {
    this.#pairs = [];
  }

  /**
   * −H·g by the two-loop recursion (Nocedal & Wright 2006, algorithm 7.4), with H₀ = sᵀy/yᵀy of the newest pair (eq. 7.20).
   *
   * @returns a new vector; the caller's.
   */
  direction(gradient: Float32Array): Float32Array {
    const q = Float32Array.from(gradient);
    const pairs = this.#pairs;
    const newest = pairs.at(-1);
    if (newest === undefined) {
      scale(q, -1);
      return q;
    }
    // Each pass subtracts one pair's part and already takes the next one's product.
    const alphas = new Array<number>(pairs.length);
    let product = dot(newest.s, q);
    for (let i = pairs.length - 1; i >= 0; i--) {
      const { y, curvature } = pairs[i]!;
      alphas[i] = product / curvature;
      product = addScaledThenDot(q, -alphas[i]!, y, (pairs[i - 1] ?? pairs[0]!).s);
    }
    scale(q, newest.curvature / newest.energy);
    product = dot(pairs[0]!.y, q);
    for (let i = 0; i < pairs.length; i++) {
      const { s, curvature } = pairs[i]!;
      const beta = product / curvature;
      product = addScaledThenDot(q, alphas[i]! - beta, s, (pairs[i + 1] ?? pairs[i]!).y);
    }
    scale(q, -1);
    return q;
  }

  /** The same memory on another grid. @param gradientScale how much longer gradients are there, value for value. */
  rescaled(resize: (vector: Float32Array) => Float32Array, gradientScale: number): LbfgsMemory {
    const other = new LbfgsMemory(this.#size, this.#worth);
    for (const { s, y } of this.#pairs) {
      const change = resize(y);
      scale(change, gradientScale);
      other.remember(resize(s), change);
    }
    return other;
  }
}
