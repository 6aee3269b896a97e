import * as tf from '../engine/tensorflow.ts';
import { extentOf, squaresTimes } from './layer-sums.ts';
import { LOSS_UNITS, type LossUnitsName, layerShares } from './loss-units.ts';
import { type Reduction, sumOf } from './reduction.ts';
import { at, type LayerWeights, perLayer, type Term, valuedBy } from './term.ts';

/**
 * Content loss as a share of the photo's own feature energy: 0 for the photo, about 1 when nothing of it is left.
 *
 *   L = Σ (F − P)² / Σ P²
 *
 * Differs from Johnson et al. (2016, eq. 2), who divide by C·H·W: the share means the same for every loss network,
 * layer and image size, so that one weight does.
 *
 * @param featureMaps F, [N, H, W, C]. @param target P, the photo's, of the same shape.
 * @returns scalar; [N] of each. Caller disposes.
 */
export function relativeContentLoss(
  featureMaps: tf.Tensor,
  target: tf.Tensor,
  of: Reduction = 'all',
): tf.Tensor {
  return tf.tidy(() => {
    const energy = tf.maximum(sumOf(of, tf.square(target)), SMALLEST_ENERGY);
    return tf.div(sumOf(of, tf.squaredDifference(featureMaps, target)), energy);
  });
}

/** Keeps the share finite for a photo of which the layer sees nothing. */
const SMALLEST_ENERGY = 1e-30;

export interface ContentWeights {
  /** Defaults to `relative`: the share of the photo's feature energy that is lost. */
  readonly units?: LossUnitsName;
  readonly contentWeight: number;
  readonly contentLayers: LayerWeights;
}

/** Content: the distance of feature maps to the photo's, in any units. */
export function contentTerm({ units = 'relative', contentWeight, contentLayers }: ContentWeights): Term {
  const { content: unit } = LOSS_UNITS[units];
  return {
    name: 'content',
    weight: contentWeight,
    layers: layerShares(units, contentLayers),
    ...valuedBy((of, picture, all, { content, contentRegions }) =>
      perLayer(contentLayers, (layer) => {
        const maps = at(all, layer);
        const region = contentRegions?.[layer];
        // √m on both sides: the squares then count m times.
        const masked = (t: tf.Tensor) => (region === undefined ? t : tf.mul(t, tf.sqrt(region)));
        const [found, wanted] = [masked(maps), masked(at(content, layer))];
        if (unit === 'share') return relativeContentLoss(found, wanted, of);
        return squaresTimes(unit(extentOf(maps, picture)), found, wanted, of);
      }),
    ),
  };
}
