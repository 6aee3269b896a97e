/** The data of a job that paints photos: the options of `stylize`, with keys in place of paths. Loads nothing heavy. */
import { PHOTO_FORMATS } from '../../data/picture-format.ts';
import { parseMemory } from '../../infer/bands/memory-plan.ts';
import { parseBlend } from '../../infer/blend.ts';
import type { TileChoice } from '../../infer/choose-plan.ts';
import { refuseExclusive } from '../../paint/files-call.ts';
import type { PhotoCall } from '../../paint/photo-call.ts';
import { FILE_ROWS, LOOK_ROWS, PRECISION_ROW, TILES_ROW } from '../../paint/photo-rows.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import {
  checkSettings,
  choiceSetting,
  numberSetting,
  ownSetting,
  type SettingsTable,
  switchSetting,
  textSetting,
} from '../../system/settings.ts';
import { requireKey, requireOutputKey } from '../store/key.ts';

export interface StylizeCall extends PhotoCall {
  /** Keys of photos, and of folders: these end with a slash. */
  readonly photo: readonly string[];
  readonly style?: string | readonly string[];
  readonly blend?: string;
  /** A photo's key, or a folder's with its slash. */
  readonly out: string;
  readonly stroke?: number;
  readonly amount: number;
  readonly colors: 'style' | 'photo' | 'histogram';
  readonly mask?: string;
  readonly invertMask: boolean;
  readonly precision: 'auto' | 'f32' | 'bf16';
  readonly engine: 'compiled' | 'eager';
  readonly memory?: string;
  readonly tiles: TileChoice;
  readonly overwrite: boolean;
  readonly skipExisting: boolean;
}

const MOST_PHOTOS = 100_000;
const anyNumber = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
const flag = switchSetting({ default: false });
const text = textSetting({ default: '' });

/** A key of the store. @param what it is of. */
function keySetting(what: string) {
  return ownSetting((value) => requireKey(value, what), { default: '' });
}

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

/** A row for each option: of the kind and within the bounds that the command line has. */
const ROWS = {
  ...LOOK_ROWS,
  ...FILE_ROWS,
  photo: ownSetting(
    (value): readonly string[] => {
      if (!Array.isArray(value) || value.length === 0 || value.length > MOST_PHOTOS)
        throw new ConfigError(expected(`1 to ${MOST_PHOTOS} photos or folders`, value));
      return value.map((one) => requirePlace(one, 'a photo'));
    },
    { default: [] },
  ),
  style: ownSetting((value) => [value].flat().map(requireStyleKey), { default: [] }),
  ...{ blend: text, background: text, maxPixels: text, memory: text },
  out: ownSetting((value) => requirePlace(value, 'the folder for --out', requireOutputKey), { default: '' }),
  format: choiceSetting(PHOTO_FORMATS, { default: 'jpeg' }),
  ...{ overwrite: flag, skipExisting: flag },
  stroke: numberSetting(anyNumber, { default: 1 }),
  amount: numberSetting(anyNumber, { default: 1 }),
  mask: keySetting('a mask'),
  precision: PRECISION_ROW,
  engine: choiceSetting(['compiled', 'eager'], { default: 'compiled' }),
  tiles: TILES_ROW,
} as const satisfies SettingsTable;

/** Options of the command that a farm has no use for, and what to do instead. */
const NOT_HERE: Readonly<Record<string, string>> = {
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
  for (const [name, remedy] of Object.entries(NOT_HERE))
    if ((data as Readonly<Record<string, unknown>>)[name] !== undefined)
      throw new ConfigError(expected('no such option for a farm', name, remedy));
  const { photo, out, ...given } = data as Partial<StylizeCall>;
  checkSettings(ROWS, { photo, out, ...given }, 'a job that paints photos');
  const defaults = { damaged: 'refuse', profile: 'srgb', colors: 'style', precision: 'auto' } as const;
  const call: StylizeCall = {
    ...defaults,
    ...{ engine: 'compiled', tiles: 'auto', amount: 1 },
    ...{ lossless: false, strip: false, invertMask: false, overwrite: false, skipExisting: false },
    ...(given as object),
    ...{ photo: photo!, out: out! },
  };
  const styles = [call.style ?? []].flat();
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
  if (call.memory !== undefined) parseMemory(call.memory);
  return call;
}
