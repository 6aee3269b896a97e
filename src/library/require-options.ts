import { isColour } from '../data/photo/write-photo.ts';
import { ABILITIES } from '../data/picture-format.ts';
import { requireAbilities } from '../paint/photo-output.ts';
import { ConfigError, expected } from '../system/errors.ts';
import type { EncodeOptions } from './options.ts';

/** @throws {ConfigError} an invalid option, before anything is read. */
export function requireEncodeOptions(options: EncodeOptions): void {
  const { format, quality, lossless = false, background, depth, profile = 'srgb', strip = false } = options;
  if (!Object.hasOwn(ABILITIES, format))
    throw new ConfigError(expected(`one of ${Object.keys(ABILITIES).join(', ')} for format`, format));
  if (quality !== undefined && !(Number.isInteger(quality) && quality >= 1 && quality <= 100))
    throw new ConfigError(expected('a whole number from 1 to 100 for quality', quality));
  if (depth !== undefined && depth !== 8 && depth !== 16)
    throw new ConfigError(expected('8 or 16 for depth', depth));
  if (profile !== 'srgb' && profile !== 'keep')
    throw new ConfigError(expected('srgb or keep for profile', profile));
  if (background !== undefined && !isColour(background))
    throw new ConfigError(expected('a colour for background', background, 'as white or #ffffff'));
  requireAbilities(format, { lossless, profile, strip, ...(depth === undefined ? {} : { depth }) });
}
