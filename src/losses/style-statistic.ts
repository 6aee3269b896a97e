import type * as tf from '../engine/tensorflow.ts';
import { gramMatrix, relativeStyleLoss } from './gram-matrix.ts';
import { momentMatrix, relativeMomentLoss } from './moment-matrix.ts';
import type { Reduction } from './reduction.ts';

/** What of a layer's feature maps is its style: Gatys' Gram matrix, or covariance and mean. */
export type StyleStatistic = 'gram' | 'moments';

interface StatisticFunctions {
  /** [N, H, W, C] → [N, C or C + 1, C]. Painting and picture go through the same function. Caller disposes. */
  readonly of: (featureMaps: tf.Tensor4D) => tf.Tensor3D;
  /** Distance to the painting's, as a share: 0 is the painting. Caller disposes. */
  readonly loss: (statistic: tf.Tensor, target: tf.Tensor, of?: Reduction) => tf.Tensor;
}

export const STYLE_STATISTICS: Readonly<Record<StyleStatistic, StatisticFunctions>> = {
  gram: { of: gramMatrix, loss: relativeStyleLoss },
  moments: { of: momentMatrix, loss: relativeMomentLoss },
};
