import { toTensor } from '../../engine/pixels.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { PerceptualTargets, PerceptualWeights } from '../../losses/perceptual-loss.ts';
import { canonicalWeights } from '../../networks/layer-names.ts';
import type { LossNetwork } from '../../networks/loss-network.ts';
import type { Picture } from '../../picture.ts';
import type { TrainConfig } from '../config.ts';
import { styleTargets } from './train-step.ts';

/** What a configuration weighs, with the loss network's own names of layers. @throws {ConfigError} one that it has not. */
export function weightsOf(config: TrainConfig, kind: LossNetwork['kind']): PerceptualWeights {
  return {
    units: config.units,
    content: config.contentWeight,
    style: config.styleWeight,
    tv: config.tvWeight,
    lattice: config.latticeWeight,
    contentLayers: canonicalWeights(kind, config.contentLayers),
    styleLayers: canonicalWeights(kind, config.styleLayers),
    styleStatistic: config.styleStatistic,
  };
}

/** What of the painting is aimed at: `styleTargets` at the layers weighed. Caller disposes. */
export function targetsOf(
  painting: Picture,
  lossNetwork: LossNetwork,
  { styleLayers, styleStatistic }: PerceptualWeights,
): PerceptualTargets['style'] {
  return tf.tidy(() =>
    styleTargets(lossNetwork, toTensor(painting), Object.keys(styleLayers), styleStatistic),
  );
}
