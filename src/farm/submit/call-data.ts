/** A command line as a job's data: its options, with keys of the store in place of paths. */
import { stat } from 'node:fs/promises';
import { partsOfBlend } from '../../infer/blend.ts';
import { resolveStyle } from '../../infer/open-style.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { TRAIN_CALL } from '../../train/run/call-settings.ts';
import { NO_START } from '../../train/run/inputs.ts';
import type { StorePlaces } from './store-places.ts';

/** What the options of a command that are files become; any other stays as it is. */
interface FileOptions {
  /** Files and folders that are in the store. */
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  /** Files that may lie anywhere: they are put into the store. */
  readonly carried?: readonly string[];
  /** The same of what may also be a name. */
  readonly named?: readonly string[];
  /** Trained styles, by name or file, which are put into the store. */
  readonly styles?: readonly string[];
  /** What the command has where nothing is given: below the root, not where submit was called. */
  readonly defaults?: Readonly<Record<string, string>>;
}

const FILES: Readonly<Record<string, FileOptions>> = {
  stylize: { inputs: ['photo'], outputs: ['out'], carried: ['mask'], styles: ['style'] },
  video: { inputs: ['video'], outputs: ['out'], carried: ['mask'], styles: ['style'] },
  train: {
    inputs: ['data'],
    outputs: ['out', 'run'],
    carried: ['style', 'config', 'previewPhoto'],
    named: ['lossNetwork'],
    styles: ['from', 'addTo'],
    defaults: { out: TRAIN_CALL.out.default },
  },
  sheet: { outputs: ['file'], carried: ['photo'] },
  compare: {
    inputs: ['photos'],
    outputs: ['out'],
    carried: ['painting'],
    named: ['lossNetwork'],
    styles: ['style'],
  },
};

/** A job's data, and the keys of the files that decide what comes of it and of what it writes. */
export interface CallData {
  readonly data: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * @param options of the command, by their names in camelCase; those that were not given are undefined.
 * @throws {ConfigError} a file lies where workers do not reach it. {CheckpointError} there is no such style.
 */
export async function callData(
  kind: string,
  options: Readonly<Record<string, unknown>>,
  places: StorePlaces,
): Promise<CallData> {
  const files = FILES[kind];
  if (files === undefined) throw new ConfigError(expected('a kind of job', kind));
  const data: Record<string, unknown> = {};
  const inputs: string[] = [];
  const outputs: string[] = [];
  const placeOf: Readonly<Record<keyof Omit<FileOptions, 'defaults'>, (name: string) => Promise<string>>> = {
    inputs: async (name) => {
      const key = await places.input(name);
      inputs.push(key);
      return key;
    },
    outputs: async (name) => {
      const key = await places.output(name);
      outputs.push(key);
      return key;
    },
    carried: (path) => places.carried(path, 'files'),
    named: (name) => namedFile(name, places),
    styles: (reference) =>
      reference === NO_START ? Promise.resolve(reference) : styleKey(reference, places),
  };
  const { defaults = {}, ...ofFiles } = files;
  const roles = Object.entries(ofFiles) as [keyof typeof placeOf, readonly string[]][];
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const role = roles.find(([, names]) => names.includes(name))?.[0];
    if (role === undefined || (value === defaults[name] && role === 'outputs')) data[name] = value;
    else if (Array.isArray(value)) data[name] = await inTurn(value, placeOf[role]);
    else data[name] = await placeOf[role](String(value));
  }
  // Of a file that holds them all, a mixture names styles.
  const { blend, style } = options;
  if (blend !== undefined && style === undefined) data.blend = await blendKeys(String(blend), places);
  return { data, inputs, outputs };
}

async function inTurn(
  names: readonly unknown[],
  place: (name: string) => Promise<string>,
): Promise<string[]> {
  const keys: string[] = [];
  for (const name of names) keys.push(await place(String(name)));
  return keys;
}

/** A file is put into the store; any other word is a name, which means something to the workers. */
async function namedFile(name: string, places: StorePlaces): Promise<string> {
  const isFile = (await stat(name).catch(() => undefined))?.isFile() === true;
  return isFile ? places.carried(name, 'files') : name;
}

/** Where a style is for the workers: the file that it means here, put into the store. */
async function styleKey(reference: string, places: StorePlaces): Promise<string> {
  const { path, style } = await resolveStyle(reference);
  const key = await places.carried(path, 'styles');
  return style === undefined ? key : `${key}:${style}`;
}

/** A mixture of styles in files of their own, with or without times: `wave:0.7,scream:0.3`, `wave@0s,scream@10s`. */
async function blendKeys(blend: string, places: StorePlaces): Promise<string> {
  const parts = partsOfBlend(blend).map(async ([style, rest]) => {
    if (style === '')
      throw new ConfigError(expected('styles with weights like wave:0.7,scream:0.3 for --blend', blend));
    return `${await styleKey(style, places)}${rest}`;
  });
  return (await Promise.all(parts)).join(',');
}
