import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asFileError, writeFileAtomically } from '../atomic-file.ts';
import { CheckpointError, expected } from '../errors.ts';
import { formatSafetensors, type NamedArray, parseSafetensors } from '../networks/safetensors.ts';
import { parseTrainConfig, type TrainConfig } from './config.ts';
import type { Leg } from './legs.ts';

const FORMAT = 'fast-style run state';
/** Raised with every setting or tensor that is added: a state of an older version would be filled with today's defaults. */
const VERSION = '2';
/** How many states are kept: the newest, and one to fall back on. */
const KEPT = 2;
const FILE = /^state-(\d{9})\.safetensors$/;
/** The run's log in its folder: a JSON object per line. */
export const LOG = 'log.jsonl';
/** The folder of previews in the run's folder. */
export const PREVIEWS = 'previews';
const PREVIEW_FILE = /-\d{6,}\.jpg$/;

/** Name of the preview that shows `photo` after a step. */
export function previewFile(photo: string, step: number): string {
  return join(PREVIEWS, `${photo}-${String(step).padStart(6, '0')}.jpg`);
}

/** Where in the endless row of batches a run stands; the data side knows what it means. */
export interface DataPosition {
  readonly epoch: number;
  readonly index: number;
}

/** Everything that a run needs to go on as if it had never stopped, in full precision. */
export interface RunState {
  readonly config: TrainConfig;
  /** The run's history: one leg per configuration, the last with `config`. */
  readonly legs: readonly Leg[];
  /** Steps done. */
  readonly step: number;
  /** Photos seen, counted with repetition. */
  readonly images: number;
  /** Position behind the last batch used. */
  readonly position: DataPosition;
  /**
   * SHA-256 of the painting's pixels and of the loss network's file, and the data set's own id: a run goes on only
   * with the same.
   */
  readonly painting: string;
  readonly lossNetwork: string;
  readonly dataset: string;
  /** The flattened state by name (`stateNames`). */
  readonly tensors: readonly NamedArray[];
}

/**
 * Writes a run's state into its folder, atomically, and removes all but the last ones.
 *
 * @throws {FileError} the folder cannot be written to; older states stay as they are.
 */
export async function saveRunState(folder: string, { tensors, ...rest }: RunState): Promise<void> {
  const { config, legs, step, images, position, painting, lossNetwork, dataset } = rest;
  const metadata = {
    format: FORMAT,
    version: VERSION,
    config: JSON.stringify(config),
    legs: JSON.stringify(legs),
    step: String(step),
    images: String(images),
    position: JSON.stringify(position),
    painting,
    lossNetwork,
    dataset,
  };
  const path = join(folder, `state-${String(step).padStart(9, '0')}.safetensors`);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw asFileError(error, `make the folder ${folder}`);
  });
  await writeFileAtomically(path, formatSafetensors(tensors, metadata, 'F32'), { overwrite: true });
  const old = (await stateFiles(folder)).slice(0, -KEPT);
  await Promise.all(old.map((name) => rm(join(folder, name), { force: true })));
}

/** Whether a run has left a state in the folder. */
export async function hasRunState(folder: string): Promise<boolean> {
  return (await stateFiles(folder)).length > 0;
}

/**
 * The newest readable state of a run.
 *
 * @returns the state, and for each newer file that was passed over one line that says why.
 * @throws {CheckpointError} there is none.
 */
export async function loadRunState(
  folder: string,
): Promise<{ readonly state: RunState; readonly passedOver: readonly string[] }> {
  const passedOver: string[] = [];
  for (const name of (await stateFiles(folder)).reverse()) {
    const path = join(folder, name);
    try {
      return { state: parseRunState(await readFile(path), path), passedOver };
    } catch (error) {
      passedOver.push(error instanceof Error ? error.message : String(error));
    }
  }
  const reasons = passedOver.length > 0 ? `: ${passedOver.join(' ')}` : '';
  throw new CheckpointError(
    expected(
      `the state of a run in ${folder}`,
      `none that can be used${reasons}`,
      'start it without --resume',
    ),
  );
}

function parseRunState(bytes: Uint8Array, path: string): RunState {
  const { tensors, metadata } = parseSafetensors(bytes, path, CheckpointError);
  if (metadata.format !== FORMAT || metadata.version !== VERSION) {
    throw new CheckpointError(
      expected(`a run state of version ${VERSION} in ${path}`, metadata.format ?? 'a file of another kind'),
    );
  }
  return {
    config: parseTrainConfig(JSON.parse(metadata.config ?? '{}') as Record<string, unknown>),
    legs: JSON.parse(metadata.legs ?? '[]') as Leg[],
    step: count('step', metadata.step, path),
    images: count('images', metadata.images, path),
    position: JSON.parse(metadata.position ?? '{}') as DataPosition,
    painting: metadata.painting ?? '',
    lossNetwork: metadata.lossNetwork ?? '',
    dataset: metadata.dataset ?? '',
    tensors: [...tensors.values()],
  };
}

function count(key: string, text: string | undefined, path: string): number {
  const value = Number(text ?? Number.NaN);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new CheckpointError(expected(`a whole number as ${key} in ${path}`, text ?? 'nothing'));
  return value;
}

/**
 * Removes what an earlier run has left in its folder: states, log and previews. Whatever else lies there stays: the
 * folder is the user's choice.
 *
 * @throws {FileError} a file cannot be removed.
 */
export async function removeRun(folder: string): Promise<void> {
  const previews = join(folder, PREVIEWS);
  const pictures = (await readdir(previews).catch(() => [])).filter((name) => PREVIEW_FILE.test(name));
  const files = [
    ...(await stateFiles(folder)).map((name) => join(folder, name)),
    join(folder, LOG),
    ...pictures.map((name) => join(previews, name)),
  ];
  for (const file of files) {
    await rm(file, { force: true }).catch((error: unknown) => {
      throw asFileError(error, `remove ${file}`);
    });
  }
}

async function stateFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => FILE.test(name)).sort();
}
