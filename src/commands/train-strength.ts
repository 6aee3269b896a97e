import type { PixelPicture } from '../engine/pixels.ts';
import { ConfigError, expected } from '../errors.ts';
import type { LossNetworkWeights } from '../networks/loss-network-weights.ts';
import type { TrainConfig } from '../train/config.ts';
import type { RunState } from '../train/run-state.ts';
import { contentLostAt, DEFAULT_STRENGTH } from '../train/strength.ts';
import { progressBar } from './progress-bar.ts';

/** As yargs gives them, by the settings' names. */
type Arguments = Readonly<Record<string, unknown>>;

/**
 * Whether a strength or raw weights decide: what was typed over what the file says, over what a resumed run has, over
 * strength 5. A strength of 0 stands for raw weights.
 *
 * @param args as typed. @param given settings of options and file together. @param own those of the resumed run.
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
          'leave the weights away, and the style weight is found for this painting',
        ),
      );
    contentLostAt(Number(args.strength));
    return { ...given };
  }
  if (weights(args)) return { ...given, strength: 0 };
  if (given.strength !== undefined) return { ...given };
  if (weights(given)) return { ...given, strength: 0 };
  return own === undefined ? { ...given, strength: DEFAULT_STRENGTH } : { ...given };
}

/** What the style weight of a strength depends on; the crops' size beyond that of the probes does not count. */
const DECISIVE = [
  'strength',
  'pooling',
  'contentWeight',
  'tvWeight',
  'latticeWeight',
  'contentLayers',
  'styleLayers',
  'styleStatistic',
] as const satisfies readonly (keyof TrainConfig)[];

/**
 * The configuration for each painting, with the style weight of its strength; a resumed run's are its own, unless
 * something has changed on which they depend.
 */
export async function withCalibratedWeights({
  config,
  resume,
  paintings,
  ...shared
}: Pick<StrengthOptions, 'config' | 'dataset' | 'lossNetwork'> & {
  readonly resume: RunState | undefined;
  readonly paintings: readonly { readonly name: string; readonly painting: PixelPicture }[];
}): Promise<readonly TrainConfig[]> {
  const weighed: TrainConfig[] = [];
  for (const [i, { name, painting }] of paintings.entries()) {
    const found = config.strength === 0 ? undefined : resume?.styles?.[i]?.styleWeight;
    const known = found === undefined ? config : { ...config, styleWeight: found };
    const own = resume?.config;
    const ofPainting = paintings.length > 1 ? { name } : {};
    weighed.push(await withCalibratedWeight({ ...shared, ...ofPainting, config: known, own, painting }));
  }
  return weighed;
}

export interface StrengthOptions {
  readonly config: TrainConfig;
  /** Of the style, where there are several. */
  readonly name?: string;
  /** The resumed run's configuration: its style weight stands unless something changes on which it depends. */
  readonly own: TrainConfig | undefined;
  readonly dataset: string;
  readonly painting: PixelPicture;
  readonly lossNetwork: LossNetworkWeights;
}

/** The configuration with the style weight of its strength, found by probes; with raw weights, as it is. */
export async function withCalibratedWeight(options: StrengthOptions): Promise<TrainConfig> {
  const { config, name, own, dataset, painting, lossNetwork } = options;
  const of = name === undefined ? '' : ` of ${name}`;
  const { strength } = config;
  const same =
    own !== undefined && DECISIVE.every((key) => JSON.stringify(own[key]) === JSON.stringify(config[key]));
  if (strength === 0 || same) return config;
  const { calibrateStrength, probePhotos } = await import('../train/calibrate-strength.ts');
  const photos = await probePhotos(dataset, config);
  const bar = progressBar({ label: `Calibrating strength ${strength}${of}`, total: 1 });
  try {
    const { styleWeight, losses } = await calibrateStrength({
      config,
      strength,
      painting,
      lossNetwork,
      photos,
      progress: (step, steps) => {
        bar.setTotal(steps);
        bar.update(step);
      },
    });
    bar.stop();
    process.stderr.write(
      `Strength ${strength}${of} is a style weight of ${styleWeight} here (probes lose ${losses.content.toFixed(2)} of content and miss ${losses.style.toFixed(3)} of style)\n`,
    );
    return { ...config, styleWeight };
  } finally {
    bar.stop();
  }
}
