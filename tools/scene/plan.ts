import type { CloudPlan } from './clouds.ts';
import type { Development } from './film.ts';
import type { GroundCover } from './ground.ts';
import type { Mesh } from './mesh.ts';
import type { HeightFunction, Terrain } from './terrain.ts';
import type { Placement } from './world.ts';

/** A picture to be taken: the place, the weather, the camera. Lengths in metres, angles in radians. */
export type Plan = {
  /** Picture size in pixels when rendered in full. */
  width: number;
  height: number;
  camera: {
    height: number;
    /** The angle between the left and the right edge. */
    view: number;
    /** Where the horizon lies, as a share of the height from the top; verticals stay upright. */
    horizon: number;
  };
  /** Azimuth is measured from straight ahead towards the right. */
  sun: { azimuth: number; height: number };
  haze: number;
  clouds: readonly CloudPlan[];
  /** How much thin high cloud there is, 0 to 1. */
  veil: number;
  wind: number;
  depths: readonly [number, number, number];
  ground: HeightFunction;
  /** The spans of the fine and of the coarse height grid: from x, from z, to x, to z, and their steps. */
  near: readonly [number, number, number, number, number];
  far: readonly [number, number, number, number, number];
  /** Beyond this z, rain has cut gullies into the ground. */
  rainFrom: number;
  cover: GroundCover;
  /** Sets houses, boats and plants on the finished ground; `plenty` from 0 to 1 thins out the plants. */
  furnish(terrain: Terrain, plenty: number): { meshes: Mesh[]; placements: Placement[] };
  development: Development;
};
