import test from 'node:test';
import { channelMoments, normalizeWith } from '../../../src/engine/ops/channel-moments.ts';
import { instanceNormalization } from '../../../src/engine/ops/instance-normalization.ts';
import * as tf from '../../../src/engine/tensorflow.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { expectTensorClose } from '../../helpers/tensor-close.ts';

test('mean and variance are those of the pixels, and normalising with them is instance normalisation', async () => {
  const [height, width] = [7, 9];
  const image = tf.randomNormal<tf.Rank.R4>([1, height, width, 3], 5, 2, 'float32', 1);
  const [scale, offset] = [tf.tensor1d([1, 2, -0.5]), tf.tensor1d([0, 1, 3])];
  await expectNoLeak(() =>
    tf.tidy(() => {
      const { mean, variance } = channelMoments(image);
      const wanted = tf.moments(image, [0, 1, 2]);
      const pixels = height * width;
      expectTensorClose(mean, wanted.mean);
      expectTensorClose(tf.mul(variance, (pixels - 1) / pixels), wanted.variance);
      const normalized = normalizeWith(image, [scale, offset, wanted.mean, wanted.variance]);
      expectTensorClose(normalized, instanceNormalization(image, scale, offset), { absolute: 1e-5 });
    }),
  );
  tf.dispose([image, scale, offset]);
});
