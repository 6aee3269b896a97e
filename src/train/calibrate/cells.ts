/** What a calibration finds. Nothing here reaches TensorFlow's types. */
import type { Picture } from '../../picture.ts';

/** A strength at a size of the painting, tried out. */
export interface CalibratedCell {
  readonly strength: number;
  /** Longer side of the painting, px. */
  readonly styleSize: number;
  readonly styleWeight: number;
  /** Means of the last steps, unweighted. */
  readonly losses: { readonly content: number; readonly style: number };
  /** Time that the cell took. */
  readonly seconds: number;
  /** What trains it at length: a command, or a call of the library. */
  readonly train: string;
  /** The photos as painted in the end. */
  readonly pictures: readonly Picture[];
}

export interface Calibration {
  /** Folder of the data set. */
  readonly data: string;
  /** What was painted. */
  readonly photos: readonly Picture[];
  /** Row by row: sizes of the painting, and strengths in each. */
  readonly cells: readonly CalibratedCell[];
  /** The sheet, and the figures in JSON, where a sheet was asked for. */
  readonly files?: { readonly sheet: string; readonly figures: string };
}
