import { ConfigError, expected } from '../system/errors.ts';

/** Wider margins are no one's: a hostile file would have pictures of any size made of small ones. */
export const WIDEST_MARGIN = 128;

/** @throws {ConfigError} no width of a margin in px. */
export function requireMargin(margin: number): void {
  if (!Number.isInteger(margin) || margin < 0 || margin > WIDEST_MARGIN)
    throw new ConfigError(expected(`a whole number from 0 to ${WIDEST_MARGIN} for --margin`, margin));
}
