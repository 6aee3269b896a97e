/** The data of a job that paints photos: the options of `stylize`, with keys in place of paths. Loads nothing heavy. */
import { PHOTO_FORMATS } from '../../data/picture-format.ts';
import { parseMemory } from '../../infer/bands/memory-plan.ts';
import { parseBlend } from '../../infer/blend.ts';
import type { TileChoice } from '../../infer/choose-plan.ts';
import { checkedPhotoOptions, type PhotoCall } from '../../paint/photo-call.ts';
import type { PhotoOptions } from '../../paint/photo-output.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import {
  checkSettings,
  choiceSetting,
  numberSetting,
  ownSetting,
  type SettingsTable,
  switchSetting,
  textSetting,
  wholeSetting,
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
  const [, key, style] = /^(.*\.safetensors)(?::(.+))?$/s.exec(String(value)) ?? [];
  if (typeof value !== 'string' || key === undefined)
    throw new ConfigError(expected("the key of a style's .safetensors file", value));
  requireKey(key, 'a style');
  return style === undefined ? key : value;
}

/** A row for each option: of the kind and within the bounds that the command line has. */
const ROWS = {
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
  quality: wholeSetting([1, 100], { default: 92 }),
  ...{ lossless: flag, strip: flag, invertMask: flag, overwrite: flag, skipExisting: flag },
  depth: ownSetting(
    (value, name): 8 | 16 => {
      if (value === 8 || value === 16) return value;
      throw new ConfigError(expected(`8 or 16 for ${name}`, value));
    },
    { default: 8 },
  ),
  profile: choiceSetting(['srgb', 'keep'], { default: 'srgb' }),
  damaged: choiceSetting(['refuse', 'accept'], { default: 'refuse' }),
  stroke: numberSetting(anyNumber, { default: 1 }),
  amount: numberSetting(anyNumber, { default: 1 }),
  colors: choiceSetting(['style', 'photo', 'histogram'], { default: 'style' }),
  mask: keySetting('a mask'),
  precision: choiceSetting(['auto', 'f32', 'bf16'], { default: 'auto' }),
  engine: choiceSetting(['compiled', 'eager'], { default: 'compiled' }),
  tiles: choiceSetting(['auto', 'off', 'exact', 'fast'], { default: 'auto' }),
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
  if (styles.length > 1 && call.blend !== undefined)
    throw new ConfigError(expected('one --style with --blend', styles.length));
  if (call.blend !== undefined) {
    const parts = parseBlend(call.blend);
    if (styles.length === 0) for (const { style } of parts) requireStyleKey(style);
  }
  if (call.skipExisting && call.overwrite)
    throw new ConfigError(expected('one of --skip-existing and --overwrite', 'both'));
  if (call.engine === 'eager' && (call.tiles === 'exact' || call.tiles === 'fast'))
    throw new ConfigError(expected(`--engine compiled with --tiles ${call.tiles}`, call.engine));
  const isOne = call.photo.length === 1 && !call.photo[0]!.endsWith('/') && styles.length < 2;
  if (!isOne && !call.out.endsWith('/'))
    throw new ConfigError(
      expected('a folder for --out, as there are many pictures', call.out, 'end it with a slash'),
    );
  if (call.memory !== undefined) parseMemory(call.memory);
  return call;
}

/** Of a checked call. Throws as `checkedPhotoOptions`. */
export function photoOptionsOf(call: StylizeCall): Promise<PhotoOptions> {
  return checkedPhotoOptions(call);
}
