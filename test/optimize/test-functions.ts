/** Functions with known minima, counted. */
import type { Evaluate } from '../../src/optimize/evaluation.ts';

export interface Counted {
  readonly evaluate: Evaluate<null>;
  /** Values in the order of evaluation. */
  readonly seen: number[];
}

/** Extended Rosenbrock (Moré, Garbow & Hillstrom 1981, problem 21): minimum 0 at (1, 1, …). */
export function rosenbrock(): Counted {
  return counted((x, gradient) => {
    let value = 0;
    for (let i = 0; i < x.length; i += 2) {
      const [a, b] = [x[i + 1]! - x[i]! ** 2, 1 - x[i]!];
      value += 100 * a * a + b * b;
      gradient[i] = -400 * a * x[i]! - 2 * b;
      gradient[i + 1] = 200 * a;
    }
    return value;
  });
}

/** ½ Σ hᵢ (xᵢ − cᵢ)². */
export function quadratic(curvatures: readonly number[], centre: readonly number[]): Counted {
  return counted((x, gradient) => {
    let value = 0;
    curvatures.forEach((h, i) => {
      const away = x[i]! - centre[i]!;
      value += 0.5 * h * away * away;
      gradient[i] = h * away;
    });
    return value;
  });
}

export function counted(f: (x: Float32Array, gradient: Float32Array) => number): Counted {
  const seen: number[] = [];
  const evaluate: Evaluate<null> = (point) => {
    const gradient = new Float32Array(point.length);
    const value = f(point, gradient);
    seen.push(value);
    return { value, gradient, terms: null };
  };
  return { evaluate, seen };
}
