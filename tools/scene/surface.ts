import type { Scene } from './light.ts';
import { MATERIAL } from './mesh.ts';
import { clamp, fractal2, noise2, noise3 } from './noise.ts';
import type { Hit } from './world.ts';

/** How a point of a surface answers light. */
export type Surface = {
  /** The unit normal on the side that is seen. */
  normal: Float64Array;
  /** The share of light thrown back, red, green, blue. */
  colour: Float64Array;
  /** The share of sunlight from behind that shines through (leaves, sails). */
  through: number;
  /** How much of a mirror it is, 0 to 1. */
  shine: number;
};

/** Describes the piece in `hit`, or with null the ground, at point p seen along d. */
export function surfaceAt(
  scene: Scene,
  p: Float64Array,
  d: Float64Array,
  distance: number,
  hit: Hit | null,
): Surface {
  const surface: Surface = { normal: new Float64Array(3), colour: new Float64Array(3), through: 0, shine: 0 };
  if (hit === null) describeGround(scene, p, distance, surface);
  else describePiece(scene, p, hit, surface);
  const { normal: n } = surface;
  if (n[0]! * d[0]! + n[1]! * d[1]! + n[2]! * d[2]! > 0) for (let c = 0; c < 3; c++) n[c] = -n[c]!;
  return surface;
}

function describeGround(scene: Scene, p: Float64Array, distance: number, surface: Surface): void {
  const { normal: n } = surface;
  scene.terrain.normal(p[0]!, p[2]!, Math.max(0.6, distance * 0.0012), n);
  scene.cover(p[0]!, p[1]!, p[2]!, Math.sqrt(Math.max(0, 1 - n[1]! * n[1]!)), distance, surface.colour);
  const grain = distance > 2500 ? 14 : distance > 300 ? 6 : 0.5;
  // Far woods are too many trees to plant: their crowns are told by rough ground.
  const rough = distance > 1500 && p[1]! < 700 ? 0.75 : 0.3;
  n[0] = n[0]! + rough * noise2(p[0]! / grain, p[2]! / grain);
  n[2] = n[2]! + rough * noise2(p[0]! / grain + 31, p[2]! / grain);
  const length = Math.hypot(n[0]!, n[1]!, n[2]!);
  for (let c = 0; c < 3; c++) n[c] = n[c]! / length;
}

function describePiece(scene: Scene, p: Float64Array, hit: Hit, surface: Surface): void {
  const placement = scene.world.placements[hit.placement]!;
  const mesh = scene.world.meshes[placement.mesh]!;
  const { corners } = mesh;
  const at = hit.piece * 9;
  const [ax, ay, az] = [corners[at + 3]!, corners[at + 4]!, corners[at + 5]!];
  const [bx, by, bz] = [corners[at + 6]!, corners[at + 7]!, corners[at + 8]!];
  const nx = ay * bz - az * by;
  const ny = az * bx - ax * bz;
  const nz = ax * by - ay * bx;
  const size = Math.hypot(nx, ny, nz) || 1;
  const cos = Math.cos(placement.turn);
  const sin = Math.sin(placement.turn);
  const { normal: n, colour } = surface;
  n[0] = (cos * nx + sin * nz) / size;
  n[1] = ny / size;
  n[2] = (cos * nz - sin * nx) / size;
  const material = mesh.materials[hit.piece]!;
  // The season turns the leaves, not the bark.
  const turns = material === MATERIAL.leaf || material === MATERIAL.rock;
  for (let c = 0; c < 3; c++) {
    colour[c] = mesh.colours[hit.piece * 3 + c]! * (turns ? placement.tint[c]! : 1);
  }
  if (material === MATERIAL.leaf) surface.through = 0.55;
  else if (material === MATERIAL.glass) surface.shine = 0.8;
  else wear(material, p, hit, Math.hypot(bx, by, bz), colour);
}

/** Weathers the colour of a wall, a roof, a trunk. */
function wear(material: number, p: Float64Array, hit: Hit, rise: number, colour: Float64Array): void {
  const [x, y, z] = [p[0]!, p[1]!, p[2]!];
  let shade = 1;
  if (material === MATERIAL.plaster) {
    const streaks = noise3(x * 1.7, y * 0.25, z * 1.7);
    shade =
      0.93 +
      0.1 * streaks +
      0.1 * fractal2((x + z) / 3, y / 3, 4) -
      0.16 * clamp(1 - hit.v * rise * 0.6, 0, 1);
  } else if (material === MATERIAL.tiles) {
    const course = hit.v * rise * 3.2;
    const lap = course - Math.floor(course);
    shade =
      0.8 +
      0.2 * lap +
      0.3 * noise3(x * 2.1, Math.floor(course), z * 2.1) +
      0.3 * fractal2(x / 2.6 + z / 3, y / 2, 3);
  } else if (material === MATERIAL.stone) {
    const row = Math.floor(y / 0.45);
    const joint = noise3(Math.floor((x + z) / 0.8 + row * 0.5) * 1.37, row * 1.61, 0.5);
    shade = 0.88 + 0.42 * joint + 0.6 * fractal2((x + z) / 1.6, y / 1.6, 5);
    if (y < 0.35) shade *= 0.55;
  } else if (material === MATERIAL.rock) {
    shade = 0.9 + 0.5 * fractal2(x * 1.3 + z, y * 1.3 + z, 5) + 0.35 * noise3(x * 9, y * 9, z * 9);
    if (y < 0.12) shade *= 0.4;
  } else if (material === MATERIAL.bark) {
    shade = 0.85 + 0.6 * noise3(x * 14, y * 2.5, z * 14);
  } else if (material === MATERIAL.wood) {
    shade = 0.9 + 0.35 * noise3(x * 6, y * 3, z * 1.2);
  }
  for (let c = 0; c < 3; c++) colour[c] = clamp(colour[c]! * Math.max(0.25, shade), 0, 0.92);
}
