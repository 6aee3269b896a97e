import { asOne, type Checkpoint, type StylesCheckpoint, styleIndex } from '../networks/checkpoint.ts';
import { mixedParameters } from '../networks/conditional-parameters.ts';
import { CheckpointError, ConfigError, expected } from '../system/errors.ts';

/** A style's part in a mixture. */
export interface BlendPart {
  readonly style: string;
  /** The parts' shares sum to 1. */
  readonly share: number;
}

/** A style with a weight that is not divided by the sum yet. */
export interface WeightedStyle {
  readonly style: string;
  readonly weight: number;
}

/**
 * A mixture as it is typed: `wave:0.5,scream:0.5`; a style without a weight has 1, and weights are divided by their sum.
 *
 * @throws {ConfigError} a weight is no number of at least 0, all are 0, or a style comes twice.
 */
export function parseBlend(text: string): readonly BlendPart[] {
  const styles = text.split(',').map((part) => {
    const [, style = '', weight = '1'] = /^(.*?)(?::([^:]*))?$/s.exec(part.trim()) ?? [];
    return { style, weight: weight.trim() === '' ? Number.NaN : Number(weight) };
  });
  return blendOf(styles, text === '' ? 'nothing' : text);
}

/** The styles of a mixture as it is typed, each with what follows: its weight, or its time (`wave@0s,scream@1:30`). */
export function partsOfBlend(blend: string): readonly (readonly [style: string, rest: string])[] {
  return blend.split(',').map((part) => {
    const [, style = '', rest = ''] = /^(.*?)([:@][\d.:]*s?)?$/s.exec(part.trim()) ?? [];
    return [style, rest];
  });
}

/** Styles with weights to parts with shares. @param got what was given, for the message. Throws as `parseBlend`. */
export function blendOf(styles: readonly WeightedStyle[], got: unknown): readonly BlendPart[] {
  const sum = styles.reduce((total, { weight }) => total + weight, 0);
  const isSound = styles.every(({ style, weight }) => style !== '' && weight >= 0) && sum > 0;
  if (!isSound || !Number.isFinite(sum))
    throw new ConfigError(expected('styles with weights like wave:0.7,scream:0.3 for --blend', got));
  const names = styles.map(({ style }) => style);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ConfigError(expected('each style once for --blend', `${twice} twice`));
  return styles.map(({ style, weight }) => ({ style, share: weight / sum }));
}

/** The mixture in a word that can be part of a file's name: `wave-0.7-scream-0.3`. */
export function nameOfBlend(parts: readonly BlendPart[]): string {
  return parts.map(({ style, share }) => `${style}-${Number(share.toFixed(3))}`).join('-');
}

/**
 * Styles of one network mixed: their scales and offsets, interpolated by the shares (`mixedParameters`), in the form of
 * a file of one style. What it says of paintings and training is that of the whole file.
 *
 * @throws {CheckpointError} the file holds none of a style's name.
 */
export function blendStyles(
  checkpoint: StylesCheckpoint,
  parts: readonly BlendPart[],
  path: string,
): Checkpoint {
  const shares = new Map(parts.map(({ style, share }) => [styleIndex(checkpoint, style, path), share]));
  const entry = { name: nameOfBlend(parts), style: checkpoint.style, training: {} };
  return { ...asOne(checkpoint, entry), parameters: mixedParameters(checkpoint.parameters, shares) };
}

/**
 * Styles of separate files mixed: all their weights interpolated by the shares, w = Σ s_i w_i (Wang et al. 2019, 'Deep Network
 * Interpolation', eq. 1). What comes out is one network that paints at the cost of one.
 *
 * It works where the networks have a common origin: ours start from the same weights unless trained with another seed, or
 * one from the other. Networks of other origins were not tried.
 *
 * @param checkpoints one per part, in order.
 * @throws {CheckpointError} they are of different architectures.
 */
export function blendCheckpoints(
  parts: readonly BlendPart[],
  checkpoints: readonly Checkpoint[],
): Checkpoint {
  const [first] = checkpoints as readonly [Checkpoint, ...Checkpoint[]];
  const other = checkpoints.findIndex(({ architecture }) => architecture !== first.architecture);
  if (other >= 0)
    throw new CheckpointError(
      expected(
        `styles of one architecture for --blend (${parts[0]!.style} has ${first.architecture})`,
        `${parts[other]!.style} with ${checkpoints[other]!.architecture}`,
      ),
    );
  const parameters = first.parameters.map((array, i) => ({
    ...array,
    values: array.values.map((_, k) =>
      checkpoints.reduce((sum, { parameters }, n) => sum + parts[n]!.share * parameters[i]!.values[k]!, 0),
    ),
  }));
  return { ...first, parameters, name: nameOfBlend(parts), style: {}, training: {} };
}
