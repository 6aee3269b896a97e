import { DataType } from '../data-type.ts';
import { nativeBackend, typeAttribute } from '../native-backend.ts';
import * as tf from '../tensorflow.ts';

/**
 * For each row of choices the value that it chooses.
 *
 * Why not `tf.gather`: tfjs reads the indices to check them, which a compiled function must not.
 *
 * @param values [S, …], float32. @param choices [N, S], one-hot.
 * @returns [N, …]. No gradient. Caller disposes.
 */
export function takeChosen(values: tf.Tensor, choices: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const attributes = [
      typeAttribute('Tparams', DataType.FLOAT),
      typeAttribute('Tindices', DataType.INT32),
      typeAttribute('Taxis', DataType.INT32),
      { name: 'batch_dims', type: nativeBackend().binding.TF_ATTR_INT, value: 0 },
    ];
    const inputs = [values, tf.argMax(choices, 1), tf.scalar(0, 'int32')];
    return nativeBackend().executeSingleOutput('GatherV2', attributes, inputs);
  });
}
