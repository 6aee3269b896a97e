/** Numbers of ops that what writes networks for other programs needs, too, without TensorFlow. */

/** Added to the variance in instance normalisation; the value of the published networks. */
export const EPSILON = 1e-5;

/**
 * How an image is enlarged by 2: bilinearly between pixel centres, each pixel repeated, or zeros before each pixel, which makes
 * of the convolution that follows a transposed one of stride 2.
 */
export type Enlargement = 'bilinear' | 'nearest' | 'zeros';

/**
 * Enlargement by 2 as weights in one dimension: row (phase a, neighbour u), column (kernel tap t). The enlarged
 * pixel 2i + a + t is Σ_u ENLARGEMENTS[…][a, u][t] · x[i + u], u and t from −1 to 1.
 */
export const ENLARGEMENTS: Readonly<Record<Enlargement, readonly (readonly [number, number, number])[]>> = {
  bilinear: [
    [0.75, 0.25, 0],
    [0.25, 0.75, 0.75],
    [0, 0, 0.25],
    [0.25, 0, 0],
    [0.75, 0.75, 0.25],
    [0, 0.25, 0.75],
  ],
  nearest: [
    [1, 0, 0],
    [0, 1, 1],
    [0, 0, 0],
    [0, 0, 0],
    [1, 1, 0],
    [0, 0, 1],
  ],
  zeros: [
    [1, 0, 0],
    [0, 0, 1],
    [0, 0, 0],
    [0, 0, 0],
    [0, 1, 0],
    [0, 0, 0],
  ],
};
