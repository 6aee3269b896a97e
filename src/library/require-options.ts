import { isColour } from '../data/photo/write-photo.ts';
import { requireAbilities } from '../paint/photo-output.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { EncodeOptions } from './options.ts';

/** @throws {ConfigError} options that the format does not have, before anything is read. */
export function requireEncodeOptions(options: EncodeOptions): void {
  const { format, lossless = false, background, depth, profile = 'srgb', strip = false } = options;
  if (background !== undefined && !isColour(background))
    throw new ConfigError(expected('a colour for background', background, 'as white or #ffffff'));
  requireAbilities(format, { lossless, profile, strip, ...(depth === undefined ? {} : { depth }) });
}
