/** What the library's `Trainer` takes. Nothing here reaches TensorFlow's types. */
import type { PhotoSourceInput } from './options.ts';
import type { TrainSettings } from './train-options.ts';

/** A tensor of any tfjs, whichever version it is: only its shape and its numbers are read. */
export interface TensorLike {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number>>;
}

export interface TrainerOptions extends TrainSettings {
  /** The painting. One that is no file needs a `name`. */
  readonly style: PhotoSourceInput;
  /**
   * Photos for the steps: tensors [batch, side, side, 3], RGB, 0 to 255. Called when training begins, and again where the side
   * changes on the way (`smallCrops`). A tensor has been read when the next is requested, and stays the caller's to dispose of.
   */
  readonly photos: (side: number) => AsyncIterable<TensorLike> | Iterable<TensorLike>;
  /** Name of the style; the painting's file name unless given. */
  readonly name?: string;
  /** The style whose weights it starts from, a name or file; `none` draws them. */
  readonly from?: string;
  readonly precision?: 'auto' | 'f32' | 'bf16';
  /** Computes each batch in this many parts, in the memory of one. Defaults to 1. */
  readonly accumulate?: number;
  /** Takes a line on what is chosen, as the command line says it. */
  readonly onNote?: (note: string) => void;
}
