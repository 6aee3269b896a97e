import * as tf from '../engine/tensorflow.ts';
import { latticeLoss } from '../losses/lattice-loss.ts';
import { contentLossIn, extentOf, styleLossIn } from '../losses/layer-losses.ts';
import { LOSS_UNITS } from '../losses/loss-units.ts';
import { TOTAL_VARIATIONS } from '../losses/total-variation.ts';
import type { LossNetwork } from '../networks/loss-network.ts';
import type { OptimizeConfig } from './config.ts';
import { asRgb, statisticOf, type Targets } from './targets.ts';

/** One scalar of the objective: what it is and what it counts. */
export interface Term {
  readonly kind: 'content' | 'style' | 'tv' | 'lattice' | 'pixels';
  /** Of content and style. */
  readonly layer: string;
  /** Factor in its kind's term: share of the layer (times the painting's). */
  readonly share: number;
  /** Factor in the total. */
  readonly weight: number;
}

/**
 * The terms of an objective, in the order in which `termValues` answers them. Those that weigh nothing are left out.
 *
 * @param paintings the share of each in the style term.
 */
export function termsOf(config: OptimizeConfig, targets: Targets, paintings: readonly number[]): Term[] {
  const shareOf = (weights: Readonly<Record<string, number>>, layer: string) => {
    const sum = Object.values(weights).reduce((total, weight) => total + weight, 0);
    return LOSS_UNITS[config.units].layers === 'mean' ? weights[layer]! / sum : weights[layer]!;
  };
  const term = (kind: Term['kind'], layer: string, share: number, factor: number): Term => {
    return { kind, layer, share, weight: share * factor };
  };
  const content = Object.keys(targets.content).map((layer) =>
    term('content', layer, shareOf(config.contentLayers, layer), config.contentWeight),
  );
  const style = Object.values(targets.styles).flatMap(({ statistics }, i) =>
    Object.keys(statistics).map((layer) =>
      term('style', layer, shareOf(config.styleLayers, layer) * paintings[i]!, config.styleWeight),
    ),
  );
  return [
    ...content,
    ...style,
    ...(config.tvWeight > 0 ? [term('tv', '', 1, config.tvWeight)] : []),
    ...(config.latticeWeight > 0 ? [term('lattice', '', 1, config.latticeWeight)] : []),
    ...(config.pixelWeight > 0 ? [term('pixels', '', 1, config.pixelWeight)] : []),
  ];
}

/**
 * Values of all terms at a picture, unweighted, in the order of `termsOf`.
 *
 * @param picture [1, H, W, C], C = 3 or 1, pixels in [0, 255].
 * @returns scalars. Caller disposes.
 */
export function termValues(
  picture: tf.Tensor4D,
  lossNetwork: LossNetwork,
  config: OptimizeConfig,
  targets: Targets,
): tf.Scalar[] {
  const units = LOSS_UNITS[config.units];
  const contentLayers = Object.keys(targets.content);
  const styleLayers = [
    ...new Set(Object.values(targets.styles).flatMap(({ statistics }) => Object.keys(statistics))),
  ];
  const layers = [...new Set([...contentLayers, ...styleLayers])];
  const maps = layers.length === 0 ? {} : lossNetwork.featureMaps(asRgb(picture), layers);

  const content = contentLayers.map((layer) => {
    const map = maps[layer]!;
    const region = targets.contentRegions[layer];
    // √m on both sides: the squares then count m times.
    const masked = (t: tf.Tensor) => (region === undefined ? t : tf.mul(t, tf.sqrt(region)));
    return contentLossIn(units, masked(map), masked(targets.content[layer]!), extentOf(map, picture));
  });

  const style = Object.values(targets.styles).flatMap(({ statistics, guidance }) =>
    Object.entries(statistics).map(([layer, target]) => {
      const map = maps[layer]!;
      const found = statisticOf(config.statistic, map, guidance[layer]);
      const compared = { statistic: config.statistic, divisor: 1 };
      return styleLossIn(units, compared, found, target, extentOf(map, picture));
    }),
  );

  return [
    ...content,
    ...style,
    ...(config.tvWeight > 0 ? [TOTAL_VARIATIONS[config.tvForm](picture)] : []),
    ...(config.latticeWeight > 0 ? [latticeLoss(picture)] : []),
    ...(config.pixelWeight > 0 ? [meanSquare(tf.div(tf.sub(picture, targets.pixels), 255))] : []),
  ];
}

const meanSquare = (t: tf.Tensor): tf.Scalar => tf.mean(tf.square(t)) as tf.Scalar;
