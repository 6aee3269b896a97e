/** What `compare` is asked for, by the command line or the library. Loads nothing heavy. */
import type { ComparisonRound } from '../compare/figures.ts';
import type { PictureInput } from '../data/photo/source.ts';
import { ascendingSetting, choiceSetting, switchSetting, wholeSetting } from '../system/setting-kinds.ts';
import type { SettingValues } from '../system/settings.ts';

export const COMPARE_SETTINGS = {
  sizes: ascendingSetting([32, 16_384], {
    default: [256, 512, 1024],
    describe: 'Longer sides of the photos in px',
  }),
  iterations: ascendingSetting([1, 1e6], {
    default: [25, 50, 100, 200, 300, 500],
    describe: 'Iterations to report; the optimisation ends with the last',
  }),
  limit: wholeSetting([1, 1e9], {
    default: 1e9,
    describe: 'Use this many photos, drawn at random',
    defaultDescription: 'all',
  }),
  lineSearch: choiceSetting(['strong-wolfe', 'none', 'both'], {
    default: 'both',
    describe: "The optimisation's steps: searched, fixed as in Johnson et al. 2016, or both",
  }),
  start: choiceSetting(['noise', 'content'], {
    default: 'noise',
    describe: 'What the optimisation starts from',
  }),
  seed: wholeSetting([0, 2 ** 31 - 1], { default: 1, describe: 'Seed of the noise and of the draw' }),
  precision: choiceSetting(['auto', 'f32', 'bf16'], {
    default: 'f32',
    describe: 'Arithmetic of network and optimisation',
  }),
  overwrite: switchSetting({ default: false, describe: 'Replace an earlier report' }),
} as const;

/** Optimisers that a network is compared with. */
const SEARCHES = {
  'strong-wolfe': ['strong-wolfe'],
  none: ['none'],
  both: ['strong-wolfe', 'none'],
} as const;

/** What each photo is compared at, in the order of the report. */
export function roundsOf({
  sizes,
  lineSearch,
}: Pick<CompareCall, 'sizes' | 'lineSearch'>): readonly ComparisonRound[] {
  return sizes.flatMap((size) => SEARCHES[lineSearch].map((one) => ({ size, lineSearch: one })));
}

/** By the names of the options of `fast-style compare` in camelCase. */
export interface CompareCall extends SettingValues<typeof COMPARE_SETTINGS> {
  readonly style: string;
  /** A folder of them. */
  readonly photos: string;
  readonly painting: PictureInput;
  /** Folder of the report, or what it is called for a style of this name; nothing is written without. */
  readonly out?: string | ((name: string) => string) | undefined;
  readonly lossNetwork?: string | undefined;
}
