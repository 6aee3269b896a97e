/** What `fast-style weights` does: loss networks fetched, imported and listed. */
import type { StoredWeights } from '../networks/weights/store-weights.ts';
import { choiceSetting } from '../system/setting-kinds.ts';
import { checkSettings } from '../system/settings.ts';
import { flag, givenOf, text } from './option-rows.ts';

export interface ImportWeightsOptions {
  /** Name to store them under, for `lossNetwork`. That of published weights, or the file's, unless given. */
  readonly name?: string;
  /** Replace weights of the same name. */
  readonly overwrite?: boolean;
}

export interface FetchWeightsOptions extends ImportWeightsOptions {
  /** Whose weights: Keras has the original ones (80 or 60 MB), torchvision its own (575 MB). Defaults to `keras`. */
  readonly from?: 'keras' | 'torchvision';
  /** Bytes that are there; of how many, once the server has said it. */
  readonly onProgress?: (progress: { readonly done: number; readonly total?: number }) => void;
  /** Takes a line where the address failed, and the weights come from elsewhere. */
  readonly onNote?: (note: string) => void;
  /** Ends the download; the same call continues it. */
  readonly signal?: AbortSignal;
}

/** Weights of a loss network that are stored, or shipped. */
export interface LossNetworkFile {
  /** For `lossNetwork`. */
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  /** What the names of its layers are those of. */
  readonly network: 'vgg19' | 'vgg16';
  readonly layers: readonly string[];
  readonly source: string;
  readonly licence?: string;
}

const IMPORTING = { file: text, name: text, overwrite: flag };
const FETCHING = {
  ...{ name: text, overwrite: flag },
  network: choiceSetting(['vgg19', 'vgg16'], { default: 'vgg19' }),
  from: choiceSetting(['keras', 'torchvision'], { default: 'keras' }),
};

/**
 * Downloads published weights, checks and stores them, as `fast-style weights fetch` does. Weights that are stored already are answered
 * as they are, unless they are to be replaced.
 *
 * @throws {ConfigError} an unknown or invalid option. {WeightsError} they cannot be fetched, or are not what was
 * published. {FileError} they cannot be written. The signal's reason, where it is aborted.
 */
export async function fetchWeights(
  network: 'vgg19' | 'vgg16',
  options: FetchWeightsOptions = {},
): Promise<LossNetworkFile> {
  const { onProgress, onNote, signal, ...choices } = options;
  checkSettings(FETCHING, { network, ...givenOf(choices) }, 'fetchWeights');
  signal?.throwIfAborted();
  const { publishedName, publishedWeights } = await import('../networks/weights/published-weights.ts');
  const { storedWeightsNames } = await import('../networks/weights/weights-folder.ts');
  const { readStoredWeights, storePublishedWeights } = await import('../networks/weights/store-weights.ts');
  const { from = 'keras', overwrite = false } = choices;
  const published = publishedWeights(network, from);
  const name = choices.name ?? publishedName(published);
  if (!overwrite && (await storedWeightsNames()).includes(name))
    return described(await readStoredWeights(name));
  const stored = await storePublishedWeights(published, {
    ...{ name, overwrite, signal },
    ...(onNote && { onElsewhere: onNote }),
    ...(onProgress && {
      onProgress: (done, total) => onProgress({ done, ...(total === undefined ? {} : { total }) }),
    }),
  });
  return described(stored);
}

/**
 * Checks a file of weights and stores it, as `fast-style weights import` does.
 *
 * @param file Keras .h5, torch .pth, .onnx or .safetensors.
 * @throws {ConfigError} an unknown or invalid option. {WeightsError} the file does not fit. {FileError} it cannot
 * be read or stored, or the name is taken.
 */
export async function importWeights(
  file: string,
  options: ImportWeightsOptions = {},
): Promise<LossNetworkFile> {
  checkSettings(IMPORTING, { file, ...givenOf(options) }, 'importWeights');
  const { storeWeightsFile } = await import('../networks/weights/store-weights.ts');
  return described(await storeWeightsFile(file, options));
}

/**
 * The loss networks that there are: the shipped one, and those that are stored.
 *
 * @param onNote takes a line on each file in their folder that does not fit. @throws {FileError} the folder cannot be read.
 */
export async function listWeights({
  onNote,
}: Pick<FetchWeightsOptions, 'onNote'> = {}): Promise<readonly LossNetworkFile[]> {
  const { readWeightsFolder, shippedWeights } = await import('../networks/weights/store-weights.ts');
  const { stored, faults } = await readWeightsFolder();
  for (const { message } of faults) onNote?.(message);
  return [await shippedWeights(), ...stored].map(described);
}

function described({ name, path: file, bytes, weights }: StoredWeights): LossNetworkFile {
  const { kind: network, layers, source, provenance } = weights;
  const { license: licence } = provenance;
  return {
    ...{ name, file, bytes, network, layers: [...layers.keys()], source },
    ...(licence === undefined ? {} : { licence }),
  };
}
