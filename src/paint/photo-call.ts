/** How photos are read and written, as command line, library and farm have it. Loads nothing heavy. */
import { ConfigError, expected } from '../system/errors.ts';
import { type CallValues, valuesOf } from '../system/settings.ts';
import { PHOTO_SETTINGS } from './stylize-settings.ts';

/** By the names of the options in camelCase. */
export type PhotoCall = CallValues<typeof PHOTO_SETTINGS>;

/** What of a call is about reading and writing. @throws {ConfigError} a value that cannot be used. */
export async function checkedPhotoOptions(call: PhotoCall): Promise<PhotoCall> {
  const { background } = call;
  if (background !== undefined) {
    const { isColour } = await import('../data/photo/write-photo.ts');
    if (!isColour(background)) {
      throw new ConfigError(expected('a colour for --background', background, 'as white or #ffffff'));
    }
  }
  return valuesOf(PHOTO_SETTINGS, call);
}
