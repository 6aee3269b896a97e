import { type Atmosphere, createAtmosphere } from './atmosphere.ts';
import { createClouds } from './clouds.ts';
import { erode } from './erosion.ts';
import { createLight, type Scene } from './light.ts';
import type { Plan } from './plan.ts';
import { createRandom, hash } from './random.ts';
import { paintSkyRow, type SkyMap, skyMap } from './sky.ts';
import { createTerrain, emptyGrid, fillGridRow, type Grid } from './terrain.ts';
import { createWorld } from './world.ts';

/** How much work goes into a picture. */
export type Quality = {
  width: number;
  height: number;
  /** Rays for each pixel. */
  rays: number;
  /** From 0 to 1: the density of plants and the fineness of the ground; 1 for the full picture. */
  detail: number;
};

/** Memory that all threads of one picture fill together, and the counters by which they share the work. */
export type Studio = {
  quality: Quality;
  near: Grid;
  far: Grid;
  sky: SkyMap;
  /** Linear light, row by row. */
  light: Float32Array;
  /** For each stage, the rows taken and the rows done. */
  counters: Int32Array;
};

export function prepare(plan: Plan, quality: Quality): Studio {
  const coarser = 1 / Math.max(0.05, quality.detail);
  const [nx, nz, nX, nZ, nearStep] = plan.near;
  const [fx, fz, fX, fZ, farStep] = plan.far;
  const focal = quality.width / 2 / Math.tan(plan.camera.view / 2);
  const halfWidth = plan.camera.view / 2 + 0.04;
  const toHeight = Math.atan((plan.camera.horizon * quality.height) / focal) + 0.02;
  const columns = Math.round(focal * halfWidth * 2);
  return {
    quality,
    near: emptyGrid(nx, nz, nX, nZ, nearStep * coarser),
    far: emptyGrid(fx, fz, fX, fZ, farStep * coarser),
    sky: skyMap(columns, Math.round(focal * toHeight), halfWidth, toHeight),
    light: new Float32Array(new SharedArrayBuffer(quality.width * quality.height * 3 * 4)),
    counters: new Int32Array(new SharedArrayBuffer(10 * 4)),
  };
}

/** Does one thread's share of the picture; run it on as many threads as there are, with one studio for all. */
export function work(plan: Plan, studio: Studio): void {
  const { quality, near, far, sky, light, counters } = studio;
  share(counters, 0, near.rows, (row) => fillGridRow(near, row, plan.ground));
  share(counters, 2, far.rows, (row) => fillGridRow(far, row, plan.ground));
  share(counters, 8, 1, () => erode(far, plan.rainFrom, 0.32));
  const atmosphere = createAtmosphere(plan.sun.azimuth, plan.sun.height, plan.haze);
  const clouds = createClouds(plan.clouds, atmosphere);
  share(counters, 4, sky.rows, (row) => paintSkyRow(sky, row, atmosphere, clouds, plan.veil));
  const scene = assemble(plan, studio, atmosphere);
  const random = createRandom(1);
  const gather = createLight(scene, random);
  share(counters, 6, quality.height, (row) => exposeRow(plan, quality, row, random, gather, light));
}

function assemble(plan: Plan, studio: Studio, atmosphere: Atmosphere): Scene {
  const terrain = createTerrain(studio.near, studio.far);
  const { meshes, placements } = plan.furnish(terrain, studio.quality.detail);
  const world = createWorld(meshes, placements);
  return {
    atmosphere,
    sky: studio.sky,
    terrain,
    cover: plan.cover,
    world,
    wind: plan.wind,
    depths: plan.depths,
  };
}

type Gather = ReturnType<typeof createLight>;

function exposeRow(
  plan: Plan,
  quality: Quality,
  row: number,
  random: ReturnType<typeof createRandom>,
  gather: Gather,
  light: Float32Array,
): void {
  const { width, height, rays } = quality;
  const focal = width / 2 / Math.tan(plan.camera.view / 2);
  const out = new Float64Array(3);
  const origin = new Float64Array(3);
  const way = new Float64Array(3);
  for (let column = 0; column < width; column++) {
    // Seeded by its place, a pixel comes out the same whichever thread takes it.
    random.seed(hash(row * width + column));
    const at = (row * width + column) * 3;
    for (let ray = 0; ray < rays; ray++) {
      // Three numbers added make a bell: the softness of a lens rather than the edge of a square.
      const x = column + 0.5 + (random() + random() + random() - 1.5) * 0.95 - width / 2;
      const y = plan.camera.horizon * height - (row + 0.5 + (random() + random() + random() - 1.5) * 0.95);
      const length = Math.hypot(x, y, focal);
      origin[1] = plan.camera.height;
      way[0] = x / length;
      way[1] = y / length;
      way[2] = focal / length;
      gather(origin, way, 0, out);
      // A cap on one ray keeps single glints from speckling the picture.
      for (let c = 0; c < 3; c++) light[at + c] = light[at + c]! + Math.min(6, out[c]!) / rays;
    }
  }
}

/** Takes rows one by one, together with the other threads, and returns when all of them are done. */
function share(counters: Int32Array, at: number, rows: number, doRow: (row: number) => void): void {
  for (let row = Atomics.add(counters, at, 1); row < rows; row = Atomics.add(counters, at, 1)) {
    doRow(row);
    if (Atomics.add(counters, at + 1, 1) === rows - 1) Atomics.notify(counters, at + 1);
  }
  for (let done = Atomics.load(counters, at + 1); done < rows; done = Atomics.load(counters, at + 1)) {
    Atomics.wait(counters, at + 1, done, 1000);
  }
}
