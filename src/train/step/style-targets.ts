import * as tf from '../../engine/tensorflow.ts';
import type { PaintingTargets } from '../../losses/term.ts';
import type { ObjectiveWeights } from '../../losses/terms.ts';
import type { LossNetwork } from '../../networks/loss-network.ts';
import type { Picture } from '../../picture.ts';
import { targetsOf } from './objective.ts';

/** One of several styles that are trained in one network. */
export interface StyleTarget {
  readonly name: string;
  readonly painting: Picture;
  /** Weight of its style loss, in place of the configuration's. */
  readonly styleWeight: number;
}

/** What of several paintings is aimed at: `targetsOf` each, stacked to [S, …] per layer. Caller disposes. */
export function stackedTargets(
  styles: readonly StyleTarget[],
  lossNetwork: LossNetwork,
  weights: ObjectiveWeights,
): PaintingTargets['statistics'] {
  return tf.tidy(() => {
    const each = styles.map(({ painting }) => targetsOf(painting, lossNetwork, weights));
    const layers = Object.keys(each[0] ?? {});
    return Object.fromEntries(
      layers.map((layer) => [layer, tf.concat(each.map((targets) => targets[layer]!))]),
    );
  });
}
