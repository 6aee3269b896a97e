import { ConfigError, expected } from '../../system/errors.ts';

/** Strength of a style whose weights the user does not set. */
export const DEFAULT_STRENGTH = 5;
const STRENGTHS = { least: 1, most: 10 } as const;

/** Style weight at strength 5 for each unit of the content scale, and its growth with each step up (docs/decisions.md). */
const WEIGHT_AT_DEFAULT = 4.6;
const RATIO = 1.7;

/**
 * The style weight of a strength for each unit of the loss network's content scale (`contentScale`):
 *
 *   v(s) = 4.6 · 1.7^(s − 5)
 *
 * which is 0.55 at 1, where a photo is hardly touched, and 65 at 10, where little is left of it.
 *
 * @throws {ConfigError} the strength is not a number from 1 to 10.
 */
export function relativeStyleWeight(strength: number): number {
  if (!(strength >= STRENGTHS.least && strength <= STRENGTHS.most))
    throw new ConfigError(
      expected(`a number from ${STRENGTHS.least} to ${STRENGTHS.most} for --strength`, strength),
    );
  return WEIGHT_AT_DEFAULT * RATIO ** (strength - DEFAULT_STRENGTH);
}
