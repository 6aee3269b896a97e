import type { Layer } from './architecture.ts';

/** Name, shape and first value of one trained tensor. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Standard deviation of the normal distribution it starts from; 0 with `mean` is a constant. */
  readonly deviation: number;
  readonly mean: number;
}

/**
 * The trained tensors of an architecture, in the order of its layers.
 *
 * @param styles several styles in one network: scales and offsets are [styles, C] instead of [C]
 *   (`conditional-parameters.ts`).
 */
export function transformNetParameters(layers: readonly Layer[], styles?: number): readonly ParameterSpec[] {
  const specs = oneStyleParameters(layers);
  if (styles === undefined) return specs;
  return specs.map((spec) => (isOfStyle(spec.name) ? { ...spec, shape: [styles, ...spec.shape] } : spec));
}

/** Whether a parameter is a style's own where several share a network: scale or offset of a normalisation. */
export function isOfStyle(name: string): boolean {
  return /\.(scale|offset)$/.test(name);
}

function oneStyleParameters(layers: readonly Layer[]): readonly ParameterSpec[] {
  const specs: ParameterSpec[] = [];
  let width = 3;
  layers.forEach((layer, i) => {
    const isLast = i === layers.length - 1;
    if (layer.kind === 'residual') {
      specs.push(...normalizedConvolution(`layers.${i}.first`, 3, width, layer.channels));
      specs.push(...normalizedConvolution(`layers.${i}.second`, 3, layer.channels, layer.channels, 0));
    } else if (isLast) {
      const size = kernelSize(layer);
      specs.push(
        kernel(`layers.${i}`, size, width, layer.channels),
        constant(`layers.${i}.bias`, layer.channels, 0),
      );
    } else {
      specs.push(...normalizedConvolution(`layers.${i}`, kernelSize(layer), width, layer.channels));
    }
    width = layer.channels;
  });
  return specs;
}

/**
 * @param firstScale what the normalisation's scale starts from: 0 for the last one of a residual block, so that the
 *   block starts as the identity (Goyal et al. 2017, §5.1).
 */
function normalizedConvolution(
  name: string,
  size: number,
  from: number,
  to: number,
  firstScale = 1,
): ParameterSpec[] {
  return [
    kernel(name, size, from, to),
    constant(`${name}.scale`, to, firstScale),
    constant(`${name}.offset`, to, 0),
  ];
}

/** He et al. 2015, eq. 10: keeps the variance through ReLU layers. */
function kernel(name: string, size: number, from: number, to: number): ParameterSpec {
  return {
    name: `${name}.kernel`,
    shape: [size, size, from, to],
    mean: 0,
    deviation: Math.sqrt(2 / (size * size * from)),
  };
}

function constant(name: string, channels: number, mean: number): ParameterSpec {
  return { name, shape: [channels], mean, deviation: 0 };
}

function kernelSize(layer: Exclude<Layer, { kind: 'residual' }>): number {
  return layer.kind === 'convolution' ? layer.kernel : 3;
}

/**
 * Smallest height and width that an architecture can paint: before every convolution, however often the picture has
 * been halved by then, more pixels must be left than reflection pads, and two where it is at its smallest, or there is
 * nothing to normalise over.
 */
export function smallestImage(layers: readonly Layer[]): number {
  let pixelsPerPixel = 1;
  let smallest = SMALLEST_IMAGE;
  for (const layer of layers) {
    if (layer.kind === 'up') pixelsPerPixel /= 2;
    const padding = layer.kind === 'convolution' ? (layer.kernel - 1) / 2 : 1;
    smallest = Math.max(smallest, Math.ceil(pixelsPerPixel * (padding + 1)));
    if (layer.kind === 'down') pixelsPerPixel *= 2;
    smallest = Math.max(smallest, 2 * pixelsPerPixel);
  }
  return smallest;
}

/** Below this, no architecture shows anything. */
const SMALLEST_IMAGE = 16;
