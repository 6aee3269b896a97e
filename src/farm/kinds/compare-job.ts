/** What a comparison's job and its tasks are, and what each answers: checked as strictly as a command line. */
import type { ComparisonRound, Judged, NamedParity } from '../../compare/figures.ts';
import { COMPARE_SETTINGS, roundsOf } from '../../judge/compare-call.ts';
import type { PictureSize } from '../../picture.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { isCount, isRecord } from '../../system/json-text.ts';
import { ownSetting, textSetting } from '../../system/setting-kinds.ts';
import {
  checkSettings,
  requireKnown,
  type SettingsTable,
  type SettingValues,
  typedValues,
} from '../../system/settings.ts';
import { OWN, requireKey, requireOutputKey } from '../store/key.ts';
import { isContentId } from './content-id.ts';
import { requireStyleKey } from './stylize-call.ts';

/** The options of `compare`, with keys in place of paths; settings as they are typed. */
export interface CompareJob {
  readonly style: string;
  /** A folder's key, with its slash. */
  readonly photos: string;
  readonly painting: string;
  /** A folder's key, with its slash; `compare/<style>/` unless given. */
  readonly out?: string;
  /** A name, or the key of a file. */
  readonly lossNetwork?: string;
  readonly precision?: string;
}

const folder = (what: string, require = requireKey) =>
  ownSetting(
    (value): string => {
      if (typeof value !== 'string' || !value.endsWith('/'))
        throw new ConfigError(expected(`a folder for ${what}`, value, 'end it with a slash'));
      if (value !== '/') require(value.slice(0, -1), what);
      return value;
    },
    { default: '' },
  );

const FILES = {
  style: ownSetting(requireStyleKey, { default: '' }),
  painting: ownSetting((value) => requireKey(value, 'a painting'), { default: '' }),
  photos: folder('--photos'),
  out: folder('--out', requireOutputKey),
  lossNetwork: textSetting({ default: '' }),
} as const satisfies SettingsTable;

/** @throws {ConfigError} it is no such job. */
export function checkComparison(data: unknown): CompareJob {
  if (!isRecord(data)) throw new ConfigError(expected('options of compare', data));
  const { style, photos, painting, out, lossNetwork, ...settings } = data;
  const optional = {
    ...(out === undefined ? {} : { out }),
    ...(lossNetwork === undefined ? {} : { lossNetwork }),
  };
  checkSettings(FILES, { style, photos, painting, ...optional }, 'a comparison');
  requireKnown({ ...FILES, ...COMPARE_SETTINGS }, settings, 'a comparison');
  typedValues(COMPARE_SETTINGS, settings);
  return data as unknown as CompareJob;
}

export function comparisonSettings(data: CompareJob): SettingValues<typeof COMPARE_SETTINGS> {
  return typedValues(COMPARE_SETTINGS, data as unknown as Readonly<Record<string, unknown>>);
}

/** Where the pictures of a comparison wait for its report, with a slash. */
export const comparisonFolder = (id: string): string => `${OWN}/compare/${id}/`;

/** What a worker gets: a photo in one round. */
export interface ComparisonTask {
  readonly job: CompareJob;
  readonly id: string;
  readonly round: ComparisonRound;
  /** The photo's name in its folder, its place among those drawn, and how many these are. */
  readonly name: string;
  readonly place: number;
  readonly photos: number;
}

/** What it answers. Its pictures are in the store, as the sheet shows them. */
export interface ComparedPhoto {
  readonly id: string;
  readonly round: ComparisonRound;
  readonly figures: NamedParity<PictureSize>;
  /** Key of the pictures, one below the other. */
  readonly pictures: string;
  readonly style: string;
  readonly conditions: readonly string[];
  readonly precision: string;
  /** What the bits depend on (`arithmeticOf`). */
  readonly arithmetic: string;
}

/** @throws {ConfigError} it is no such task. */
export function checkComparisonTask(task: unknown): ComparisonTask {
  const { job, id, round, name, place, photos } = isRecord(task) ? task : {};
  const checked = checkComparison(job);
  const isOfJob = roundsOf(comparisonSettings(checked)).some((one) => isSameRound(one, round));
  if (!isContentId(id) || !isOfJob || typeof name !== 'string' || !isCount(place) || !isCount(photos))
    throw new ConfigError(expected('a photo to compare', task));
  requireKey(name, 'a photo');
  return { job: checked, id, round: round as ComparisonRound, name, place, photos };
}

/** @throws {ConfigError} no task of such a job answers so. */
export function checkCompared(result: unknown): ComparedPhoto {
  const { id, round, figures, pictures, style, conditions, precision, arithmetic } = isRecord(result)
    ? result
    : {};
  const isSound =
    isContentId(id) &&
    isRecord(round) &&
    isFigures(figures) &&
    typeof pictures === 'string' &&
    pictures.startsWith(comparisonFolder(id)) &&
    [style, precision, arithmetic].every((one) => typeof one === 'string') &&
    Array.isArray(conditions) &&
    conditions.every((one) => typeof one === 'string');
  if (!isSound) throw new ConfigError(expected('what has been compared', result));
  requireKey(pictures, 'pictures');
  return result as unknown as ComparedPhoto;
}

export const isSameRound = (one: ComparisonRound, other: unknown): boolean =>
  isRecord(other) && one.size === other.size && one.lineSearch === other.lineSearch;

function isFigures(value: unknown): value is NamedParity<PictureSize> {
  if (!isRecord(value) || typeof value.name !== 'string' || !isCount(value.iterations)) return false;
  const { photo, network, milestones } = value;
  return [photo, network].every(isJudged) && Array.isArray(milestones) && milestones.every(isJudged);
}

function isJudged(value: unknown): value is Judged<PictureSize> {
  if (!isRecord(value) || !isRecord(value.picture) || !isRecord(value.terms)) return false;
  return isCount(value.picture.width) && isCount(value.picture.height) && typeof value.total === 'number';
}
