import type { Precision } from '../engine/compile/compile.ts';
import type { Term } from '../losses/term.ts';
import type { LossNetworkWeights } from '../networks/loss-network-weights.ts';
import type { Picture } from '../picture.ts';
import { defaultsOf, type SettingValues } from '../system/settings.ts';
import { OPTIMIZE_SETTINGS } from './settings.ts';

/** The published recipes (`recipes.ts`). */
export type RecipeName = 'default' | 'pytorch' | 'slim' | 'coursera' | 'keras';

/** Everything that decides what an optimisation computes, as data. */
export interface OptimizeConfig extends SettingValues<typeof OPTIMIZE_SETTINGS> {
  /** The published recipe that this is, or started as; the result then notes what the loss network does differently. */
  readonly recipe?: RecipeName;
}

/** Our own recipe. */
export const DEFAULT_OPTIMIZE_CONFIG: OptimizeConfig = defaultsOf(OPTIMIZE_SETTINGS);

/** A painting and where it counts. */
export interface StyleInput {
  readonly picture: Picture;
  /** Share among the paintings. Defaults to 1; only the balance counts. */
  readonly weight?: number;
  /** Grey picture over the photo: white where this painting goes, black elsewhere. Any size. */
  readonly region?: Picture;
  /** Grey picture over the painting: white where its style is taken from. Any size. */
  readonly source?: Picture;
}

export interface OptimizeInputs {
  readonly lossNetwork: LossNetworkWeights;
  /** The photo, at the size that the result shall have. */
  readonly content: Picture;
  /** Any size: they are brought to `styleScale` times the photo's. May be empty where the style weight is 0. */
  readonly styles: readonly StyleInput[];
  /** Grey picture over the photo: white keeps its content, black leaves it free. Any size. */
  readonly contentRegion?: Picture;
  /** For the start `given` (a network's output, say) and `blend`. Any size; brought to the photo's. */
  readonly given?: Picture;
  /** Terms of the caller's own, added to the objective. */
  readonly terms?: readonly Term[] | undefined;
  /** Defaults to f32. */
  readonly precision?: Precision;
  /** Ends the optimisation after the iteration under way; there is still a result. */
  readonly signal?: AbortSignal;
}
