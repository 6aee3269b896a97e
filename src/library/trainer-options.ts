/** What the library's `Trainer` takes. Nothing here reaches TensorFlow's types. */
import type { PhotoSourceInput } from './options.ts';
import type { TrainOptions, TrainSettings } from './train-options.ts';

/** A tensor of any tfjs, whichever version it is: only its shape and its numbers are read. */
export interface TensorLike {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number>>;
}

export interface TrainerOptions
  extends TrainSettings,
    Pick<TrainOptions, 'name' | 'from' | 'precision' | 'accumulate'> {
  /** The painting. One that is no file needs a `name`. */
  readonly style: PhotoSourceInput;
  /**
   * Photos for the steps: tensors [batch, side, side, 3], RGB, 0 to 255. Called when training begins, and again where the side
   * changes on the way (`smallCrops`). A tensor has been read when the next is requested, and stays the caller's to dispose of.
   */
  readonly photos: (side: number) => AsyncIterable<TensorLike> | Iterable<TensorLike>;
  /** Takes a line on what is chosen, as the command line says it. */
  readonly onNote?: (note: string) => void;
}
