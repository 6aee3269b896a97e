/** What training takes and gives. Nothing here reaches TensorFlow's types, with which no strict compiler is content. */
import type { FastStyleError } from '../system/errors.ts';
import type { GivenSettings, SettingValues } from '../system/settings.ts';
import type { TRAIN_CALL } from '../train/run/call-settings.ts';
import type { TRAIN_SETTINGS, TrainingTerms } from '../train/settings.ts';
import type { PhotoSourceInput } from './options.ts';

/** Settings of training; docs/training.md says what each does, `fast-style train --help` its default. */
export interface TrainSettings extends Partial<SettingValues<typeof TRAIN_SETTINGS>> {}

/** Options of `fast-style train` by their names in camelCase. */
export interface TrainOptions
  extends TrainSettings,
    Omit<GivenSettings<typeof TRAIN_CALL>, 'style' | 'previewPhoto' | 'plan'> {
  /** The painting; with `together` several. One that is no file needs a `name`. */
  readonly style: PhotoSourceInput | readonly PhotoSourceInput[];
  readonly previewPhoto?: readonly PhotoSourceInput[];
}

/** The same for several paintings, each in a network of its own. */
export interface TrainEachOptions extends Omit<TrainOptions, NotOfEach> {
  /** The paintings. Those that are no files need names: `styleName`. */
  readonly style: readonly PhotoSourceInput[];
}

/** Options of `train` that say something of one network. */
export type NotOfEach = 'style' | 'together' | 'addTo' | 'name' | 'title';

/** Loss terms, unweighted but for the total. */
export type TrainLosses = TrainingTerms;

/** State of a training after a step. */
export interface TrainProgress {
  /** Steps done, and those of the whole run. */
  readonly step: number;
  readonly steps: number;
  readonly learningRate: number;
  /** Means over the last 50 steps. */
  readonly losses: TrainLosses;
}

export interface TrainCallbacks {
  /** Called after each step. */
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Takes a line on what is chosen or amiss, as the command line says it. */
  readonly onNote?: (note: string) => void;
  /** Ends the run after the current step; state and checkpoint are saved. */
  readonly signal?: AbortSignal;
}

/** A tensor as plain numbers: what any tfjs makes a tensor of. */
export interface PlainTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A run that is through. */
export interface TrainedStyle {
  readonly name: string;
  /** File of the checkpoint, for `Stylizer.load`. */
  readonly file: string;
  /** Folder of state, report, previews and log. */
  readonly run: string;
  readonly steps: number;
  /** Photos seen, counted with repetition. */
  readonly images: number;
  /** Means over the last 50 steps. */
  readonly losses: TrainLosses;
  /** What the file holds. */
  readonly checkpoint: {
    readonly architecture: string;
    readonly training: Readonly<Record<string, unknown>>;
    readonly parameters: readonly PlainTensor[];
  };
}

/** What has become of one painting of several. */
export interface TrainedPainting {
  readonly name: string;
  /** The run that is through; absent where it failed. */
  readonly trained?: TrainedStyle;
  /** Why it could not be trained. */
  readonly error?: FastStyleError;
}

export interface TrainEachCallbacks extends Omit<TrainCallbacks, 'onProgress'> {
  /** Called after each step. @param name of the painting's style. */
  readonly onProgress?: (progress: TrainProgress, name: string) => void;
  /** Called with each painting that is trained, or has been already, and with each failure. */
  readonly onTrained?: (painting: TrainedPainting) => void;
}
