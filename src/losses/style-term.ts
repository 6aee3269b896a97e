import * as tf from '../engine/tensorflow.ts';
import { guidedStatistic } from './guided-statistic.ts';
import { extentOf, squaresTimes } from './layer-sums.ts';
import { LOSS_UNITS, type LossUnitsName, layerShares } from './loss-units.ts';
import { STYLE_STATISTICS, type StyleStatistic } from './style-statistic.ts';
import { at, type LayerWeights, perLayer, type Term, valuedBy } from './term.ts';

export interface StyleWeights extends StyleMeasure {
  /** Defaults to `relative`: the share of the painting's own statistics that is missed. */
  readonly units?: LossUnitsName;
  /** A tensor where it is known only when run: a scalar, or [N] for pictures of several styles. */
  readonly styleWeight: number | tf.Tensor;
  readonly styleLayers: LayerWeights;
  /** Shares of several paintings, in the order of their targets. Defaults to one painting. */
  readonly paintings?: readonly number[] | undefined;
}

/** How style is measured: of painting and picture alike. */
export interface StyleMeasure {
  /** What is compared with the painting at the style layers. Defaults to Gram matrices. */
  readonly styleStatistic?: StyleStatistic;
  /** What Gram matrices are means over: `features` divides by positions and channels, and is the default. */
  readonly gramsOver?: 'features' | 'positions';
}

/**
 * Style statistics of feature maps; with guidance those of the part that it shows, which are always over positions.
 *
 * @returns [N, C, C] or [N, C + 1, C]. Caller disposes.
 */
export function styleStatisticOf(
  { styleStatistic = 'gram', gramsOver = 'features' }: StyleMeasure,
  maps: tf.Tensor4D,
  guidance?: tf.Tensor,
): tf.Tensor3D {
  if (guidance !== undefined) return guidedStatistic(styleStatistic, maps, guidance);
  const { of } = STYLE_STATISTICS[styleStatistic];
  if (styleStatistic === 'moments' || gramsOver === 'features') return of(maps);
  // `gramMatrix` is divided by C·H·W; the mean over positions is C times as much.
  return tf.tidy(() => tf.mul(of(maps), maps.shape[3]));
}

/** Style: the distance of statistics to the paintings', in any units; one term for each painting. */
export function styleTerms(weights: StyleWeights): Term[] {
  const { units = 'relative', styleWeight, styleLayers, paintings = [1] } = weights;
  const { styleStatistic = 'gram', gramsOver = 'features' } = weights;
  const { style: unit } = LOSS_UNITS[units];
  const shares = Object.entries(layerShares(units, styleLayers));
  return paintings.map((share, place) => ({
    name: 'style',
    weight: styleWeight,
    layers: Object.fromEntries(shares.map(([layer, ofLayer]) => [layer, ofLayer * share])),
    ...valuedBy((of, picture, all, targets) =>
      perLayer(styleLayers, (layer) => {
        const { statistics, guidance } = at(targets.paintings, String(place));
        const maps = at(all, layer);
        const found = styleStatisticOf(weights, maps, guidance?.[layer]);
        const wanted = at(statistics, layer);
        if (unit === 'share') return STYLE_STATISTICS[styleStatistic].loss(found, wanted, of);
        const extent = extentOf(maps, picture);
        const divisor = gramsOver === 'features' ? extent.channels : 1;
        return squaresTimes(unit(extent) * divisor ** 2, found, wanted, of);
      }),
    ),
  }));
}
