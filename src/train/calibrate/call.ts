/** What `calibrate` is asked for, by the command line or the library. Loads nothing heavy. */
import type { PictureInput } from '../../data/photo/source.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { ownSetting, switchSetting, wholeSetting } from '../../system/setting-kinds.ts';
import type { SettingsTable, SettingValues } from '../../system/settings.ts';
import { TRAIN_SETTINGS } from '../settings.ts';

/** Settings that the grid itself lays out, or that would replace a strength. */
const LAID_OUT = ['strength', 'styleSize', 'styleWeight', 'steps', 'units'] as const;

export type LaidOut = (typeof LAID_OUT)[number];

/** Those that hold for every cell. */
export const CELL_SETTINGS: SettingsTable = Object.fromEntries(
  Object.entries(TRAIN_SETTINGS).filter(([name]) => !LAID_OUT.some((one) => one === name)),
);

export const CALIBRATE_SETTINGS = {
  strengths: ownSetting(severalNumbers, {
    default: [2, 5, 8],
    describe: 'Strengths, 1 to 10: a column of the sheet each',
    read: readNumbers,
  }),
  styleSizes: ownSetting(severalNumbers, {
    default: [384, 768],
    describe: 'Longer sides of the painting in px: a row each',
    read: readNumbers,
  }),
  photos: wholeSetting([1, 16], {
    default: 3,
    describe: 'Photos, or synthetic pictures, painted in each cell',
  }),
  trySteps: wholeSetting([1, Number.POSITIVE_INFINITY], {
    default: 150,
    group: 'Optimisation:',
    describe: 'Training steps per cell, on crops of at most 128 px',
  }),
  overwrite: switchSetting({ default: false, describe: 'Replace existing files' }),
} as const;

/** By the names of the options of `fast-style calibrate` in camelCase. */
export interface CalibrateCall extends SettingValues<typeof CALIBRATE_SETTINGS> {
  /** Settings of training that were given. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly style: PictureInput;
  readonly data?: string | undefined;
  readonly from?: string | undefined;
  /** The sheet; nothing is written without. */
  readonly out?: string | undefined;
}

/** @param received what the message shows: as it was typed. */
function severalNumbers(value: unknown, name: string, received = value): readonly number[] {
  const isSound =
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= 10 &&
    new Set(value).size === value.length &&
    value.every((one) => typeof one === 'number' && one > 0);
  if (isSound) return value as readonly number[];
  throw new ConfigError(expected(`up to 10 different numbers like 2,5,8 for ${name}`, received));
}

function readNumbers(text: string, option: string): readonly number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  return severalNumbers(values, option, text);
}
