/** Makes a VGG network of named arrays, whichever library named them. Widths are whatever the shapes say. */
import { WeightsError } from '../../system/errors.ts';
import { printable } from '../../system/printable.ts';
import { outputsLast } from '../kernel-order.ts';
import type { NamedArray } from '../safetensors.ts';
import {
  convolutionNames,
  LOSS_NETWORK_KINDS,
  type LossNetworkKind,
  torchvisionIndices,
} from './vgg-layout.ts';

/** One 3×3 convolution. */
export interface ConvolutionWeights {
  /** Row-major in `kernelShape`. */
  readonly kernel: Float32Array;
  /** [height, width, channels in, channels out] */
  readonly kernelShape: readonly [number, number, number, number];
  readonly bias: Float32Array;
}

/** Whose names and kernel layout the arrays have: Keras (HWIO) or torchvision (OIHW). */
export type Naming = 'keras' | 'torchvision';

export interface Vgg {
  readonly kind: LossNetworkKind;
  readonly naming: Naming;
  /** In the order of the network; may stop before its end, but has no gaps. */
  readonly layers: ReadonlyMap<string, ConvolutionWeights>;
}

const KERAS_NAME = /^block([1-5])_conv([1-4])\/(kernel|bias)$/;
const TORCHVISION_NAME = /^features\.(\d+)\.(weight|bias)$/;
const CLASSIFIER = /^(fc1|fc2|predictions)(\/|$)|^classifier\.\d+\./;

interface Parts {
  kernel?: NamedArray;
  bias?: NamedArray;
}

/**
 * @param arrays named `block1_conv1/kernel` … as in Keras, or `features.0.weight` … as in torchvision.
 * @param stated the kind that the file claims to be; otherwise the layers decide.
 * @throws {WeightsError} the arrays are not a VGG network's, a layer is missing, or one does not fit: it is named.
 */
export function vggFromArrays(arrays: Iterable<NamedArray>, file: string, stated?: LossNetworkKind): Vgg {
  const useful = [...arrays].filter(({ name }) => !isClassifier(name));
  const naming = useful.some(({ name }) => TORCHVISION_NAME.test(name)) ? 'torchvision' : 'keras';
  const kind =
    stated ??
    kindOf(
      useful.map(({ name }) => name),
      naming,
    );
  const parts = naming === 'keras' ? kerasParts(useful, kind, file) : torchvisionParts(useful, kind, file);
  const layers = new Map<string, ConvolutionWeights>();
  let channels = 3;
  for (const name of withoutGaps(parts, kind, file)) {
    const layer = convolution(name, parts.get(name)!, naming, channels, file);
    layers.set(name, layer);
    channels = layer.kernelShape[3];
  }
  return { kind, naming, layers };
}

/** Whether an array or layer belongs to the classifier after the convolutions, which is of no use for losses. */
export function isClassifier(name: string): boolean {
  return CLASSIFIER.test(name);
}

/** VGG19 and VGG16 differ from block 3 on. A file that stops before that is both, and is called VGG19. */
function kindOf(names: readonly string[], naming: Naming): LossNetworkKind {
  const fits = (kind: LossNetworkKind) =>
    names.every((name) => {
      const index = TORCHVISION_NAME.exec(name)?.[1];
      return index === undefined || torchvisionIndices(kind).has(Number(index));
    });
  if (naming === 'torchvision') return LOSS_NETWORK_KINDS.find(fits) ?? 'vgg19';
  const has = (layer: RegExp) => names.some((name) => layer.test(name));
  return has(/^block[345]_conv4\//) || !has(/^block[45]_/) ? 'vgg19' : 'vgg16';
}

function kerasParts(arrays: readonly NamedArray[], kind: LossNetworkKind, file: string): Map<string, Parts> {
  const known = new Set(convolutionNames(kind));
  return collect(arrays, kind, file, (name) => {
    const [, block, place, part] = KERAS_NAME.exec(name) ?? [];
    const layer = `conv${block}_${place}`;
    return known.has(layer) ? [layer, part === 'kernel' ? 'kernel' : 'bias'] : undefined;
  });
}

function torchvisionParts(
  arrays: readonly NamedArray[],
  kind: LossNetworkKind,
  file: string,
): Map<string, Parts> {
  const indices = torchvisionIndices(kind);
  return collect(arrays, kind, file, (name) => {
    const [, index, part] = TORCHVISION_NAME.exec(name) ?? [];
    const layer = indices.get(Number(index));
    return layer === undefined ? undefined : [layer, part === 'weight' ? 'kernel' : 'bias'];
  });
}

function collect(
  arrays: readonly NamedArray[],
  kind: LossNetworkKind,
  file: string,
  place: (name: string) => readonly [string, keyof Parts] | undefined,
): Map<string, Parts> {
  const layers = new Map<string, Parts>();
  for (const array of arrays) {
    const found = place(array.name);
    if (found === undefined) {
      throw new WeightsError(
        `${file} does not hold a ${kind.toUpperCase()} network: it has no place for the array ${printable(array.name)}` +
          ` of shape [${array.shape}].`,
      );
    }
    const [layer, part] = found;
    const parts = layers.get(layer) ?? {};
    parts[part] = array;
    layers.set(layer, parts);
  }
  return layers;
}

function withoutGaps(
  parts: ReadonlyMap<string, Parts>,
  kind: LossNetworkKind,
  file: string,
): readonly string[] {
  const names = convolutionNames(kind);
  const last = names.findLastIndex((name) => parts.has(name));
  const missing = names.slice(0, last + 1).find((name) => !parts.has(name));
  if (last < 0) {
    throw new WeightsError(
      `${file} holds no convolution of a VGG network; arrays named as Keras (block1_conv1) or torchvision` +
        ' (features.0) name them are expected.',
    );
  }
  if (missing !== undefined) {
    throw new WeightsError(
      `${file} lacks the layer ${missing}, though it has ${names[last]}, which comes later.`,
    );
  }
  return names.slice(0, last + 1);
}

function convolution(
  name: string,
  { kernel, bias }: Parts,
  naming: Naming,
  channelsIn: number,
  file: string,
): ConvolutionWeights {
  if (kernel === undefined || bias === undefined) {
    throw new WeightsError(`${file}: layer ${name} lacks its ${kernel === undefined ? 'kernel' : 'bias'}.`);
  }
  const [h, w, i, o] = naming === 'keras' ? kernel.shape : [2, 3, 1, 0].map((axis) => kernel.shape[axis]);
  if (kernel.shape.length !== 4 || h !== 3 || w !== 3 || i !== channelsIn || o === undefined || o === 0) {
    const wanted = naming === 'keras' ? `[3,3,${channelsIn},n]` : `[n,${channelsIn},3,3]`;
    throw new WeightsError(
      `${file}: the kernel of layer ${name} should have the shape ${wanted} but has [${kernel.shape}].`,
    );
  }
  if (bias.shape.length !== 1 || bias.shape[0] !== o) {
    throw new WeightsError(
      `${file}: the bias of layer ${name} should have the shape [${o}] but has [${bias.shape}].`,
    );
  }
  for (const { values } of [kernel, bias]) {
    if (!values.every(Number.isFinite)) {
      throw new WeightsError(
        `${file}: layer ${name} holds numbers that are not finite; the file is damaged.`,
      );
    }
  }
  const values = naming === 'keras' ? kernel.values : outputsLast(kernel.values, i, o);
  return { kernel: values, kernelShape: [h, w, i, o], bias: bias.values };
}
