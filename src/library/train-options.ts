/** What training takes and gives. Nothing here reaches TensorFlow's types, with which no strict compiler is content. */
import type { SettingValues } from '../system/settings.ts';
import type { TRAIN_SETTINGS, TrainingTerms } from '../train/settings.ts';
import type { PhotoSourceInput } from './options.ts';

/** Settings of training; docs/training.md says what each does, `fast-style train --help` its default. */
export interface TrainSettings extends Partial<SettingValues<typeof TRAIN_SETTINGS>> {}

/** Options of `fast-style train` by their names in camelCase. */
export interface TrainOptions extends TrainSettings {
  /** The painting; with `together` several. One that is no file needs a `name`. */
  readonly style: PhotoSourceInput | readonly PhotoSourceInput[];
  /** Folder of the data set. Synthetic pictures, made at first use, unless given. */
  readonly data?: string;
  readonly quality?: 'preview' | 'good' | 'best';
  /** A published program's settings in place of ours. */
  readonly recipe?: 'johnson' | 'lengstrom' | 'pytorch' | 'gatys';
  /** JSON file with settings; what is given here wins. */
  readonly config?: string;
  /** Times through the data set, instead of `steps`. */
  readonly epochs?: number;
  /** Name of the checkpoint; the painting's file name unless given. */
  readonly name?: string;
  /** Folder for <name>.safetensors. Defaults to `checkpoints`. */
  readonly out?: string;
  /** Folder for state, report, previews and log. Defaults to `runs/<name>`. */
  readonly run?: string;
  /** Go on exactly where the run stopped. */
  readonly resume?: boolean;
  /** Start afresh over an earlier run or checkpoint. */
  readonly overwrite?: boolean;
  /** The style whose weights it starts from, a name or file; `none` draws them. */
  readonly from?: string;
  /** All paintings in one network. */
  readonly together?: boolean;
  /** File of a network to which the painting is added. */
  readonly addTo?: string;
  readonly styleName?: readonly string[];
  readonly previewEvery?: number;
  readonly previewPhoto?: readonly PhotoSourceInput[];
  readonly checkpointEvery?: number;
  readonly saveMinutes?: number;
  readonly keep?: number;
  readonly tensorboard?: boolean;
  readonly ignorePlan?: boolean;
  readonly precision?: 'auto' | 'f32' | 'bf16';
  readonly engine?: 'compiled' | 'eager';
  readonly accumulate?: number;
  readonly margin?: number;
  readonly title?: string;
  readonly author?: string;
  readonly licence?: string;
}

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
