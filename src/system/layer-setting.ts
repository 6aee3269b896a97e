/** Settings that are layers with weights, and their one syntax: `relu1_1:0.3,relu2_1`. Loads nothing heavy. */
import { ConfigError, expected } from './errors.ts';
import type { AboutSetting } from './settings.ts';

/** Layers of the loss network with their weights, one at least, each above 0. */
export function layersSetting<const About extends AboutSetting<Readonly<Record<string, number>>>>(
  about: About,
) {
  return ofLayers(about, false);
}

/** Layers of the loss network with their weights; one of 0 leaves its layer out. */
export function layersOrNoneSetting<const About extends AboutSetting<Readonly<Record<string, number>>>>(
  about: About,
) {
  return ofLayers(about, true);
}

function ofLayers<About extends AboutSetting<Readonly<Record<string, number>>>>(
  about: About,
  mayBeNone: boolean,
) {
  const fits = (weight: unknown) =>
    typeof weight === 'number' && Number.isFinite(weight) && (weight > 0 || (mayBeNone && weight === 0));
  const checked = (value: unknown, name: string): Readonly<Record<string, number>> => {
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (isRecord && Object.values(value).every(fits) && (mayBeNone || Object.keys(value).length > 0))
      return value as Readonly<Record<string, number>>;
    throw new ConfigError(
      expected(
        `layers with weights ${mayBeNone ? 'of at least' : 'above'} 0 for ${name}`,
        value,
        'for instance {"relu4_2": 1}',
      ),
    );
  };
  const read = (text: string, option: string): unknown => parseLayerWeights(text, option, fits);
  return { ...about, type: 'string', checked, read } as const;
}

/**
 * Layers with weights as they are typed, `relu1_1:0.3,relu2_1`; a layer without a weight has 1.
 *
 * @throws {ConfigError} a weight that does not fit, or a layer twice.
 */
function parseLayerWeights(
  text: string,
  option: string,
  fits: (weight: number) => boolean,
): Readonly<Record<string, number>> {
  const layers: Record<string, number> = {};
  for (const part of text.split(',')) {
    // `=` is how `optimize` had it first.
    const [layer = '', weight = '1', ...more] = part.trim().split(/[:=]/);
    if (layer === '' || weight === '' || more.length > 0 || !fits(Number(weight)))
      throw new ConfigError(expected(`layers like relu1_1:0.5,relu2_1:0.5 for ${option}`, text));
    if (Object.hasOwn(layers, layer)) throw new ConfigError(expected(`each layer once in ${option}`, text));
    layers[layer] = Number(weight);
  }
  return layers;
}

/** Layers with weights as they are typed. */
export const layersText = (layers: Readonly<Record<string, number>>): string =>
  Object.entries(layers)
    .map(([layer, weight]) => `${layer}:${weight}`)
    .join(',');
