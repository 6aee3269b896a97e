import * as tf from '../../src/engine/tensorflow.ts';
import type { LossNetworkWeights } from '../../src/networks/loss-network-weights.ts';
import { ConfigError, expected } from '../../src/system/errors.ts';
import type { StudentConvolution } from './student.ts';

/**
 * An earlier student's weights as the first of this one, which answers the same (Chen, Goodfellow & Shlens 2016, 'Net2Net', §2):
 * a broader kernel has the earlier one in its middle and zeros around, and a convolution that is new hands on what it gets, which
 * is rectified, so that the ReLU after it changes nothing. Caller disposes.
 *
 * @throws {ConfigError} the widths differ.
 */
export function grownStudent(
  convolutions: readonly StudentConvolution[],
  { layers }: LossNetworkWeights,
): tf.Tensor[] {
  return convolutions.flatMap(({ name, kernelShape, gain, biasGain }) => {
    const [side, , from, to] = kernelShape;
    const earlier = layers.get(name) ?? identity(from);
    const [earlierSide, , earlierFrom, earlierTo] = earlier.kernelShape;
    if (earlierFrom !== from || earlierTo !== to || earlierSide > side)
      throw new ConfigError(
        expected(`${name} of at most [${kernelShape}] to grow from`, earlier.kernelShape),
      );
    const border = (side - earlierSide) / 2;
    return tf.tidy(() => {
      const kernel = tf.tensor4d(earlier.kernel, [...earlier.kernelShape]);
      const around: [number, number] = [border, border];
      return [
        tf.div(tf.pad(kernel, [around, around, [0, 0], [0, 0]]), gain),
        tf.div(tf.tensor1d(earlier.bias), biasGain),
      ];
    });
  });
}

function identity(channels: number) {
  const kernel = new Float32Array(channels ** 2);
  for (let c = 0; c < channels; c++) kernel[c * channels + c] = 1;
  return { kernel, kernelShape: [1, 1, channels, channels] as const, bias: new Float32Array(channels) };
}
