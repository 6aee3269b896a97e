import type { PhotoSourceInput } from './options.ts';

/** What `refine` takes. */
export interface RefineOptions {
  /** As `Stylizer.load` takes it. */
  readonly style: string;
  readonly photo: PhotoSourceInput;
  /** The painting that the style was trained on: its file holds a thumbnail only. */
  readonly painting: PhotoSourceInput;
  /** Steps of the optimisation. */
  readonly steps: number;
  /** The style's picture of the photo, of its size; painted if not given. */
  readonly painted?: PhotoSourceInput;
  /** Name or file of the loss network. Defaults to the one that the style was trained with. */
  readonly lossNetwork?: string;
  /** Takes a line on what is weighed otherwise than in training. */
  readonly onNote?: (note: string) => void;
  /** Stops after the current step. */
  readonly signal?: AbortSignal;
}
