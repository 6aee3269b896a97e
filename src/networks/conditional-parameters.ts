/**
 * Several styles in one transform net: conditional instance normalisation (Dumoulin, Shlens & Kudlur 2017, 'A Learned
 * Representation for Artistic Style', §2.2). Every normalisation has a scale and an offset per style,
 *
 *   z = γ_s · (x − μ) / σ + β_s,
 *
 * kept as [S, C]; kernels and the last bias are shared by all styles.
 */
import type { NamedArray } from './safetensors.ts';
import { isOfStyle } from './transform-net-parameters.ts';

/** The parameters of style number `index`: [S, C] to [C]. */
export function parametersOfStyle(parameters: readonly NamedArray[], index: number): NamedArray[] {
  return mixedParameters(parameters, new Map([[index, 1]]));
}

/**
 * Scales and offsets of several styles mixed (Dumoulin et al. 2017, 'The trained network can
 * arbitrarily combine painting styles'): Σ_s w_s · γ_s, and the same of β.
 *
 * @param shares by the styles' numbers; with a single share of 1 the values are exactly the style's.
 */
export function mixedParameters(
  parameters: readonly NamedArray[],
  shares: ReadonlyMap<number, number>,
): NamedArray[] {
  return parameters.map((parameter) => {
    if (!isOfStyle(parameter.name)) return parameter;
    const { name, values } = parameter;
    const channels = parameter.shape[1]!;
    const mixed = new Float32Array(channels);
    for (const [style, share] of shares)
      for (let c = 0; c < channels; c++) mixed[c]! += share * values[style * channels + c]!;
    return { name, shape: [channels], values: mixed };
  });
}

/**
 * A style more: its scales and offsets after the existing ones, which do not change.
 *
 * @param parameters with scales and offsets [S, C]. @param added by name, [C].
 * @returns the same with [S + 1, C].
 */
export function withStyleAdded(
  parameters: readonly NamedArray[],
  added: ReadonlyMap<string, Float32Array>,
): NamedArray[] {
  return parameters.map((parameter) => {
    if (!isOfStyle(parameter.name)) return parameter;
    const { name, values } = parameter;
    const [styles, channels] = parameter.shape as [number, number];
    const own = added.get(name);
    if (own?.length !== channels) throw new Error(`The added style has no ${name} of ${channels} channels.`);
    const all = new Float32Array(values.length + channels);
    all.set(values);
    all.set(own, values.length);
    return { name, shape: [styles + 1, channels], values: all };
  });
}

/** A network of one style as the start of one of several, which all begin with its scales and offsets: [C] to [S, C]. */
export function forStyles(parameters: readonly NamedArray[], styles: number): NamedArray[] {
  return parameters.map((parameter) => {
    if (!isOfStyle(parameter.name)) return parameter;
    const { name, shape, values } = parameter;
    const all = new Float32Array(styles * values.length);
    for (let style = 0; style < styles; style++) all.set(values, style * values.length);
    return { name, shape: [styles, ...shape], values: all };
  });
}

/** A network of one style in the form of several: [C] to [1, C]. */
export function asOnlyStyle(parameters: readonly NamedArray[]): NamedArray[] {
  return parameters.map((parameter) =>
    isOfStyle(parameter.name) ? { ...parameter, shape: [1, ...parameter.shape] } : parameter,
  );
}
