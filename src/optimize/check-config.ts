import { LOSS_UNITS } from '../losses/loss-units.ts';
import { canonicalWeights } from '../networks/layer-names.ts';
import { ConfigError, expected } from '../system/errors.ts';
import { checkSettings } from '../system/settings.ts';
import type { OptimizeConfig } from './config.ts';
import type { OptimizeInputs } from './optimization.ts';
import { OPTIMIZE_SETTINGS } from './settings.ts';

/**
 * The configuration with its layers under their published names.
 *
 * @throws {ConfigError} a value out of bounds, a layer that the loss network does not have, or settings that do not go
 *   together.
 */
export function checkConfig(config: OptimizeConfig, inputs: OptimizeInputs): OptimizeConfig {
  const { recipe: _, ...settings } = config;
  // One that is missing is refused as well.
  const missing = Object.fromEntries(Object.keys(OPTIMIZE_SETTINGS).map((name) => [name, undefined]));
  checkSettings(OPTIMIZE_SETTINGS, { ...missing, ...settings }, 'the optimisation');
  const { kind } = inputs.lossNetwork;
  const contentLayers = canonicalWeights(kind, config.contentLayers);
  const styleLayers = canonicalWeights(kind, config.styleLayers);
  checkTerms({ ...config, contentLayers, styleLayers }, inputs);
  return { ...config, contentLayers, styleLayers };
}

function checkTerms(config: OptimizeConfig, { styles, terms = [] }: OptimizeInputs): void {
  const { contentWeight, styleWeight, units, statistic } = config;
  const isWeight = ([name, value]: [string, unknown]) => name.endsWith('Weight') && value !== 0;
  if (terms.length === 0 && !Object.entries(config).some(isWeight))
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
    if (!(weight >= 0 && weight <= 1e9))
      throw new ConfigError(expected(`the weight of style picture ${i + 1} of 0 to ${1e9}`, weight));
  });
  if (styles.length > 0 && styles.every(({ weight = 1 }) => weight === 0))
    throw new ConfigError(expected('a style picture with a weight above 0', '0 for all'));
  if (statistic === 'moments' && LOSS_UNITS[units].style !== 'share')
    throw new ConfigError(
      expected(`Gram matrices in the units ${units}`, statistic, 'moments have the units relative only'),
    );
}
