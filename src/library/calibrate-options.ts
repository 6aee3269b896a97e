import type { SettingValues } from '../system/settings.ts';
import type { CALIBRATE_SETTINGS, LaidOut } from '../train/calibrate/call.ts';
import type { PhotoSourceInput } from './options.ts';
import type { TrainSettings } from './train-options.ts';

/** Options of `fast-style calibrate` by their names in camelCase: settings of training hold for every cell. */
export interface CalibrateOptions
  extends Omit<TrainSettings, LaidOut>,
    Partial<SettingValues<typeof CALIBRATE_SETTINGS>> {
  /** The painting. */
  readonly style: PhotoSourceInput;
  /** Folder of the data set. Synthetic pictures, made at first use, unless given. */
  readonly data?: string;
  /** The style whose weights each cell starts from, a name or file; `none` draws them. */
  readonly from?: string;
  /** The sheet to write, its extension is the format; figures go into a .json file of the same name. */
  readonly out?: string;
}

export interface CalibrateCallbacks {
  /** Called after each step. */
  readonly onProgress?: (progress: {
    /** Cells done, the part of the present one included. */
    readonly done: number;
    readonly cells: number;
  }) => void;
  /** Takes a line on what is chosen, as the command line says it. */
  readonly onNote?: (note: string) => void;
  /** Stops after the current step; nothing is written. */
  readonly signal?: AbortSignal;
}
