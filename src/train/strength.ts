import { ConfigError, expected } from '../errors.ts';

/** Strength of a style whose weights the user does not set. */
export const DEFAULT_STRENGTH = 5;
export const STRENGTHS = { least: 1, most: 10 } as const;

/** Share of content that is lost at strength 5, and by how much more for each step up (docs/decisions.md). */
const LOST_AT_DEFAULT = 0.3;
const RATIO = 1.22;

/**
 * What a strength means: the share of the photo's feature energy (`relativeContentLoss`) that probe pictures have lost
 * when they have settled between photo and painting,
 *
 *   lost(s) = 0.3 · 1.22^(s − 5)
 *
 * which is 0.14 at 1 and 0.81 at 10. How much of a photo is given up is what one sees as strength; which weight
 * brings it about depends on painting, loss network, layers and sizes.
 *
 * @throws {ConfigError} the strength is not a number from 1 to 10.
 */
export function contentLostAt(strength: number): number {
  if (!(strength >= STRENGTHS.least && strength <= STRENGTHS.most))
    throw new ConfigError(expected('a number from 1 to 10 for --strength', strength));
  return LOST_AT_DEFAULT * RATIO ** (strength - DEFAULT_STRENGTH);
}
