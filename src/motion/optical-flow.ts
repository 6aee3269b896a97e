import type { Flow } from './flow.ts';
import { FlowSearch } from './flow-search.ts';
import type { Pyramid } from './pyramid.ts';

/**
 * Dense optical flow by inverse search, from coarse to fine (Kroeger et al. 2016, 'Fast Optical Flow using Dense Inverse Search').
 * The finest scale is half the frame's, the result has sub-pixel precision.
 *
 * Differs from Kroeger et al.: no variational refinement; patches take over what neighbours have found if it fits better.
 *
 * @param from `pyramid` of the first frame. @param to of the second, of the same size. @param search of that size, which keeps its memory
 *   from frame to frame.
 */
export function opticalFlow(from: Pyramid, to: Pyramid, search = new FlowSearch(from.levels[0])): Flow {
  return search.flow(from, to);
}
