import { DataType } from '../data-type.ts';
import { nativeBackend, stringAttribute, typeAttribute } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';

/**
 * Reads an image along rows and columns, each new row a weighted sum of old ones and each new column likewise:
 *
 *   y[n, p, q, c] = Σ_h Σ_w rows[(n,) p, h] · columns[(n,) q, w] · x[n, h, w, c]
 *
 * Why not `tf.matMul`: products of matrices are computed in bf16 where a function is compiled so, whose 8 bits would round
 * pixels to whole grey levels. Einsum stays in f32.
 *
 * @param images [N, H, W, C], float32. @param rows [P, H], or [N, P, H] for each image its own. @param columns [Q, W], or
 *   [N, Q, W]. Neither has a gradient.
 * @returns [N, P, Q, C]. Caller disposes.
 */
export function resample(images: tf.Tensor4D, rows: tf.Tensor, columns: tf.Tensor): tf.Tensor4D {
  const [along, back] = rows.rank === 2 ? [ALONG, BACK] : [ALONG_OWN, BACK_OWN];
  const move = tf.customGrad((x, save) => {
    // The caller may be done with them before the gradient is asked for.
    (save as tf.GradSaveFunc)([rows, columns]);
    return {
      value: bothWays(x as tf.Tensor, rows, columns, along),
      gradFunc: (dy: tf.Tensor, [rows, columns]: tf.Tensor[]) => bothWays(dy, rows!, columns!, back),
    };
  });
  return move(images) as tf.Tensor4D;
}

/** Rows first, then columns; the gradient is the same with each matrix transposed. */
const ALONG = ['ph,nhwc->npwc', 'qw,npwc->npqc'] as const;
const BACK = ['ph,npqc->nhqc', 'qw,nhqc->nhwc'] as const;
/** The same with matrices of each image's own. */
const ALONG_OWN = ['nph,nhwc->npwc', 'nqw,npwc->npqc'] as const;
const BACK_OWN = ['nph,npqc->nhqc', 'nqw,nhqc->nhwc'] as const;

function bothWays(
  x: tf.Tensor,
  rows: tf.Tensor,
  columns: tf.Tensor,
  [first, second]: readonly [string, string],
): tf.Tensor {
  return tf.tidy(() => einsum(second, columns, einsum(first, rows, x)));
}

function einsum(equation: string, ...operands: tf.Tensor[]): tf.Tensor {
  const attributes = [
    typeAttribute('T', DataType.FLOAT),
    { name: 'N', type: nativeBackend().binding.TF_ATTR_INT, value: operands.length },
    stringAttribute('equation', equation),
  ];
  return nativeBackend().executeSingleOutput('Einsum', attributes, operands);
}
