/** What importing a style is asked for, by the command line or the library. Loads nothing heavy. */
import { switchSetting, textSetting } from '../../system/setting-kinds.ts';
import type { SettingValues } from '../../system/settings.ts';

export const IMPORT_SETTINGS = {
  name: textSetting({ default: undefined, describe: "The style's name; that of the file unless given" }),
  title: textSetting({ default: undefined, describe: "The painting's title, stored in the checkpoint" }),
  author: textSetting({ default: undefined, describe: 'Who painted it' }),
  licence: textSetting({ default: undefined, describe: "The network's licence, as its authors name it" }),
  out: textSetting({ default: 'checkpoints', describe: 'Folder for <name>.safetensors' }),
  overwrite: switchSetting({ default: false, describe: 'Replace an existing file' }),
} as const;

/** By the names of the options of `fast-style styles import`. */
export type ImportCall = SettingValues<typeof IMPORT_SETTINGS>;
