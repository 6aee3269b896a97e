/**
 * Bilinear enlargement by 2 as weights in one dimension: row (phase a, neighbour u), column (kernel tap t). The enlarged
 * pixel 2i + a + t is Σ_u ENLARGEMENT[a, u][t] · x[i + u], u and t from −1 to 1.
 */
export const ENLARGEMENT: readonly (readonly [number, number, number])[] = [
  [0.75, 0.25, 0],
  [0.25, 0.75, 0.75],
  [0, 0, 0.25],
  [0.25, 0, 0],
  [0.75, 0.75, 0.25],
  [0, 0.25, 0.75],
];
