import { COURSERA_RECIPE } from './coursera.ts';
import { DEFAULT_RECIPE } from './default.ts';
import { KERAS_RECIPE } from './keras.ts';
import { PYTORCH_RECIPE } from './pytorch.ts';
import type { Recipe } from './recipe.ts';
import { SLIM_RECIPE } from './slim.ts';

export type { Recipe } from './recipe.ts';

/** All recipes by name. */
export const RECIPES = {
  default: DEFAULT_RECIPE,
  pytorch: PYTORCH_RECIPE,
  slim: SLIM_RECIPE,
  coursera: COURSERA_RECIPE,
  keras: KERAS_RECIPE,
} as const satisfies Readonly<Record<string, Recipe>>;

export type RecipeName = keyof typeof RECIPES;
