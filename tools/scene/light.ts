import type { Atmosphere } from './atmosphere.ts';
import type { GroundCover } from './ground.ts';
import type { Random } from './random.ts';
import { type SkyMap, skyLight } from './sky.ts';
import { surfaceAt } from './surface.ts';
import type { Terrain } from './terrain.ts';
import { mirrored, rippled } from './water.ts';
import type { Hit, World } from './world.ts';

/** All that light meets. */
export type Scene = {
  atmosphere: Atmosphere;
  sky: SkyMap;
  terrain: Terrain;
  cover: GroundCover;
  world: World;
  /** How strongly the breeze ruffles the water; 0 is a mirror. */
  wind: number;
  /** The light that comes back out of deep water. */
  depths: readonly [number, number, number];
};

/** Pieces are looked for up to this far, metres; beyond it there is bare ground. */
const REACH = 4000;
const NUDGE = 0.004;

/** Gathers light along rays: sun and sky on what a ray meets, one bounce, mirrors of water and glass. */
export function createLight(scene: Scene, random: Random) {
  const { atmosphere, sky, terrain, world } = scene;
  const { sun, sunlight } = atmosphere;
  const hit: Hit = { distance: 0, placement: 0, piece: 0, u: 0, v: 0 };
  const shadowHit: Hit = { ...hit };
  const shadowRay = new Float64Array(3);

  function sunReaches(p: Float64Array, far: boolean): number {
    // The sun is a disc half a degree wide, so shadows soften with distance.
    const spread = 0.0046;
    for (let c = 0; c < 3; c++) shadowRay[c] = sun[c]! + (random() + random() - 1) * spread;
    if (!far && world.trace(p, shadowRay, REACH, true, shadowHit)) return 0;
    return terrain.trace(p, shadowRay, 14000) < 14000 ? 0 : 1;
  }

  /** Writes the light that comes back along the ray to `out`; `depth` counts mirrors and bounces so far. */
  function gather(o: Float64Array, d: Float64Array, depth: number, out: Float64Array): void {
    const water = d[1]! < -1e-6 && o[1]! > 0 ? -o[1]! / d[1]! : Number.POSITIVE_INFINITY;
    const ground = terrain.trace(o, d, Math.min(water, depth < 2 ? 40000 : 3000));
    const nearest = Math.min(water, ground, REACH);
    const piece = world.trace(o, d, nearest, false, hit);
    const distance = piece ? hit.distance : Math.min(water, ground);
    if (distance === Number.POSITIVE_INFINITY) {
      skyLight(sky, atmosphere, d[0]!, d[1]!, d[2]!, out);
      return;
    }
    const p = new Float64Array([
      o[0]! + d[0]! * distance,
      o[1]! + d[1]! * distance,
      o[2]! + d[2]! * distance,
    ]);
    if (!piece && water <= ground) lakeLight(p, d, distance, depth, out);
    else surfaceLight(p, d, distance, piece, depth, out);
    if (depth < 2) atmosphere.fade(o[1]!, d[0]!, d[1]!, d[2]!, distance, out);
  }

  function lakeLight(
    p: Float64Array,
    d: Float64Array,
    distance: number,
    depth: number,
    out: Float64Array,
  ): void {
    const n = new Float64Array(3);
    rippled(p[0]!, p[2]!, distance, scene.wind, random(), random(), n);
    let cosine = -(d[0]! * n[0]! + d[1]! * n[1]! + d[2]! * n[2]!);
    if (cosine < 0.01) cosine = 0.01;
    const r = new Float64Array([
      d[0]! + 2 * cosine * n[0]!,
      d[1]! + 2 * cosine * n[1]!,
      d[2]! + 2 * cosine * n[2]!,
    ]);
    r[1] = Math.max(Math.abs(r[1]!), 0.002);
    const share = mirrored(cosine);
    p[1] = 0.01;
    if (depth < 2) gather(p, unit(r), depth + 1, out);
    else skyLight(sky, atmosphere, r[0]!, r[1]!, r[2]!, out);
    for (let c = 0; c < 3; c++) out[c] = out[c]! * share + (1 - share) * scene.depths[c]!;
  }

  function surfaceLight(
    p: Float64Array,
    d: Float64Array,
    distance: number,
    piece: boolean,
    depth: number,
    out: Float64Array,
  ): void {
    const surface = surfaceAt(scene, p, d, distance, piece ? hit : null);
    const { normal: n, colour, through, shine } = surface;
    const far = !piece && distance > REACH;
    p[0] = p[0]! + n[0]! * NUDGE * (1 + distance * 0.01);
    p[1] = p[1]! + n[1]! * NUDGE * (1 + distance * 0.01);
    p[2] = p[2]! + n[2]! * NUDGE * (1 + distance * 0.01);
    const facing = n[0]! * sun[0] + n[1]! * sun[1] + n[2]! * sun[2];
    const direct = facing > 0 ? facing : -facing * through;
    const sunned = direct > 0 && sunReaches(p, far) > 0 ? direct / Math.PI : 0;
    const around = new Float64Array(3);
    if (depth < 2 && !far) bounce(p, n, depth, around);
    else openSky(n, around);
    for (let c = 0; c < 3; c++) out[c] = colour[c]! * (sunned * sunlight[c]! + around[c]!);
    if (shine > 0 && depth < 2) reflect(p, d, n, shine, depth, out);
  }

  function reflect(
    p: Float64Array,
    d: Float64Array,
    n: Float64Array,
    shine: number,
    depth: number,
    out: Float64Array,
  ) {
    const cosine = -(d[0]! * n[0]! + d[1]! * n[1]! + d[2]! * n[2]!);
    const r = new Float64Array(3);
    for (let c = 0; c < 3; c++) r[c] = d[c]! + 2 * cosine * n[c]! + (random() - 0.5) * 0.02;
    const seen = new Float64Array(3);
    gather(p, unit(r), depth + 1, seen);
    const share = shine * (0.08 + 0.92 * (1 - Math.abs(cosine)) ** 4);
    for (let c = 0; c < 3; c++) out[c] = out[c]! * (1 - share) + seen[c]! * share;
  }

  /** Light from one direction of the half space above, drawn in proportion to what it lends the surface. */
  function bounce(p: Float64Array, n: Float64Array, depth: number, out: Float64Array): void {
    const z = 1 - 2 * random();
    const r = Math.sqrt(Math.max(0, 1 - z * z));
    const turn = 2 * Math.PI * random();
    const q = new Float64Array([n[0]! + r * Math.cos(turn), n[1]! + z, n[2]! + r * Math.sin(turn)]);
    gather(p, unit(q), Math.max(2, depth + 2), out);
  }

  /** Sky and lit ground together, for bounces whose surroundings are no longer followed. */
  function openSky(n: Float64Array, out: Float64Array): void {
    const up = 0.5 + 0.5 * n[1]!;
    atmosphere.sky(n[0]! * 0.6, 0.6 + 0.4 * n[1]!, n[2]! * 0.6, out);
    for (let c = 0; c < 3; c++) out[c] = out[c]! * up + (1 - up) * sunlight[c]! * 0.025;
  }

  return gather;
}

function unit(v: Float64Array): Float64Array {
  const length = Math.hypot(v[0]!, v[1]!, v[2]!) || 1;
  v[0] = v[0]! / length;
  v[1] = v[1]! / length;
  v[2] = v[2]! / length;
  return v;
}
