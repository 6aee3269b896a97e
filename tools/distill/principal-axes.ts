import * as tf from '../../src/engine/tensorflow.ts';

const ROUNDS = 60;

/**
 * The orthonormal directions in which most of some features' energy lies: the leading eigenvectors of Σ φφᵀ, by orthogonal
 * iteration (Golub & Van Loan, Matrix Computations, §7.3.2).
 *
 * @param moments [C, C], symmetric, row by row. @returns [C, count], row by row.
 */
export function principalAxes(moments: Float64Array, channels: number, count: number): Float32Array {
  let axes: Float64Array[] = Array.from({ length: count }, (_, i) =>
    Float64Array.from({ length: channels }, (_, c) => Math.cos((i + 1) * (c + 0.5)) + (c === i ? 1 : 0)),
  );
  for (let round = 0; round < ROUNDS; round++) {
    axes = axes.map((axis) => times(moments, axis));
    orthonormalise(axes);
  }
  return Float32Array.from(
    { length: channels * count },
    (_, at) => axes[at % count]![Math.floor(at / count)]!,
  );
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const side = vector.length;
  return vector.map((_, row) => dot(matrix.subarray(row * side, (row + 1) * side), vector));
}

/** Gram and Schmidt's, twice over each for the sake of rounding. */
function orthonormalise(vectors: readonly Float64Array[]): void {
  vectors.forEach((vector, i) => {
    for (let pass = 0; pass < 2; pass++) {
      for (const before of vectors.slice(0, i)) {
        const part = dot(vector, before);
        for (let c = 0; c < vector.length; c++) vector[c] = vector[c]! - part * before[c]!;
      }
    }
    const length = Math.sqrt(dot(vector, vector));
    for (let c = 0; c < vector.length; c++) vector[c] = vector[c]! / length;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Features in the coordinates of some axes: φ·P, [N, H, W, count]. Caller disposes. */
export function inCoordinates(features: tf.Tensor4D, axes: tf.Tensor2D): tf.Tensor4D {
  const [channels, count] = axes.shape;
  return tf.tidy(() =>
    tf.conv2d(features, tf.reshape(axes, [1, 1, channels, count]) as tf.Tensor4D, 1, 'valid'),
  );
}
