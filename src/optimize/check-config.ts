import { LOSS_UNITS } from '../losses/loss-units.ts';
import { canonicalWeights } from '../networks/layer-names.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { OptimizeConfig } from './config.ts';
import type { OptimizeInputs } from './optimization.ts';

type Bound = readonly [minimum: number, maximum: number];

const NUMBERS = {
  contentWeight: [0, 1e20],
  styleWeight: [0, 1e20],
  tvWeight: [0, 1e20],
  latticeWeight: [0, 1e20],
  pixelWeight: [0, 1e20],
  styleScale: [0.01, 100],
  iterations: [0, 1e9],
  tolerance: [0, 1],
  gradientTolerance: [0, 1],
  timeLimit: [0, 1e9],
  evaluationLimit: [0, 1e9],
  averaging: [0, 0.999999],
  spikeFactor: [1, 1e30],
  seed: [0, 2 ** 31 - 1],
} as const satisfies Partial<Record<keyof OptimizeConfig, Bound>>;

/**
 * The configuration with its layers under their published names.
 *
 * @throws {ConfigError} a value out of bounds, a layer that the loss network does not have, or settings that do not go
 *   together.
 */
export function checkConfig(config: OptimizeConfig, inputs: OptimizeInputs): OptimizeConfig {
  for (const [name, bound] of Object.entries(NUMBERS))
    inBounds(name, config[name as keyof typeof NUMBERS], bound);
  const { kind } = inputs.lossNetwork;
  const contentLayers = canonicalWeights(kind, config.contentLayers);
  const styleLayers = canonicalWeights(kind, config.styleLayers);
  for (const [layer, weight] of Object.entries({ ...contentLayers, ...styleLayers }))
    inBounds(`the weight of ${layer}`, weight, [0, 1e20]);
  checkTerms({ ...config, contentLayers, styleLayers }, inputs);
  checkOptimizer(config);
  const { scales } = config;
  const ascending = scales.every(({ scale, share }, i) => {
    return scale > (scales[i - 1]?.scale ?? 0) && scale <= 1 && share > 0;
  });
  if (!ascending || scales.at(-1)?.scale !== 1)
    throw new ConfigError(expected('scales that ascend to 1, each with a share above 0', scales));
  return { ...config, contentLayers, styleLayers };
}

function checkTerms(config: OptimizeConfig, { styles }: OptimizeInputs): void {
  const { contentWeight, styleWeight, tvWeight, latticeWeight, pixelWeight, units, statistic } = config;
  if (contentWeight + styleWeight + tvWeight + latticeWeight + pixelWeight === 0)
    throw new ConfigError(expected('a weight above 0 for content, style, tv or pixels', '0 for all'));
  const weighs = (layers: Readonly<Record<string, number>>) =>
    Object.values(layers).some((weight) => weight > 0);
  if (contentWeight > 0 && !weighs(config.contentLayers))
    throw new ConfigError(expected('a content layer with a weight above 0', config.contentLayers));
  if (styleWeight > 0 && !weighs(config.styleLayers))
    throw new ConfigError(expected('a style layer with a weight above 0', config.styleLayers));
  if (styleWeight > 0 && styles.length === 0)
    throw new ConfigError(expected('a style picture', 'none', 'name one, or set the style weight to 0'));
  styles.forEach(({ weight = 1 }, i) => {
    inBounds(`the weight of style picture ${i + 1}`, weight, [0, 1e9]);
  });
  if (styles.length > 0 && styles.every(({ weight = 1 }) => weight === 0))
    throw new ConfigError(expected('a style picture with a weight above 0', '0 for all'));
  if (statistic === 'moments' && LOSS_UNITS[units].style !== 'share')
    throw new ConfigError(
      expected(`Gram matrices in the units ${units}`, statistic, 'moments have the units relative only'),
    );
}

function checkOptimizer({ optimizer }: OptimizeConfig): void {
  if (optimizer.kind === 'lbfgs') {
    inBounds('the history of L-BFGS', optimizer.history, [1, 1000]);
    inBounds('the evaluations between restarts', optimizer.restartEvery, [0, 1e9]);
    inBounds("the coordinates' unit", optimizer.unit ?? 1, [1e-9, 1e9]);
    inBounds('the factor on the objective', optimizer.lossScale ?? 1, [1e-20, 1e20]);
    return;
  }
  inBounds('the learning rate', optimizer.learningRate, [1e-9, 255]);
  inBounds('the decay of the learning rate', optimizer.decayRate, [1e-9, 1]);
  inBounds('the steps of the decay', optimizer.decaySteps, [1, 1e9]);
  inBounds('epsilon', optimizer.epsilon, [0, 1]);
}

function inBounds(name: string, value: number, [minimum, maximum]: Bound): void {
  if (!(value >= minimum && value <= maximum))
    throw new ConfigError(expected(`${name} of ${minimum} to ${maximum}`, value));
}
