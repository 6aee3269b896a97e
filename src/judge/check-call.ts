/** What checking a style is asked for, and what it finds. Nothing here reaches TensorFlow's types; loads nothing heavy. */
import type { StyleJudgement } from '../compare/figures.ts';
import type { PictureInput } from '../data/photo/source.ts';
import { SAMPLES } from '../data/sample-photos.ts';
import type { Measure } from '../quality/faults.ts';
import type { Steadiness } from '../quality/steadiness.ts';
import { textSetting, wholeSetting } from '../system/setting-kinds.ts';
import type { SettingValues } from '../system/settings.ts';

export const CHECK_SETTINGS = {
  photos: textSetting({
    default: SAMPLES,
    defaultDescription: "the project's samples",
    describe: 'Folder of photos to paint',
  }),
  crops: wholeSetting([1, Number.POSITIVE_INFINITY], { default: 16, describe: 'Crops of photos to paint' }),
} as const;

/** By the names of the options of `fast-style styles check` in camelCase. */
export interface CheckCall extends SettingValues<typeof CHECK_SETTINGS> {
  readonly style: string;
  readonly painting?: PictureInput | undefined;
  readonly lossNetwork?: string | undefined;
  readonly margin?: number | undefined;
}

/** What a loss network finds, medians over photos, and how they were judged. */
export interface JudgedStyle extends StyleJudgement {
  readonly lossNetwork: { readonly source: string; readonly sha256: string };
  readonly pooling: string;
  readonly photos: number;
  readonly shortSide: number;
  readonly styleSize: number;
  /** Narrower networks than VGG as published have none. */
  readonly limits: boolean;
}

export interface StyleCheck {
  readonly style: string;
  /** Each with its limit: one that is not `ok` is a fault. */
  readonly measures: readonly Measure[];
  /** Where there is a full loss network, and the painting. */
  readonly judged?: JudgedStyle;
  /** How the style behaves in a film: figures to compare styles by, without limits. */
  readonly steadiness: Steadiness;
}
