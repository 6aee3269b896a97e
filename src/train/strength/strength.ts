import { syntheticPicture } from '../../data/synth/picture.ts';
import { compileAsCalled } from '../../engine/compile/compile-as-called.ts';
import { toTensor } from '../../engine/pixels.ts';
import * as tf from '../../engine/tensorflow.ts';
import { contentTerm } from '../../losses/content-loss.ts';
import { type FeatureMaps, layersOf, partsOf } from '../../losses/term.ts';
import { canonicalWeights } from '../../networks/layer-names.ts';
import { LossNetwork } from '../../networks/loss-network.ts';
import type { LossNetworkWeights } from '../../networks/loss-network-weights.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import type { TrainConfig } from '../config.ts';
import { relativeStyleWeight } from './strength-setting.ts';

/** The pictures that the content scale is measured on: the same for every run, so that a strength is the same. */
const PICTURES = { seed: 1, count: 4, side: 160 } as const;

/**
 * Content scale of a loss network: how much of one picture's content another picture has lost, the mean over pairs of pictures
 * that have nothing to do with each other. Networks differ widely in it (1.7 for VGG16 at relu4_2, 0.8 for a VGG19 of quarter
 * width): the wider one distinguishes more.
 *
 *   K = mean over i ≠ j of Σ_l c_l ‖F_l(i) − F_l(j)‖² / ‖F_l(j)‖²        (c normalised to sum 1)
 *
 * The pictures are synthetic, so that K depends on the network, its pooling and the content layers alone.
 *
 * @throws {ConfigError} a layer that the loss network does not have.
 */
export function contentScale(
  weights: LossNetworkWeights,
  { pooling, contentLayers }: Pick<TrainConfig, 'pooling' | 'contentLayers'>,
): number {
  const { seed, count, side } = PICTURES;
  const term = contentTerm({
    contentWeight: 1,
    contentLayers: canonicalWeights(weights.kind, contentLayers),
  });
  const network = new LossNetwork(weights, pooling);
  const look = compileAsCalled<{ picture: tf.Tensor4D }, FeatureMaps>(
    ({ picture }) => ({ outputs: network.featureMaps(picture, layersOf([term])) }),
    network.tensors,
  );
  try {
    return tf.tidy(() => {
      const seen = Array.from({ length: count }, (_, i) => {
        const picture = toTensor(syntheticPicture(seed, i, side));
        return { picture, maps: look.run({ picture }) };
      });
      const pairs = seen.flatMap((photo) =>
        seen.filter((other) => other !== photo).map((other) => ({ other, photo })),
      );
      const lost = pairs.flatMap(({ other, photo }) => {
        const losses = term.value(other.picture, other.maps, { content: photo.maps });
        return partsOf(term, losses).map(({ share, value }) => tf.mul(value, share));
      });
      return tf.div(tf.addN(lost), pairs.length).dataSync()[0]!;
    });
  } finally {
    look.dispose();
    network.dispose();
  }
}

/**
 * The style weight of a strength:
 *
 *   w(s) = contentWeight · K · v(s)        (K: `contentScale`; v: `relativeStyleWeight`)
 *
 * Content and style losses are shares (`LOSS_UNITS`), so one weight does for every painting; only what a loss network takes
 * for lost content has to be made up for. To three digits.
 *
 * @throws {ConfigError} the strength is out of bounds, or content has no weight, or a layer does not fit.
 */
export function styleWeightOf(
  strength: number,
  config: Pick<TrainConfig, 'contentWeight' | 'contentLayers' | 'pooling'>,
  lossNetwork: LossNetworkWeights,
): number {
  const relative = relativeStyleWeight(strength);
  const { contentWeight } = config;
  if (contentWeight === 0)
    throw new ConfigError(
      expected('a content weight above 0 for a strength', contentWeight, 'omit --content-weight'),
    );
  return Number((contentWeight * contentScale(lossNetwork, config) * relative).toPrecision(3));
}
