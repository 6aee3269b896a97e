import { resample } from '../engine/ops/resample.ts';
import * as tf from '../engine/tensorflow.ts';
import { type Reduction, sumOf } from './reduction.ts';
import { type Term, valuedBy } from './term.ts';

/**
 * Stability loss: how far one painted picture is from where another says it should be, as a share of what both show. It is
 * 1 less Lin's concordance correlation (Lin 1989, 'A Concordance Correlation Coefficient to Evaluate Reproducibility'), over
 * all places that both know:
 *
 *   L = Σ m (a − b)² / Σ m [ (a − ā)² + (b − b̄)² + (ā − b̄)² ]
 *
 * with means ā and b̄ per channel: 0 where the two are the same, 1 where they have nothing to do with one another. A share, as
 * the other terms; and, unlike a plain squared distance, it gains nothing by less contrast: a paler picture that flickers
 * as much in proportion has the same loss.
 *
 * Differs from what is usual for video (a mean squared distance: Huang et al. 2017, ReCoNet 2018), which falls when the style weakens.
 *
 * @param painted a, [N, H, W, C], pixels in [0, 255]. @param wanted b, of the same shape.
 * @param inside m, [N, H, W, 1], 1 where both are known, else 0; somewhere 1.
 * @returns scalar; [N] of each. Caller disposes.
 */
export function stabilityLoss(
  painted: tf.Tensor4D,
  wanted: tf.Tensor4D,
  inside: tf.Tensor4D,
  of: Reduction = 'all',
): tf.Tensor {
  return tf.tidy(() => {
    const places = sumOf(of, inside);
    // Per channel, [C]; of each picture [N, 1, 1, C].
    const over = (values: tf.Tensor) =>
      of === 'all' ? tf.sum(tf.mul(values, inside), [0, 1, 2]) : tf.sum(tf.mul(values, inside), [1, 2], true);
    const placesWide = of === 'all' ? places : tf.reshape(places, [-1, 1, 1, 1]);
    const mean = (values: tf.Tensor) => tf.div(over(values), placesWide);
    // Not tf.squaredDifference: its gradient in tfjs 4.22 knows nothing of sides that are repeated.
    const spread = (values: tf.Tensor, about: tf.Tensor) => sumOf(of, over(tf.square(tf.sub(values, about))));
    const [a, b] = [mean(painted), mean(wanted)];
    const apart = tf.mul(sumOf(of, tf.square(tf.sub(a, b))), places);
    const shown = tf.addN([spread(painted, a), spread(wanted, b), apart]);
    const difference = sumOf(of, tf.mul(tf.squaredDifference(painted, wanted), inside));
    return tf.div(difference, tf.maximum(shown, tf.mul(places, FAINTEST)));
  });
}

/** Squared grey levels: what is fainter shows nothing, and a blank picture must not have a steep loss. */
const FAINTEST = 1;

export interface StabilityWeights {
  /** With 0, the default, the term is left out. */
  readonly stabilityWeight?: number | undefined;
}

/**
 * Stability: the painting of the next moment against the painting, moved as the photo was. What a video does from frame to
 * frame, of a single photo: the motion is known exactly, so no optical flow has to be estimated and no film found (ReReVST:
 * Wang et al. 2020, 'Consistent Video Style Transfer via Compound Regularization'). Gradients flow through both sides.
 */
export function stabilityTerms({ stabilityWeight = 0 }: StabilityWeights): Term[] {
  if (stabilityWeight === 0) return [];
  return [
    {
      name: 'stability',
      weight: stabilityWeight,
      layers: {},
      notOfPicture: 'of pairs of pictures',
      ...valuedBy((of, picture, _maps, { next }) => {
        if (next === undefined) throw new Error('Stability is of a picture and of its next moment.');
        return tf.tidy(() => {
          const { painted, rows, columns, inside } = next();
          return stabilityLoss(painted, resample(picture, rows, columns), inside, of);
        });
      }),
    },
  ];
}
