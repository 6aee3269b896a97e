import { enlarged, type Flow } from './flow.ts';
import { densified, searchPatches } from './patch-search.ts';
import type { Plane } from './plane.ts';
import type { Pyramid } from './pyramid.ts';

/**
 * Dense optical flow by inverse search, from coarse to fine (Kroeger et al. 2016, 'Fast Optical Flow using Dense Inverse Search').
 * The finest scale is half the frame's, the result has sub-pixel precision.
 *
 * Differs from Kroeger et al.: no variational refinement; patches take over what neighbours have found if it fits better.
 *
 * @param from `pyramid` of the first frame. @param to of the second, of the same size.
 */
export function opticalFlow(from: Pyramid, to: Pyramid): Flow {
  let found: [Plane, Plane] | undefined;
  for (let i = from.levels.length - 1; i >= 0; i--) {
    const [template, target] = [from.levels[i]!, to.levels[i]!];
    const expected = found?.map((plane) => enlarged(plane, template, 2)) as [Plane, Plane] | undefined;
    found = densified(searchPatches(template, target, expected), template, target);
  }
  const [{ values: across, width, height }, { values: down }] = found!;
  const { factor } = from;
  if (factor > 1)
    for (let i = 0; i < across.length; i++) {
      across[i]! *= factor;
      down[i]! *= factor;
    }
  return { across, down, width, height, factor };
}
