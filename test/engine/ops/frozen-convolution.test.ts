import test from 'node:test';
import { frozenConvolution } from '../../../src/engine/ops/frozen-convolution.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectGradientMatches } from '../../helpers/finite-differences.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

for (const [size, width] of [
  [1, 7],
  [3, 7],
  [5, 7],
  [1, 8],
  [3, 8],
  [5, 8],
] as const) {
  test(`a ${size}×${size} kernel on a width of ${width}: values and gradient are the plain convolution's`, async () => {
    const images = tf.randomNormal([2, 6, width, 3], 0, 1, 'float32', 1) as tf.Tensor4D;
    const kernel = tf.randomNormal([size, size, 3, 4], 0, 0.5, 'float32', 2) as tf.Tensor4D;
    await expectNoLeak(() => {
      tf.tidy(() => {
        const plain = (x: tf.Tensor4D) => tf.conv2d(x, kernel, 1, 'same');
        const loss = (convolve: (x: tf.Tensor4D) => tf.Tensor) => (x: tf.Tensor) =>
          tf.sum(tf.square(convolve(x as tf.Tensor4D)));
        expectTensorClose(frozenConvolution(images, kernel), plain(images));
        expectTensorClose(
          tf.grad(loss((x) => frozenConvolution(x, kernel)))(images),
          tf.grad(loss(plain))(images),
        );
      });
      expectGradientMatches((x) => tf.sum(tf.square(frozenConvolution(x as tf.Tensor4D, kernel))), [images]);
    });
    tf.dispose([images, kernel]);
  });
}
