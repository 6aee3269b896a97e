/** The data of a job that paints photos: the options of `stylize`, with keys in place of paths. Loads nothing heavy. */
import { parseBlend } from '../../infer/blend.ts';
import { refuseExclusive } from '../../paint/files-call.ts';
import { LOOK_SETTINGS, PHOTO_SETTINGS, STYLIZE_SETTINGS } from '../../paint/stylize-settings.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { ownSetting } from '../../system/setting-kinds.ts';
import { requireKnown, type SettingsTable, type SettingValues, typedValues } from '../../system/settings.ts';
import { requireKey, requireOutputKey } from '../store/key.ts';

/** By the names of the command's options, with keys in place of paths. */
export type StylizeCall = SettingValues<typeof ROWS>;

const MOST_PHOTOS = 100_000;

/** A key, or a folder's with a slash at its end; the root's is the slash alone. */
function requirePlace(value: unknown, name: string, require = requireKey): string {
  if (value === '/') return value;
  const isFolder = typeof value === 'string' && value.endsWith('/');
  return isFolder ? `${require(value.slice(0, -1), name)}/` : require(value, name);
}

/** A style in a file of the store, as submit puts it there. @throws {ConfigError} it is none. */
export function requireStyleKey(value: unknown): string {
  const { key, style } = styleInStore(String(value)) ?? {};
  if (typeof value !== 'string' || key === undefined)
    throw new ConfigError(expected("the key of a style's .safetensors file", value));
  requireKey(key, 'a style');
  return style === undefined ? key : value;
}

/** A style's file in the store, and which of its styles is meant; undefined for what is no such reference. */
export function styleInStore(
  reference: string,
): { readonly key: string; readonly style?: string } | undefined {
  const [, key, style] = /^(.*\.safetensors)(?::(.+))?$/s.exec(reference) ?? [];
  if (key === undefined) return undefined;
  return style === undefined ? { key } : { key, style };
}

const { blend, precision, engine, memory, tiles, overwrite, skipExisting } = STYLIZE_SETTINGS;

/** Those of the command's rows that a worker heeds, with keys in place of paths. */
const ROWS = {
  ...{ ...PHOTO_SETTINGS, ...LOOK_SETTINGS },
  ...{ blend, precision, engine, memory, tiles, overwrite, skipExisting },
  photo: ownSetting(
    (value): readonly string[] => {
      if (!Array.isArray(value) || value.length === 0 || value.length > MOST_PHOTOS)
        throw new ConfigError(expected(`1 to ${MOST_PHOTOS} photos or folders`, value));
      return value.map((one) => requirePlace(one, 'a photo'));
    },
    { default: [], required: 'photos or folders' },
  ),
  style: ownSetting((value) => [value].flat().map(requireStyleKey), { default: [] }),
  out: ownSetting((value) => requirePlace(value, 'the folder for --out', requireOutputKey), {
    default: '',
    required: 'the folder or file to write',
  }),
  mask: ownSetting((value) => (value === undefined ? undefined : requireKey(value, 'a mask')), {
    default: undefined,
  }),
} as const satisfies SettingsTable;

/** What to do in place of options that only the command has. */
const REMEDIES: Readonly<Record<string, string>> = {
  refine: 'run fast-style stylize --refine on one machine',
  painting: 'it is for --refine',
  lossNetwork: 'it is for --refine',
  watch: 'submit the folder again when photos have come',
  sheet: 'make it of the painted photos with fast-style stylize --skip-existing --sheet',
};

/** @throws {ConfigError} data that no command line could have made. */
export function checkStylize(data: unknown): StylizeCall {
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new ConfigError(expected('options of stylize', data));
  const given: Record<string, unknown> = { ...data };
  for (const [name, row] of Object.entries(STYLIZE_SETTINGS)) {
    if (Object.hasOwn(ROWS, name)) continue;
    if (given[name] !== undefined && given[name] !== row.default)
      throw new ConfigError(expected('no such option for a farm', name, REMEDIES[name]));
    // As submit says it where it is not given.
    delete given[name];
  }
  requireKnown(ROWS, given, 'a job that paints photos');
  const call = typedValues(ROWS, given);
  const styles = call.style;
  if (styles.length === 0 && call.blend === undefined)
    throw new ConfigError(expected('--style or --blend', 'neither'));
  refuseExclusive(call, styles, call.depth);
  if (call.blend !== undefined) {
    const parts = parseBlend(call.blend);
    if (styles.length === 0) for (const { style } of parts) requireStyleKey(style);
  }
  if (call.skipExisting && call.overwrite)
    throw new ConfigError(expected('one of --skip-existing and --overwrite', 'both'));
  const isOne = call.photo.length === 1 && !call.photo[0]!.endsWith('/') && styles.length < 2;
  if (!isOne && !call.out.endsWith('/'))
    throw new ConfigError(
      expected('a folder for --out, as there are many pictures', call.out, 'end it with a slash'),
    );
  return call;
}
