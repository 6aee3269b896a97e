import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatSafetensors, type NamedArray, parseSafetensors } from '../../networks/safetensors.ts';
import { asFileError, writeFileAtomically } from '../../system/atomic-file.ts';
import { CheckpointError, expected, FastStyleError } from '../../system/errors.ts';
import { isCount, isRecord, jsonOrNothing } from '../../system/json-text.ts';
import { readPlainFile } from '../../system/plain-file.ts';
import { printable } from '../../system/printable.ts';
import { parseTrainConfig, type TrainConfig } from '../config.ts';
import type { GuardRecord } from '../guard/guard-record.ts';
import { BEFORE } from '../settings.ts';
import type { Leg } from '../step/legs.ts';
import type { BatchLosses } from '../step/loss-values.ts';
import { KEPT_STATES, logLength, stateFile, stateFiles } from './run-folder.ts';

const FORMAT = 'fast-style run state';
/** Raised with every setting or tensor that is added: a state of an older version would be filled with today's defaults. */
const VERSION = '6';

/** A run's position in the endless sequence of batches; the data side knows what it means. */
export interface DataPosition {
  readonly epoch: number;
  readonly index: number;
}

/** Everything that a run needs to continue as if it had never stopped, in full precision. */
export interface RunState {
  /** Id of the run, drawn when it was started: which checkpoint is its own. */
  readonly run: string;
  readonly config: TrainConfig;
  /** The run's history: one leg per configuration, the last with `config`. */
  readonly legs: readonly Leg[];
  /** Steps done. */
  readonly step: number;
  /** Photos seen, counted with repetition. */
  readonly images: number;
  /** Position after the last batch used. With the seed, it is the whole state of the random numbers. */
  readonly position: DataPosition;
  /** Losses of the last steps, oldest first: what the log's means and the guard continue from. */
  readonly recent: readonly BatchLosses[];
  readonly guard: GuardRecord;
  /**
   * SHA-256 of the painting's pixels, the loss network's identity, and the data set's own id: a run resumes only with
   * the same.
   */
  readonly painting: string;
  readonly lossNetwork: string;
  readonly dataset: string;
  /** Several styles in one network: their names and the weights found for them. */
  readonly styles?: readonly { readonly name: string; readonly styleWeight: number }[];
  /** SHA-256 of the network to which a style is added. */
  readonly base?: string;
  /** The training state's members (`membersOf`). */
  readonly tensors: readonly NamedArray[];
}

/** A state as it was found in a run's folder. */
export interface SavedRun {
  readonly state: RunState;
  /** Bytes that the run's log had when the state was saved. */
  readonly logBytes: number;
  /** For each newer file that was passed over, one line that says why. */
  readonly passedOver: readonly string[];
}

/** Members of the state that are kept as JSON. */
const JSON_KEYS = ['config', 'legs', 'step', 'images', 'position', 'recent', 'guard'] as const;
const TEXT_KEYS = ['run', 'painting', 'lossNetwork', 'dataset'] as const;

/**
 * Writes a run's state into its folder, atomically, with a checksum, and then removes all but the last `keep`. States of
 * later steps go as well: they belong to a way that the run has left.
 *
 * @throws {FileError} the folder cannot be written to; older states are unchanged.
 */
export async function saveRunState(folder: string, state: RunState, keep = KEPT_STATES): Promise<void> {
  const metadata: Record<string, string> = {
    format: FORMAT,
    version: VERSION,
    logBytes: String(await logLength(folder)),
  };
  for (const key of JSON_KEYS) metadata[key] = JSON.stringify(state[key]);
  for (const key of TEXT_KEYS) metadata[key] = state[key];
  if (state.styles !== undefined) metadata.styles = JSON.stringify(state.styles);
  if (state.base !== undefined) metadata.base = state.base;
  metadata.sha256 = checksum(metadata, state.tensors);
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw asFileError(error, `make the folder ${folder}`);
  });
  const name = stateFile(state.step);
  await writeFileAtomically(join(folder, name), formatSafetensors(state.tensors, metadata, 'F32'), {
    overwrite: true,
  });
  const names = await stateFiles(folder);
  const at = names.indexOf(name);
  const old = names.filter((_, i) => i > at || i <= at - keep);
  await Promise.all(old.map((each) => rm(join(folder, each), { force: true })));
}

/** Whether a run has left a state in the folder. */
export async function hasRunState(folder: string): Promise<boolean> {
  return (await stateFiles(folder)).length > 0;
}

/**
 * The newest readable state of a run.
 *
 * @throws {CheckpointError} there is none.
 */
export async function loadRunState(folder: string): Promise<SavedRun> {
  const passedOver: string[] = [];
  for (const name of (await stateFiles(folder)).reverse()) {
    const path = join(folder, name);
    try {
      return { ...parseRunState(await readPlainFile(path), path), passedOver };
    } catch (error) {
      const failure = asFileError(error, `read ${path}`);
      if (!(failure instanceof FastStyleError)) throw error;
      passedOver.push(failure.message);
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

function parseRunState(bytes: Uint8Array, path: string): Omit<SavedRun, 'passedOver'> {
  const { tensors, metadata } = parseSafetensors(bytes, path, CheckpointError);
  const fail = (what: string, received: string): never => {
    throw new CheckpointError(expected(`${what} in ${path}`, received));
  };
  const text = (key: string): string => metadata[key] ?? fail(`the entry ${key}`, 'none');
  if (metadata.format !== FORMAT) fail('a run state', metadata.format ?? 'a file of another kind');
  if (metadata.version !== VERSION) fail(`a run state of version ${VERSION}`, `version ${metadata.version}`);
  const { sha256, ...rest } = metadata;
  if (sha256 !== checksum(rest, [...tensors.values()]))
    fail('a run state as it was written', 'one that has changed since (its checksum is wrong)');
  const count = (key: string): number => {
    const value = Number(text(key));
    return Number.isSafeInteger(value) && value >= 0 ? value : fail(`a whole number as ${key}`, text(key));
  };
  const part = <T>(key: string, fits: (value: unknown) => value is T): T => {
    const value = jsonOrNothing(text(key));
    return fits(value) ? value : fail(`${key} of a run`, printable(text(key).slice(0, 40)));
  };
  const state: RunState = {
    config: parseTrainConfig({ ...BEFORE, ...part('config', isRecord) }),
    legs: part('legs', isLegs),
    step: count('step'),
    images: count('images'),
    position: part('position', isPosition),
    recent: part('recent', isRecent),
    guard: part('guard', isGuardRecord),
    run: text('run'),
    painting: text('painting'),
    lossNetwork: text('lossNetwork'),
    dataset: text('dataset'),
    ...(metadata.styles === undefined ? {} : { styles: part('styles', isStyleWeights) }),
    ...(metadata.base === undefined ? {} : { base: metadata.base }),
    tensors: [...tensors.values()],
  };
  return { state, logBytes: count('logBytes') };
}

/** SHA-256 of metadata and tensors in the order of their names: lengths alone do not show a flipped bit. */
function checksum(metadata: Readonly<Record<string, string>>, tensors: readonly NamedArray[]): string {
  const hash = createHash('sha256');
  for (const key of Object.keys(metadata).sort()) hash.update(`${key}\0${metadata[key]}\0`);
  for (const { name, shape, values } of tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(`${name}\0${shape}\0`);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

type Fits<T> = (value: unknown) => value is T;

const isText: Fits<string> = (value) => typeof value === 'string';
const isNumber: Fits<number> = (value) => typeof value === 'number';

function listOf<T>(fits: Fits<T>): Fits<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(fits);
}

/** The configurations in them are history: a setting of an older version is no fault. */
const isLegs: Fits<readonly Leg[]> = (value): value is readonly Leg[] =>
  listOf(isLeg)(value) && value.length > 0;

function isLeg(value: unknown): value is Leg {
  if (!isRecord(value) || !isCount(value.step) || !isCount(value.images) || !isRecord(value.config))
    return false;
  return value.from === undefined || isOrigin(value.from);
}

function isOrigin(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { name, sha256, steps, images, legs } = value;
  const isKnown = isText(name) && isText(sha256) && isCount(steps) && isCount(images);
  return isKnown && (legs === undefined || Array.isArray(legs));
}

const isPosition: Fits<DataPosition> = (value): value is DataPosition =>
  isRecord(value) && isCount(value.epoch) && isCount(value.index);

/** JSON writes a term that is not finite as null; the guard knows what to do with such a step. */
const isLoss = (value: unknown) => value === null || isNumber(value);

/** States from before layers were logged have none. */
const isRecent: Fits<readonly BatchLosses[]> = listOf((value): value is BatchLosses => {
  if (!isRecord(value)) return false;
  const { photos, contentLayers, styleLayers, ...terms } = value;
  const areLayers = [contentLayers, styleLayers].every(
    (layers) => layers === undefined || (isRecord(layers) && Object.values(layers).every(isLoss)),
  );
  return areLayers && isLoss(terms.total) && Object.values(terms).every(isLoss) && arePhotos(photos);
});

function arePhotos(photos: unknown): boolean {
  const isPhoto = (value: unknown) => isRecord(value) && Object.values(value).every(isLoss);
  return photos === undefined || (Array.isArray(photos) && photos.every(isPhoto));
}

const isGuardRecord: Fits<GuardRecord> = (value): value is GuardRecord =>
  isRecord(value) &&
  isNumber(value.learningRateFactor) &&
  listOf((each): each is GuardRecord['rollBacks'][number] => {
    if (!isRecord(each)) return false;
    return [each.step, each.to].every(isCount) && isText(each.reason) && isNumber(each.learningRateFactor);
  })(value.rollBacks);

const isStyleWeights: Fits<NonNullable<RunState['styles']>> = listOf(
  (each): each is { readonly name: string; readonly styleWeight: number } =>
    isRecord(each) && isText(each.name) && isNumber(each.styleWeight),
);
