/** All kinds of jobs. Each is loaded when it is needed. */
import { ConfigError, expected } from '../../system/errors.ts';
import type { Kind } from './kind.ts';

const KINDS: Readonly<Record<string, () => Promise<Kind<unknown>>>> = {
  stylize: async () => (await import('./stylize.ts')).stylizeKind as Kind<unknown>,
  video: async () => (await import('./video.ts')).videoKind as Kind<unknown>,
  train: async () => (await import('./train.ts')).trainKind as Kind<unknown>,
  sheet: async () => (await import('./sheet.ts')).sheetKind as Kind<unknown>,
  compare: async () => (await import('./compare.ts')).compareKind as Kind<unknown>,
};

export const KIND_NAMES: readonly string[] = Object.keys(KINDS);

/** @throws {ConfigError} there is no such kind. */
export function openKind(name: string): Promise<Kind<unknown>> {
  const open = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (open === undefined) throw new ConfigError(expected(`one of ${KIND_NAMES.join(', ')} as a kind`, name));
  return open();
}
