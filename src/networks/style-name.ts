import { basename, extname } from 'node:path';
import { ConfigError, expected } from '../system/errors.ts';

/**
 * @param what how messages call it. @returns the name. @throws {ConfigError} it holds what names of styles cannot: colons,
 *   commas, slashes.
 */
export function requireStyleName(name: string, what: string): string {
  if (!/^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]*$/u.test(name))
    throw new ConfigError(expected(`letters, digits, dots, dashes for ${what}`, name));
  return name;
}

/** A style's name from the name of a file: what a name cannot hold is left out, so that `Wave (1831).jpg` is 'Wave 1831'. */
export function styleNameOf(file: string): string {
  const named = basename(file, extname(file));
  const usual = named
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N} ._-]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .replace(/^[^\p{L}\p{N}]+| +$/gu, '');
  // What nothing is left of is refused as it is.
  return usual === '' ? named : usual;
}
