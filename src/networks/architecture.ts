import type { Enlargement } from '../engine/ops/constants.ts';
import { ConfigError, expected } from '../system/errors.ts';

/** One layer of a transform network. Names follow Johnson's architecture strings. */
export type Layer =
  /** `c<k>s1-<n>`: k×k convolution, n channels, stride 1. The last one may say what becomes of its result. */
  | {
      readonly kind: 'convolution';
      readonly kernel: number;
      readonly channels: number;
      readonly output?: Output;
    }
  /** `d<n>`: 3×3 convolution with stride 2: half the size. */
  | { readonly kind: 'down'; readonly channels: number }
  /** `R<n>`: residual block of two 3×3 convolutions. */
  | { readonly kind: 'residual'; readonly channels: number }
  /** `u<n>`: bilinear enlargement by 2, then a 3×3 convolution. `U2,c3s1-<n>`: the same, each pixel repeated. */
  | { readonly kind: 'up'; readonly channels: number; readonly enlargement: Enlargement };

/** What becomes of the last convolution's result: 127.5·tanh(x / 10) + 127.5, or, after `…,linear`, nothing but clipping to [0, 255]. */
export type Output = 'tanh' | 'linear';

/** Johnson et al. 2016, supplement, table 1. */
export const FULL_WIDTH = 'c9s1-32,d64,d128,R128x5,u64,u32,c9s1-3';
/** Half the channels per layer, 3.6 times less work; his later models with instance normalisation lose nothing by it. */
export const HALF_WIDTH = 'c9s1-16,d32,d64,R64x5,u32,u16,c9s1-3';

/**
 * Factor between the last convolution and tanh. That layer sums over a thousand and more rectified inputs and no
 * normalisation follows it: without the factor it starts in tanh's saturation, and each of Adam's steps, which are as
 * large for its weights as for all others, moves its output by a good part of tanh's whole range. Gradients vanish
 * there, and white blobs and grey stay for good (docs/decisions.md). The factor slows this layer to the pace of the rest.
 */
export const OUTPUT_GAIN = 0.1;

/** Of a network's last layer. */
export function outputOf(layers: readonly Layer[]): Output {
  const last = layers.at(-1);
  return (last?.kind === 'convolution' ? last.output : undefined) ?? 'tanh';
}

const LARGEST_WIDTH = 1024;
/** Far more than any network that paints: a file's word must not decide how much memory is taken. */
const MOST_LAYERS = 100;
const LONGEST_TEXT = 1000;
/** How often an architecture may double the picture beyond its own size: each time takes four times the memory. */
const MOST_ENLARGED = 1;

/**
 * Reads an architecture string: `c9s1-32,d64,d128,R128x5,u64,u32,c9s1-3`. `R128x5` is five residual blocks. Imported styles are
 * written as `c9s1-32,d64,d128,R128x5,U2,c3s1-64,U2,c3s1-32,c9s1-3,linear`, where `U2` is that of Johnson's models.lua.
 *
 * @throws {ConfigError} a layer is not understood, sizes do not come out even, or the last is not `c…-3`.
 */
export function parseArchitecture(architecture: string): readonly Layer[] {
  if (architecture.length > LONGEST_TEXT)
    throw new ConfigError(
      expected(`at most ${LONGEST_TEXT} characters of architecture`, `${architecture.length}`),
    );
  const texts = architecture.split(',').map((text) => text.trim());
  const isLinear = texts.at(-1) === 'linear';
  if (isLinear) texts.pop();
  const layers = texts.flatMap((text, i) => {
    if (text === NEAREST) return [];
    const parsed = parseLayer(text);
    return texts[i - 1] === NEAREST ? [afterEnlargement(text, parsed)] : parsed;
  });
  if (layers.length > MOST_LAYERS)
    throw new ConfigError(expected(`at most ${MOST_LAYERS} layers in an architecture`, `${layers.length}`));
  checkWhole(architecture, layers);
  if (!isLinear) return layers;
  return layers.map((layer, i) =>
    i === layers.length - 1 && layer.kind === 'convolution' ? { ...layer, output: 'linear' } : layer,
  );
}

/** Each pixel repeated in both directions; the layer that follows convolves the result. */
const NEAREST = 'U2';

function afterEnlargement(text: string, [layer]: readonly Layer[]): Layer {
  if (layer?.kind === 'convolution' && layer.kernel === 3)
    return { kind: 'up', channels: layer.channels, enlargement: 'nearest' };
  throw new ConfigError(expected(`a 3×3 convolution such as c3s1-64 after ${NEAREST}`, text));
}

function parseLayer(text: string): Layer[] {
  const [, c, kernel, channelsC, kind, channels, times] =
    /^(?:(c)(\d+)s1-(\d+)|([dRu])(\d+)(?:[x×](\d+))?)$/.exec(text) ?? [];
  const width = Number(channelsC ?? channels);
  const repeated = times !== undefined && kind !== 'R';
  if (!Number.isInteger(width) || width < 1 || width > LARGEST_WIDTH || repeated) {
    throw new ConfigError(
      expected(
        'layers like c9s1-32, d64, R128x5, u64 in an architecture',
        text || 'nothing',
        `for instance ${HALF_WIDTH}`,
      ),
    );
  }
  if (c !== undefined) {
    const size = Number(kernel);
    if (size % 2 === 0 || size > 15)
      throw new ConfigError(expected('an odd kernel of at most 15 pixels', text));
    return [{ kind: 'convolution', kernel: size, channels: width }];
  }
  if (kind === 'd') return [{ kind: 'down', channels: width }];
  if (kind === 'u') return [{ kind: 'up', channels: width, enlargement: 'bilinear' }];
  const count = Number(times ?? 1);
  if (count < 1 || count > 64) throw new ConfigError(expected('1 to 64 residual blocks', text));
  return Array.from({ length: count }, () => ({ kind: 'residual', channels: width }));
}

function checkWhole(architecture: string, layers: readonly Layer[]): void {
  const last = layers.at(-1);
  if (last?.kind !== 'convolution' || last.channels !== 3) {
    throw new ConfigError(
      expected('an architecture that ends in a convolution to 3 channels (c9s1-3)', architecture),
    );
  }
  const count = (kind: Layer['kind']) => layers.filter((layer) => layer.kind === kind).length;
  if (count('down') !== count('up'))
    throw new ConfigError(expected('as many u as d layers in an architecture', architecture));
  let doublings = 0;
  for (const { kind } of layers) {
    doublings += kind === 'up' ? 1 : kind === 'down' ? -1 : 0;
    if (doublings > MOST_ENLARGED)
      throw new ConfigError(
        expected('an architecture that shrinks the picture before it enlarges it', architecture),
      );
  }
  let width = 3;
  for (const layer of layers) {
    if (layer.kind === 'residual' && layer.channels !== width) {
      throw new ConfigError(
        expected(
          `residual blocks of ${width} channels, as wide as the layer before them`,
          `R${layer.channels}`,
        ),
      );
    }
    width = layer.channels;
  }
}
