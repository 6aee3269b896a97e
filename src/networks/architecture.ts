import type { Enlargement } from '../engine/ops/constants.ts';
import { ConfigError, expected } from '../system/errors.ts';

/** One layer of a transform network. Names follow Johnson's architecture strings. */
export type Layer = {
  /** What lies beyond the border of what its convolutions read: the image mirrored, unless it is zeros. */
  readonly border?: 'zero';
} /** `c<k>s1-<n>`: k×k convolution, n channels, stride 1. The last one may say what becomes of its result. */ & (
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
  /**
   * `u<n>`: bilinear enlargement by 2, then a 3×3 convolution. `U2,c3s1-<n>`: the same, each pixel repeated. `t<n>`: the same, zeros
   * before each pixel: a transposed 3×3 convolution of stride 2.
   */
  | { readonly kind: 'up'; readonly channels: number; readonly enlargement: Enlargement }
);

/**
 * What becomes of the last convolution's result: 127.5·tanh(x / 10) + 127.5; or, after `…,linear`, nothing but clipping to
 * [0, 255]; or, after `…,tanh150`, 150·tanh(x) + 127.5, clipped likewise.
 */
export type Output = 'tanh' | 'linear' | 'tanh150';

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

/** Range of tanh in the output `tanh150`. */
export const WIDE_RANGE = 150;

/**
 * How many pixels beyond the border a convolution reads: at the top and at the left, at the bottom and at the right. With zeros
 * there, the halving one lies as TensorFlow's padding SAME puts it where sides are even.
 */
export function paddingOf(
  kernel: number,
  stride: number,
  border: Layer['border'],
): readonly [before: number, after: number] {
  const by = (kernel - 1) / 2;
  return border === 'zero' && stride === 2 ? [0, 2 * by] : [by, by];
}

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
 * written as `c9s1-32,d64,d128,R128x5,U2,c3s1-64,U2,c3s1-32,c9s1-3,linear`, where `U2` is that of Johnson's models.lua, or as
 * `zero,c9s1-32,d64,d128,R128x5,t64,t32,c9s1-6,c1s1-3,tanh150`, where `zero` is the border of all layers.
 *
 * @throws {ConfigError} a layer is not understood, sizes do not come out even, or the last is not `c…-3`.
 */
export function parseArchitecture(architecture: string): readonly Layer[] {
  if (architecture.length > LONGEST_TEXT)
    throw new ConfigError(
      expected(`at most ${LONGEST_TEXT} characters of architecture`, `${architecture.length}`),
    );
  const texts = architecture.split(',').map((text) => text.trim());
  const output = OUTPUTS.find((name) => name === texts.at(-1));
  if (output !== undefined) texts.pop();
  const isZero = texts[0] === ZERO;
  if (isZero) texts.shift();
  const layers = texts.flatMap((text, i) => {
    if (text === NEAREST) return [];
    const parsed = parseLayer(text);
    return texts[i - 1] === NEAREST ? [afterEnlargement(text, parsed)] : parsed;
  });
  if (layers.length > MOST_LAYERS)
    throw new ConfigError(expected(`at most ${MOST_LAYERS} layers in an architecture`, `${layers.length}`));
  checkWhole(architecture, layers);
  return layers.map((layer, i): Layer => {
    const border = isZero ? { border: 'zero' as const } : {};
    if (i < layers.length - 1 || layer.kind !== 'convolution' || output === undefined)
      return { ...layer, ...border };
    return { ...layer, ...border, output };
  });
}

/** Words at the end of an architecture, and at its beginning. */
const OUTPUTS = ['linear', 'tanh150'] as const;
const ZERO = 'zero';

/** Each pixel repeated in both directions; the layer that follows convolves the result. */
const NEAREST = 'U2';

function afterEnlargement(text: string, [layer]: readonly Layer[]): Layer {
  if (layer?.kind === 'convolution' && layer.kernel === 3)
    return { kind: 'up', channels: layer.channels, enlargement: 'nearest' };
  throw new ConfigError(expected(`a 3×3 convolution such as c3s1-64 after ${NEAREST}`, text));
}

function parseLayer(text: string): Layer[] {
  const [, c, kernel, channelsC, kind, channels, times] =
    /^(?:(c)(\d+)s1-(\d+)|([dRut])(\d+)(?:[x×](\d+))?)$/.exec(text) ?? [];
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
  if (kind === 't') return [{ kind: 'up', channels: width, enlargement: 'zeros' }];
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
