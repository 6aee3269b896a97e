/** How photos are painted and written: the rows that library and farm check the same options by. Loads nothing heavy. */
import { ConfigError, expected } from '../system/errors.ts';
import {
  choiceSetting,
  ownSetting,
  type SettingsTable,
  switchSetting,
  wholeSetting,
} from '../system/settings.ts';

const flag = switchSetting({ default: false });

export const LOOK_ROWS = {
  colors: choiceSetting(['style', 'photo', 'histogram'], { default: 'style' }),
  invertMask: flag,
  damaged: choiceSetting(['refuse', 'accept'], { default: 'refuse' }),
} as const satisfies SettingsTable;

export const FILE_ROWS = {
  quality: wholeSetting([1, 100], { default: 92 }),
  ...{ lossless: flag, strip: flag },
  depth: ownSetting(
    (value, name): 8 | 16 => {
      if (value === 8 || value === 16) return value;
      throw new ConfigError(expected(`8 or 16 for ${name}`, value));
    },
    { default: 8 },
  ),
  profile: choiceSetting(['srgb', 'keep'], { default: 'srgb' }),
} as const satisfies SettingsTable;

export const PRECISION_ROW = choiceSetting(['auto', 'f32', 'bf16'], { default: 'auto' });
export const TILES_ROW = choiceSetting(['auto', 'off', 'exact', 'fast'], { default: 'auto' });
