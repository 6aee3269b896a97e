/** The data of a job that trains styles: the options of `train`, with keys in place of paths. Loads nothing heavy. */
import { posix } from 'node:path';
import { ConfigError, expected } from '../../system/errors.ts';
import { isRecord } from '../../system/json-text.ts';
import { optionName, settingValue, valuesOf, withoutRows } from '../../system/settings.ts';
import { checkTrainCall, TRAIN_CALL } from '../../train/run/call-settings.ts';
import { NO_START, type TrainCall } from '../../train/run/inputs.ts';
import { subjectsOf, type TrainSubject } from '../../train/run/subject.ts';
import { TRAIN_SETTINGS } from '../../train/settings.ts';
import { requireKey, requireOutputKey } from '../store/key.ts';
import { requireStyleKey } from './stylize-call.ts';

/** A call whose paths are keys. */
export interface TrainJob extends Omit<TrainCall, 'bytes' | 'lossNetworkFile' | 'id' | 'previewPhoto'> {
  readonly previewPhoto?: readonly string[] | undefined;
}

const NOT_HERE: Readonly<Record<string, string>> = {
  resume: 'a farm goes on by itself where a training was broken off',
  plan: 'run fast-style train --plan on a machine like the workers',
  tensorboard: 'fast-style report --tensorboard writes its files from the finished run',
};

/** The command's rows: paintings are keys, which are checked apart. */
const OPTIONS = withoutRows(TRAIN_CALL, ['style']);

/** Names of loss networks that workers have, or are brought with the program; anything else is a file. */
const NAME = /^[a-z0-9][a-z0-9_-]*$/i;

/** @throws {ConfigError} data that no command line could have made, or what is no file of the store. */
export function checkTrain(data: unknown): TrainJob {
  if (!isRecord(data)) throw new ConfigError(expected('options of train', data));
  const settings: Record<string, unknown> = {};
  const others: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) {
    if (value === undefined || (Object.hasOwn(NOT_HERE, name) && value === false)) continue;
    if (Object.hasOwn(NOT_HERE, name))
      throw new ConfigError(expected('no such option for a farm', name, NOT_HERE[name]));
    const row = Object.hasOwn(TRAIN_SETTINGS, name)
      ? TRAIN_SETTINGS[name as keyof typeof TRAIN_SETTINGS]
      : undefined;
    if (row === undefined) others[name] = value;
    else settings[name] = settingValue(row, value, `--${optionName(name)}`);
  }
  const { settings: inner, style, ...given } = others;
  if (inner !== undefined) {
    if (!isRecord(inner)) throw new ConfigError(expected('settings of training', inner));
    Object.assign(settings, inner);
  }
  checkTrainCall({ ...given, ...settings }, OPTIONS);
  requireLossNetwork(settings.lossNetwork);
  if (!Array.isArray(style) || style.length === 0)
    throw new ConfigError(expected('a painting for --style', style ?? 'none'));
  const checked: TrainJob = {
    ...valuesOf(OPTIONS, given),
    settings,
    style: style.map((key) => requireKey(key, 'a painting')),
  };
  const { data: photos, previewPhoto = [], config, from, addTo, out, run } = checked;
  if (photos !== undefined) requireFolder(photos, 'a data set');
  for (const photo of previewPhoto) requireKey(photo, 'a photo for --preview-photo');
  if (config !== undefined) requireKey(config, 'a configuration');
  if (from !== undefined && from !== NO_START) requireStyleKey(from);
  if (addTo !== undefined) requireStyleKey(addTo);
  for (const folder of [out, run]) if (folder !== undefined) requireFolder(folder, 'a folder to write');
  for (const subject of subjectsOf(checked)) placesOf(subject);
  return checked;
}

/** A loss network by name, or the key of its file: what a worker reads lies in the store. @throws {ConfigError} it is neither. */
export function requireLossNetwork(value: unknown): void {
  if (value === undefined || (typeof value === 'string' && NAME.test(value))) return;
  requireKey(value, "a loss network's .safetensors file");
  if (!String(value).endsWith('.safetensors'))
    throw new ConfigError(expected("a loss network's name, or the key of its .safetensors file", value));
}

/** Whether it is a file of the store. */
export const isLossNetworkFile = (value: unknown): value is string =>
  typeof value === 'string' && !NAME.test(value);

/** A folder's key, without the slash that it may end with. */
export function requireFolder(value: unknown, what: string): string {
  return requireKey(typeof value === 'string' ? value.replace(/\/$/, '') : value, what);
}

/** Keys of what a run writes: its folder, and the checkpoint. */
export function placesOf({ runFolder, checkpointPath }: TrainSubject): {
  readonly run: string;
  readonly checkpoint: string;
} {
  const keyOf = (path: string) =>
    requireOutputKey(posix.normalize(path.replaceAll('\\', '/')).replace(/\/$/, ''), 'what is written');
  return { run: keyOf(runFolder), checkpoint: keyOf(checkpointPath) };
}
