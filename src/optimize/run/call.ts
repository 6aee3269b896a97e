/** The call of `optimize`, from the command line or the library. Loads nothing heavy. */
import type { PictureInput } from '../../data/photo/source.ts';
import type { TypedSettings } from '../../system/settings.ts';
import type { RecipeName } from '../config.ts';
import type { ADAM_SETTINGS, LBFGS_SETTINGS } from '../minimizer-settings.ts';
import type { OPTIMIZE_SETTINGS } from '../settings.ts';
import type { RecordOptions } from './record.ts';

/** A painting, and its share among several. */
export interface WeightedPainting {
  readonly picture: PictureInput;
  readonly weight: number;
  /** What the trace calls it. */
  readonly name: string;
}

/** Settings by the names of their options in camelCase, as typed. */
type Typed = TypedSettings<typeof OPTIMIZE_SETTINGS> &
  TypedSettings<typeof LBFGS_SETTINGS> &
  TypedSettings<typeof ADAM_SETTINGS>;

/** By the names of the options of `fast-style optimize` in camelCase; absent if not given. */
export interface OptimizeCall extends Omit<Typed, 'start'>, Omit<RecordOptions, 'overwrite'> {
  readonly content?: PictureInput | undefined;
  readonly style?: readonly WeightedPainting[] | undefined;
  /** Longer side of the result in px; 0 is the photo's own. */
  readonly size?: number | undefined;
  readonly contentMask?: PictureInput | undefined;
  /** For each painting in turn; undefined: everywhere. */
  readonly mask?: readonly (PictureInput | undefined)[] | undefined;
  readonly styleMask?: readonly (PictureInput | undefined)[] | undefined;
  readonly recipe?: RecipeName | undefined;
  readonly warmUp?: string | undefined;
  readonly method?: 'lbfgs' | 'adam' | undefined;
  /** As it is typed, or the bytes of a picture. */
  readonly start?: Exclude<PictureInput, string> | Typed['start'];
  readonly free?: boolean | undefined;
  readonly lossNetwork?: string | undefined;
  readonly precision?: 'auto' | 'f32' | 'bf16' | undefined;
  readonly overwrite?: boolean | undefined;
}
