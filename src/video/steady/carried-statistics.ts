import type { SmoothedStyleNetwork } from '../../infer/smoothed/smoothed-style-network.ts';

/** Statistics of normalisations that go from frame to frame. */
export type CarriedStatistics = Pick<SmoothedStyleNetwork, 'forget' | 'statistics' | 'recall'>;

/** Of a painter whose frames each have their own. */
export const NO_STATISTICS: CarriedStatistics = {
  forget: () => undefined,
  statistics: () => new Float32Array(0),
  recall: () => undefined,
};
