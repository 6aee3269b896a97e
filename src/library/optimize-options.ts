/** What `optimize` takes and gives. Nothing here reaches TensorFlow's types, with which no strict compiler is content. */
import type { ADAM_SETTINGS, LBFGS_SETTINGS } from '../optimize/minimizer-settings.ts';
import type { OptimizeProgress, OptimizeResult } from '../optimize/progress.ts';
import type { OPTIMIZE_SETTINGS } from '../optimize/settings.ts';
import type { OptionValues } from '../system/settings.ts';
import type { PhotoSourceInput } from './options.ts';

/** A painting among several, and its share. */
export interface WeightedPicture {
  readonly style: PhotoSourceInput;
  /** Only the balance counts. Defaults to 1. */
  readonly weight?: number;
}

/** A size of the coarse-to-fine way, as a share of the whole, with its share of the iterations. */
export interface OptimizeScale {
  readonly scale: number;
  readonly share: number;
}

/** Settings by the names of their options. */
type SettingOptions = OptionValues<typeof OPTIMIZE_SETTINGS> &
  OptionValues<typeof LBFGS_SETTINGS> &
  OptionValues<typeof ADAM_SETTINGS>;

/** Options of `fast-style optimize` by their names in camelCase; docs/optimization.md says what each does. */
export interface OptimizeOptions extends SettingOptions {
  /** The photo; not needed for a texture of the style alone. */
  readonly content?: PhotoSourceInput;
  /** The painting, or several, with weights where they are not to count alike. */
  readonly style?: PhotoSourceInput | WeightedPicture | readonly (PhotoSourceInput | WeightedPicture)[];
  /** A file to write the picture to; its extension is the format. */
  readonly out?: string;
  /** Longer side of the result in px; 0 for the photo's own. Defaults to the recipe's, or 512. */
  readonly size?: number;
  /** Grey picture over the photo: white keeps its content. */
  readonly contentMask?: PhotoSourceInput;
  /** Grey picture over the photo for each painting in turn: white where its style goes; undefined for everywhere. */
  readonly mask?: PhotoSourceInput | readonly (PhotoSourceInput | undefined)[];
  /** Grey picture over each painting: white where its style is taken from; undefined for all of it. */
  readonly styleMask?: PhotoSourceInput | readonly (PhotoSourceInput | undefined)[];
  /** Ours, or a published one; other options change it. Defaults to `default`. */
  readonly recipe?: 'default' | 'pytorch' | 'slim' | 'coursera' | 'keras';
  /** A part of the method by itself: `copy`, `content:<layer>`, `style:<layer>,…` or `style:<number of layers>`. */
  readonly warmUp?: string;
  readonly method?: 'lbfgs' | 'adam';
  /** How Adam's step falls: `constant`, `exponential:<rate>:<steps>`, `staircase:<rate>:<steps>`. */
  readonly decay?: string;
  /** `content`, `style`, `grey`, `noise`, `normal:64`, `blend:0.5`, `network:<style>`, a picture's path, or a picture. */
  readonly start?: PhotoSourceInput;
  readonly free?: boolean;
  /** Weight of total variation; `0.2:power` for Keras' form. */
  readonly tv?: number | string;
  /** As many sizes, each twice the previous one; or sizes as `0.5:2,1:1` or objects. */
  readonly scales?: number | string | readonly OptimizeScale[];
  /** Name or file of the loss network. vgg19 where it is there, else vgg16, else compact, unless given. */
  readonly lossNetwork?: string;
  /** Writes the picture every N iterations, into `snapshotFolder`. */
  readonly snapshots?: number;
  readonly snapshotFolder?: string;
  /** The run as .mp4 or .gif, with a frame every `filmEvery` iterations. */
  readonly film?: string;
  readonly filmEvery?: number;
  /** The loss terms over the iterations, .svg or a picture. */
  readonly plot?: string;
  /** Every iteration, the settings and the result as .json. */
  readonly trace?: string;
  /** Quality of JPEG, WebP and AVIF, 1 to 100. */
  readonly quality?: number;
  /** Replace existing files. */
  readonly overwrite?: boolean;
  /** Arithmetic of the loss network. Defaults to `f32`. */
  readonly precision?: 'auto' | 'f32' | 'bf16';
}

export interface OptimizeStepCallbacks {
  /** Takes a line on what is chosen or differs, as the command line says it. */
  readonly onNote?: (note: string) => void;
  /** Ends the run after the current iteration and writes the picture so far to `out`. */
  readonly signal?: AbortSignal;
}

export interface OptimizeCallbacks extends OptimizeStepCallbacks {
  /** Called with the start, and after each iteration; waited for. */
  readonly onProgress?: (progress: OptimizeProgress) => void | Promise<void>;
}

/** What came of an optimisation: the picture, and what it took. */
export interface OptimizedPicture extends OptimizeResult {
  /** The picture's file, if it was written. */
  readonly file?: string;
}
