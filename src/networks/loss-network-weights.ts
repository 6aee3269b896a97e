/** Weights of the loss networks: from the weights folder by name, or from a file in any of the published formats. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { asFileError } from '../system/atomic-file.ts';
import { WeightsError } from '../system/errors.ts';
import { readPlainFile } from '../system/plain-file.ts';
import { printable } from '../system/printable.ts';
import { type NamedArray, parseSafetensors } from './safetensors.ts';
import { describedWeights } from './weights/described-network.ts';
import {
  describeInput,
  type InputConvention,
  KERAS_INPUT,
  parseInputConvention,
  TORCHVISION_INPUT,
} from './weights/input-convention.ts';
import { parseSteps, type Step } from './weights/loss-network-steps.ts';
import { type ConvolutionWeights, isClassifier, vggFromArrays } from './weights/vgg-from-arrays.ts';
import { isLossNetworkKind, type LossNetworkKind } from './weights/vgg-layout.ts';
import { shippedWeightsFile, storedWeightsFile } from './weights/weights-folder.ts';

export type { InputConvention } from './weights/input-convention.ts';
export type { ConvolutionWeights } from './weights/vgg-from-arrays.ts';
export type { LossNetworkKind } from './weights/vgg-layout.ts';

/** Where weights come from, as far as the file says. */
export interface WeightsProvenance {
  readonly license?: string;
  readonly authors?: string;
  readonly url?: string;
  readonly paper?: string;
  /** SHA-256 of the file that was imported, before it was converted. */
  readonly originalSha256?: string;
}

export interface LossNetworkWeights {
  readonly kind: LossNetworkKind;
  /**
   * conv1_1, conv1_2, conv2_1 …, in the order of the network; it may stop early but has no gaps. With `steps`, theirs.
   */
  readonly layers: ReadonlyMap<string, ConvolutionWeights>;
  /** What is computed, where that is not the published network; its loss layers have the published one's names. */
  readonly steps?: readonly Step[];
  readonly input: InputConvention;
  /** How every convolution pads its input by one pixel. */
  readonly padding: 'zero' | 'reflect';
  /** One line for people: where the weights come from, or the file's name. */
  readonly source: string;
  /** Of the file that was read. */
  readonly sha256: string;
  readonly provenance: WeightsProvenance;
}

const OPENING_BRACE = 0x7b;
const HDF5_SIGNATURE = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');
const ZIP_SIGNATURE = Buffer.from('PK\x03\x04', 'latin1');
/** Protocol 2, which torch writes by default. */
const PICKLE_SIGNATURE = Buffer.from('\x80\x02', 'latin1');

interface FileContent {
  readonly arrays: Iterable<NamedArray>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the weights of a VGG19 or VGG16 of any width, the widths are in the shapes, or of a network that its file describes.
 *
 * @param nameOrFile `compact`, a name in the weights folder (`vgg19`, or whatever it was imported as), or a path of a
 *   safetensors file, Keras .h5, torchvision .pth or .onnx file. The content decides the format.
 * @throws {WeightsError} there are no weights of that name, or the file's do not fit: the layer and shape are named.
 * @throws {FileError} the file cannot be read.
 */
export async function readLossNetworkWeights(nameOrFile: string): Promise<LossNetworkWeights> {
  if (isPath(nameOrFile)) return readWeightsFile(nameOrFile);
  return readWeightsFile(shippedWeightsFile(nameOrFile) ?? (await storedWeightsFile(nameOrFile)));
}

/** As `readLossNetworkWeights`, of a path only. */
export async function readWeightsFile(path: string): Promise<LossNetworkWeights> {
  const bytes = await readPlainFile(path).catch((error: unknown) => {
    throw asFileError(error, `read ${path}`);
  });
  return parseWeights(bytes, path);
}

/** As `readWeightsFile`, from bytes. @param path used in messages. */
export async function parseWeights(bytes: Buffer, path: string): Promise<LossNetworkWeights> {
  const { arrays, metadata } = await content(bytes, path);
  const stated = metadata.architecture;
  if (stated !== undefined && !isLossNetworkKind(stated)) {
    throw new WeightsError(
      `${path} holds weights of ${printable(stated)}; a loss network is a vgg19 or a vgg16.`,
    );
  }
  const steps = metadata.steps === undefined ? undefined : parseSteps(metadata.steps, path);
  const { kind, naming, layers } =
    steps === undefined
      ? vggFromArrays(arrays, path, stated)
      : { kind: stated ?? 'vgg19', naming: 'keras', layers: describedWeights(arrays, steps, path) };
  const layout = naming === 'keras' ? 'HWIO' : 'OIHW';
  if ((metadata.kernel_layout ?? layout) !== layout) {
    throw new WeightsError(
      `${path}: kernels named like these are ${layout}, not ${printable(metadata.kernel_layout)}.`,
    );
  }
  return {
    kind,
    layers,
    ...(steps !== undefined && { steps }),
    input: parseInputConvention(metadata, path) ?? (naming === 'keras' ? KERAS_INPUT : TORCHVISION_INPUT),
    padding: padding(metadata.padding ?? 'zero', path),
    source: metadata.source ?? basename(path),
    sha256: createHash('sha256').update(bytes).digest('hex'),
    provenance: provenance(metadata),
  };
}

/** Tells a path from a name in the weights folder. */
function isPath(nameOrFile: string): boolean {
  return /[/\\]|\.(safetensors|h5|hdf5|pth|pt|onnx)$/i.test(nameOrFile);
}

/** Tells the format by its first bytes. The readers of HDF5, pickles and ONNX are loaded when they are needed. */
async function content(bytes: Buffer, path: string): Promise<FileContent> {
  // A safetensors file starts with a number, which may look like anything; its ninth byte opens the header.
  if (bytes[8] === OPENING_BRACE) {
    const { tensors, metadata } = parseSafetensors(bytes, path);
    return { arrays: tensors.values(), metadata };
  }
  if (startsWith(bytes, HDF5_SIGNATURE)) {
    const { readKerasWeights } = await import('./weights/keras-h5.ts');
    return { arrays: await readKerasWeights(bytes, path), metadata: {} };
  }
  if (startsWith(bytes, ZIP_SIGNATURE) || startsWith(bytes, PICKLE_SIGNATURE)) {
    const { readTorchWeights } = await import('./weights/torch-pth.ts');
    return { arrays: await readTorchWeights(bytes, path, (name) => !isClassifier(name)), metadata: {} };
  }
  const { mayBeOnnx } = await import('./weights/onnx-messages.ts');
  const { readOnnxWeights } = await import('./weights/onnx.ts');
  if (mayBeOnnx(bytes)) {
    const { arrays, input } = readOnnxWeights(bytes, path);
    return { arrays, metadata: describeInput(input) };
  }
  throw new WeightsError(
    `${path} is neither a safetensors file, nor a Keras .h5, a torch .pth or an .onnx file.`,
  );
}

function startsWith(bytes: Buffer, signature: Buffer): boolean {
  return bytes.subarray(0, signature.length).equals(signature);
}

function padding(text: string, path: string): 'zero' | 'reflect' {
  if (text === 'zero' || text === 'reflect') return text;
  throw new WeightsError(`${path}: padding in its metadata must be zero or reflect, not ${printable(text)}.`);
}

function provenance(metadata: Readonly<Record<string, string>>): WeightsProvenance {
  const { license, authors, url, paper, original_sha256: originalSha256 } = metadata;
  return {
    ...(license !== undefined && { license }),
    ...(authors !== undefined && { authors }),
    ...(url !== undefined && { url }),
    ...(paper !== undefined && { paper }),
    ...(originalSha256 !== undefined && { originalSha256 }),
  };
}
