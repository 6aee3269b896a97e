import { runOnce } from '../../engine/compile/compile-as-called.ts';
import { toTensor } from '../../engine/pixels.ts';
import * as tf from '../../engine/tensorflow.ts';
import type { PaintingTargets, Term } from '../../losses/term.ts';
import { loadMakers, type ObjectiveWeights } from '../../losses/terms.ts';
import { canonicalWeights } from '../../networks/layer-names.ts';
import type { LossNetwork } from '../../networks/loss-network.ts';
import type { Picture } from '../../picture.ts';
import type { TrainConfig } from '../config.ts';
import { styleTargets } from './train-step.ts';

/**
 * What a configuration weighs, with the loss network's own names of layers; stability apart, which is a matter of the phase.
 *
 * @param terms of the caller's own. @throws {ConfigError} a layer that the network has not.
 */
export async function weightsOf(
  config: TrainConfig,
  kind: LossNetwork['kind'],
  terms?: readonly Term[],
): Promise<ObjectiveWeights> {
  return {
    ...config,
    stabilityWeight: 0,
    makers: await loadMakers(),
    terms,
    contentLayers: canonicalWeights(kind, config.contentLayers),
    styleLayers: canonicalWeights(kind, config.styleLayers),
  };
}

/** What of the painting is aimed at: `styleTargets` at the layers weighed. Caller disposes. */
export function targetsOf(
  painting: Picture,
  lossNetwork: LossNetwork,
  weights: ObjectiveWeights,
): PaintingTargets['statistics'] {
  return tf.tidy(() =>
    runOnce(
      ({ picture }) => ({
        outputs: styleTargets(lossNetwork, picture, Object.keys(weights.styleLayers), weights),
      }),
      lossNetwork.tensors,
      { picture: toTensor(painting) },
    ),
  );
}
