/** Layers of loss networks by name, without TensorFlow: a wrong name is reported before TensorFlow is loaded. */

import type { LayerWeights } from '../losses/term.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { LossNetworkKind } from './loss-network-weights.ts';
import { vggSteps } from './weights/loss-network-steps.ts';

/**
 * The published name of a layer. `conv4_2` is before the ReLU, `relu4_2` after it, `pool3` after the pooling; Keras'
 * `block4_conv2` includes the activation and is `relu4_2`.
 *
 * @throws {ConfigError} the network has no such layer.
 */
export function canonicalLayer(kind: LossNetworkKind, name: string): string {
  const canonical = name
    .toLowerCase()
    .replace(/^block(\d)_conv(\d)$/, 'relu$1_$2')
    .replace(/^block(\d)_pool$/, 'pool$1')
    .replace(/^(conv|relu)_?(\d)[._](\d)$/, '$1$2_$3');
  const known = vggSteps(kind).map((step) => step.name);
  if (!known.includes(canonical)) {
    const relus = known.filter((step) => step.startsWith('relu'));
    throw new ConfigError(
      expected(
        `a layer of ${kind}`,
        name,
        `its layers are ${relus.join(', ')}, the same with conv for before the ReLU, and pool1 … pool5`,
      ),
    );
  }
  return canonical;
}

/**
 * Layers with weights under their published names.
 *
 * @throws {ConfigError} the network has no such layer, or one is there under two names.
 */
export function canonicalWeights(kind: LossNetworkKind, weights: LayerWeights): LayerWeights {
  const names = Object.keys(weights).map((layer) => canonicalLayer(kind, layer));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ConfigError(expected('each layer once', `${twice} under two names`));
  return Object.fromEntries(Object.values(weights).map((weight, i) => [names[i]!, weight]));
}
