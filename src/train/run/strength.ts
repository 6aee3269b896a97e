import type { LossNetworkWeights } from '../../networks/loss-network-weights.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import type { TrainConfig } from '../config.ts';
import { DECIDING_STRENGTH } from '../settings.ts';
import { DEFAULT_STRENGTH, relativeStyleWeight } from '../strength/strength-setting.ts';
import type { RunState } from './run-state.ts';

/** By the settings' names. */
type Arguments = Readonly<Record<string, unknown>>;

/**
 * Whether a strength or raw weights decide: what was typed over what the file says, over what a resumed run has, over
 * strength 5. A strength of 0 means raw weights.
 *
 * @param args given for this run. @param given settings of options and file together. @param own those of the resumed run.
 * @throws {ConfigError} both were typed, or the strength is out of bounds.
 */
export function withStrength(
  args: Arguments,
  given: Arguments,
  own: TrainConfig | undefined,
): Record<string, unknown> {
  const weights = (of: Arguments) => of.styleWeight !== undefined || of.contentWeight !== undefined;
  if (args.strength !== undefined) {
    if (weights(args))
      throw new ConfigError(
        expected(
          '--strength, or --style-weight and --content-weight',
          'both',
          'omit the weights, and the strength sets them',
        ),
      );
    relativeStyleWeight(Number(args.strength));
    return { ...given };
  }
  if (weights(args)) return { ...given, strength: 0 };
  if (given.strength !== undefined) return { ...given };
  if (weights(given)) return { ...given, strength: 0 };
  return own === undefined ? { ...given, strength: DEFAULT_STRENGTH } : { ...given };
}

/** A configuration with its style weight, and that of each painting. */
export interface Weighed {
  readonly config: TrainConfig;
  readonly styleWeights: readonly number[];
}

/**
 * The configuration with the style weight of its strength under this loss network; with raw weights, as it is. All paintings
 * have the same one, but for runs of earlier versions that continue with those that had been found for each.
 *
 * @param resume the resumed run: its weights stay unless something changes on which they depend.
 * @throws {ConfigError} no weight has that strength.
 */
export async function withStyleWeights(
  config: TrainConfig,
  { resume, paintings, lossNetwork, say }: WeighedOptions,
): Promise<Weighed> {
  const { strength } = config;
  const all = (styleWeight: number) => new Array<number>(paintings).fill(styleWeight);
  if (strength === 0) return { config, styleWeights: all(config.styleWeight) };
  const own = resume?.config;
  if (
    own !== undefined &&
    DECIDING_STRENGTH.every((key) => JSON.stringify(own[key]) === JSON.stringify(config[key]))
  ) {
    const found = resume?.styles?.map(({ styleWeight }) => styleWeight);
    return { config, styleWeights: found ?? all(config.styleWeight) };
  }
  const { styleWeightOf } = await import('../strength/strength.ts');
  const styleWeight = styleWeightOf(strength, config, lossNetwork);
  say(`Strength ${strength} is a style weight of ${styleWeight} with this loss network.`);
  return { config: { ...config, styleWeight }, styleWeights: all(styleWeight) };
}

export interface WeighedOptions {
  readonly resume: RunState | undefined;
  /** How many there are. */
  readonly paintings: number;
  readonly lossNetwork: LossNetworkWeights;
  /** Takes a line for the user. */
  readonly say: (line: string) => void;
}
