/** What a sheet of the styles is asked for, and what it shows. Loads nothing heavy. */
import { SAMPLE } from '../data/sample-photos.ts';
import type { Picture } from '../picture.ts';
import { switchSetting, textSetting } from '../system/setting-kinds.ts';

export const SHEET_SETTINGS = {
  photo: textSetting({
    default: SAMPLE,
    defaultDescription: "the project's sample",
    describe: 'The photo to paint',
  }),
  overwrite: switchSetting({ default: false, describe: 'Replace an existing file' }),
} as const;

export interface StylesSheet {
  readonly picture: Picture;
  /** Names of the styles on it, in their order. */
  readonly styles: readonly string[];
  /** The file that was written. */
  readonly file?: string;
}
