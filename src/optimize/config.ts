import { defaultsOf, type SettingValues } from '../system/settings.ts';
import type { RecipeName } from './recipes/recipes.ts';
import { OPTIMIZE_SETTINGS } from './settings.ts';

/** Everything that decides what an optimisation computes, as data. */
export interface OptimizeConfig extends SettingValues<typeof OPTIMIZE_SETTINGS> {
  /** The published recipe that this is, or started as; the result then notes what the loss network does differently. */
  readonly recipe?: RecipeName;
}

/** Our own recipe. */
export const DEFAULT_OPTIMIZE_CONFIG: OptimizeConfig = defaultsOf(OPTIMIZE_SETTINGS);
