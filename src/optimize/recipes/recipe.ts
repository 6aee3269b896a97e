import type { PublishedNetwork } from '../../networks/published-network.ts';
import type { OptimizeConfig } from '../config.ts';

/** A published way of optimising, as data. */
export interface Recipe {
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** Longer side in pixels of the published pictures; any where it is not said. */
  readonly longSide?: number;
  /** What its weights and numbers were published for. */
  readonly lossNetwork: PublishedNetwork;
  /** Total above which its publication no longer trusts the result. */
  readonly saneTotal?: number;
  readonly config: OptimizeConfig;
}
