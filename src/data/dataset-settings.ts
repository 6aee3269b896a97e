/** Numbers that data sets are made with, as they are typed. */
import { ConfigError, expected } from '../system/errors.ts';
import type { BuildSettings } from './dataset-index.ts';

/** '64MB' or '1.5 GB' in bytes, '2000' in records. @throws {ConfigError} neither. */
export function parseShardSize(text: string): { amount: number; unit: 'bytes' | 'records' } {
  const [, digits, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]b)?\s*$/i.exec(text) ?? [];
  const factor = { '': 1, kb: 1e3, mb: 1e6, gb: 1e9 }[unit.toLowerCase()] ?? Number.NaN;
  const amount = Number(digits) * factor;
  if (!Number.isSafeInteger(amount) || amount < 1) {
    throw new ConfigError(
      expected('a size for --shard-size', text, 'write for instance 64MB, or 2000 for pictures'),
    );
  }
  return { amount, unit: unit === '' ? 'records' : 'bytes' };
}

/** @throws {ConfigError} not a whole number, or out of bounds. */
export function whole(option: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
  throw new ConfigError(expected(`a whole number ${range} for ${option}`, value));
}

/** Settings of a data set of photos, as they are given. */
export interface GivenBuildSettings {
  readonly size: number;
  readonly quality: number;
  readonly shardSize: string;
  readonly limit?: number | undefined;
  readonly seed: number;
}

export const BUILD_DEFAULTS = { size: 288, shardSize: '64MB', quality: 92, seed: 0 } as const;

/** @throws {ConfigError} a number out of bounds, or no size of shards. */
export function buildSettingsOf({
  size,
  quality,
  shardSize,
  limit,
  seed,
}: GivenBuildSettings): BuildSettings {
  return {
    size: whole('--size', size, 16, 4096),
    quality: whole('--quality', quality, 1, 100),
    shardSize: parseShardSize(shardSize),
    limit: limit === undefined ? null : whole('--limit', limit, 1, Number.MAX_SAFE_INTEGER),
    seed: whole('--seed', seed, 0, Number.MAX_SAFE_INTEGER),
  };
}
