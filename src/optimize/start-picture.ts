import { meanAndDeviation } from '../data/luminance.ts';
import { type Random, random } from '../data/random.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { StartConfig } from './start-setting.ts';

/** Pictures that a start may be made of, all of the photo's size: H·W·C values in [0, 255]. */
export interface StartSources {
  readonly channels: 1 | 3;
  readonly content: Float32Array;
  /** The first painting, brought to the photo's size. */
  readonly style?: Float32Array;
  /** A picture from elsewhere: a network's output, or an earlier result. */
  readonly given?: Float32Array;
}

const GREY = 127.5;

/**
 * The picture that an optimisation starts from.
 *
 * @returns H·W·C values, of noise also beyond [0, 255].
 * @throws {ConfigError} a start from a painting or a given picture that is not there.
 */
export function startPicture(start: StartConfig, sources: StartSources, seed: number): Float32Array {
  const { content, channels } = sources;
  const next = random(seed, content.length);
  switch (start.kind) {
    case 'content':
      return Float32Array.from(content);
    case 'style':
      return Float32Array.from(needed(sources.style, 'a style picture for the start from style'));
    case 'given':
      return Float32Array.from(needed(sources.given, 'a picture for the start from a given picture'));
    case 'grey':
      return new Float32Array(content.length).fill(GREY);
    case 'uniform':
      return content.map(() => 255 * next());
    case 'blend': {
      const picture = sources.given ?? content;
      return picture.map((value) => value + start.share * (255 * next() - value));
    }
    case 'normal': {
      const means = channelMeans(start.mean, content, channels);
      const deviation =
        typeof start.deviation === 'number'
          ? start.deviation
          : start.deviation.shareOfContent * meanAndDeviation(content).deviation;
      return content.map((_, i) => means[i % channels]! + deviation * normal(next));
    }
  }
}

function needed(picture: Float32Array | undefined, what: string): Float32Array {
  if (picture === undefined) throw new ConfigError(expected(what, 'none'));
  return picture;
}

function channelMeans(
  mean: 'content' | number | readonly number[],
  content: Float32Array,
  channels: 1 | 3,
): readonly number[] {
  if (mean !== 'content') {
    const values = typeof mean === 'number' ? [mean] : mean;
    if (values.length === channels) return values;
    const average = values.reduce((sum, value) => sum + value, 0) / values.length;
    return new Array<number>(channels).fill(average);
  }
  return Array.from({ length: channels }, (_, c) => {
    return meanAndDeviation(content.filter((_, i) => i % channels === c)).mean;
  });
}

/** Standard normal, by Box & Muller 1958. */
function normal(next: Random): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
