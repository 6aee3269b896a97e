import { availableMemory } from '../../system/available-memory.ts';
import { ConfigError, expected } from '../../system/errors.ts';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/**
 * Bytes of '1GB', '1.5 GiB', '800M' or '900000000'; GB is 10⁹, GiB 2³⁰.
 *
 * @throws {ConfigError} it is no amount of memory.
 */
export function parseMemory(text: string): number {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?\s*$/i.exec(text) ?? [];
  const scale = UNITS[unit?.toLowerCase() ?? '?'];
  const bytes = Number(number) * (scale ?? Number.NaN);
  if (bytes > 0) return bytes;
  throw new ConfigError(expected('an amount of memory for --memory', text, 'as 1GB or 800MiB'));
}

/** Bytes in words: 1.2 GB, 640 MB. */
export function showMemory(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}

/** A share of free memory is left to others and to errors of the estimate. */
const SHARE = 0.8;

/** Bytes that this process may take in all: what it has and most of the free memory, within its control group's limit. */
export function memoryAtHand(): number {
  return process.memoryUsage.rss() + SHARE * availableMemory();
}
