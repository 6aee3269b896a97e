/** What data sets are made with and asked for, as rows of settings. Loads nothing heavy. */
import { ConfigError, expected } from '../system/errors.ts';
import { ownSetting, switchSetting, textSetting, wholeSetting } from '../system/setting-kinds.ts';
import type { SettingValues } from '../system/settings.ts';
import type { BuildSettings } from './dataset-index.ts';

/** '64MB' or '1.5 GB' in bytes, '2000' in records. @param name of the setting, for the message. @throws {ConfigError} neither. */
function parseShardSize(text: unknown, name: string): BuildSettings['shardSize'] {
  const [, digits, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]b)?\s*$/i.exec(String(text)) ?? [];
  const factor = { '': 1, kb: 1e3, mb: 1e6, gb: 1e9 }[unit.toLowerCase()] ?? Number.NaN;
  const amount = Number(digits) * factor;
  if (!Number.isSafeInteger(amount) || amount < 1)
    throw new ConfigError(
      expected(`a size for ${name}`, text, 'write for instance 64MB, or 2000 for pictures'),
    );
  return { amount, unit: unit === '' ? 'records' : 'bytes' };
}

/** Rows that every data set has. */
const STORED = {
  shardSize: ownSetting(
    (value, name) => {
      parseShardSize(value, name);
      return String(value);
    },
    { default: '64MB', describe: 'Size of a shard: 64MB, 1GB, or a number of pictures' },
  ),
  quality: wholeSetting([1, 100], {
    default: 92,
    describe: 'JPEG quality of the stored pictures, 1 to 100',
  }),
} as const;

/** Pixels on the short side of stored pictures. */
const SIDES = [16, 4096] as const;
const SEEDS = [0, Number.MAX_SAFE_INTEGER] as const;
/** More photos than there are. */
const ALL = 1e9;

const OVERWRITE = {
  overwrite: switchSetting({ default: false, describe: 'Replace an existing data set at --out' }),
};

/** `dataset build`. */
export const BUILD_SETTINGS = {
  size: wholeSetting(SIDES, { default: 288, describe: 'Short side of the stored pictures, px' }),
  ...STORED,
  limit: wholeSetting([1, ALL], {
    default: ALL,
    describe: 'Use this many photos, drawn at random',
    defaultDescription: 'all',
  }),
  seed: wholeSetting(SEEDS, { default: 0, describe: 'Decides which photos --limit draws' }),
  ...OVERWRITE,
} as const;

/** `dataset synth`. */
export const SYNTH_SETTINGS = {
  count: wholeSetting([1, 1e7], { default: 2000, describe: 'Number of pictures' }),
  size: wholeSetting(SIDES, { default: 320, describe: 'Side of the square pictures, px' }),
  ...STORED,
  seed: wholeSetting(SEEDS, { default: 1, describe: 'Seed of the pictures' }),
  ...OVERWRITE,
} as const;

/** `dataset inspect`. */
export const INSPECT_SETTINGS = {
  verify: switchSetting({ default: false, describe: 'Read, check and decode every picture' }),
  // Given, it is at least one; 0 is not given.
  extract: wholeSetting([1, ALL], {
    default: 0,
    describe: 'Write the first N pictures as JPEG files',
    defaultDescription: 'none',
  }),
  to: textSetting({ default: '.', describe: 'Folder for --extract' }),
} as const;

/** A data set of photos as it is recorded, from the values of its rows. */
export function buildSettingsOf(
  values: Omit<SettingValues<typeof BUILD_SETTINGS>, 'overwrite'>,
): BuildSettings {
  const { size, quality, shardSize, limit, seed } = values;
  return {
    ...{ size, quality, shardSize: parseShardSize(shardSize, 'shardSize') },
    ...{ limit: limit === ALL ? null : limit, seed },
  };
}

/** The same of synthetic pictures. */
export function synthSettingsOf(values: Omit<SettingValues<typeof SYNTH_SETTINGS>, 'overwrite'>) {
  const { count, size, quality, shardSize, seed } = values;
  return { count, size, quality, shardSize: parseShardSize(shardSize, 'shardSize'), seed };
}
