import { addBridge } from './bridge.ts';
import { addCastle } from './castle.ts';
import { alpineCover } from './ground.ts';
import { addHouse } from './houses.ts';
import { type Colour, MATERIAL, type Mesh, MeshBuilder } from './mesh.ts';
import { clamp, fractal2, noise2, smoothstep } from './noise.ts';
import type { Plan } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import { growRock } from './rocks.ts';
import type { Terrain } from './terrain.ts';
import { growBroadleaf, growSpruce, growTuft } from './trees.ts';
import { ground, midstream, RIVER } from './valley-ground.ts';
import type { Placement } from './world.ts';

type Plant = (mesh: number, x: number, z: number, scale: number, tint: Colour) => void;

const GREEN: Colour = [1, 1, 1];
/** What autumn makes of green leaves: gold, orange, russet, red. */
const AUTUMN: readonly Colour[] = [
  [3.1, 1.75, 0.8],
  [3.2, 1.15, 0.5],
  [2.1, 0.8, 0.6],
  [2.7, 0.5, 0.6],
  [1.8, 1.35, 0.8],
];

function furnish(terrain: Terrain, plenty: number): { meshes: Mesh[]; placements: Placement[] } {
  const random = createRandom(12);
  const built = new MeshBuilder();
  addBridge(built, midstream(88), 88, -0.1, 37, 5.4);
  addCastle(built, -92, terrain.height(-88, 345) - 2, 338, 0.15);
  const lots = addHamlet(built, terrain, random);
  addFence(built, terrain);
  const leaves = (count: number) => Math.ceil(count * plenty);
  const meshes = [
    built.build(),
    growBroadleaf({
      seed: 14,
      height: 12,
      leaves: leaves(26),
      leafLength: 0.17,
      forks: 6,
      colour: [0.13, 0.19, 0.04],
    }),
    growBroadleaf({
      seed: 9,
      height: 11,
      leaves: leaves(18),
      leafLength: 0.4,
      forks: 5,
      colour: [0.12, 0.17, 0.035],
    }),
    growBroadleaf({
      seed: 23,
      height: 9,
      leaves: leaves(18),
      leafLength: 0.38,
      forks: 5,
      colour: [0.13, 0.17, 0.035],
    }),
    growSpruce(3, 22, leaves(170)),
    growSpruce(8, 26, leaves(190)),
    growTuft(2, leaves(90), 0.55, 0.55, [0.13, 0.16, 0.042], 1),
    growTuft(6, leaves(60), 1.5, 0.45, [0.24, 0.2, 0.07], 0),
    growRock(1),
    growRock(2),
    growRock(4),
  ];
  const placements: Placement[] = [{ mesh: 0, x: 0, y: 0, z: 0, turn: 0, scale: 1, tint: GREEN }];
  const plant: Plant = (mesh, x, z, scale, tint) => {
    const tone = 0.8 + 0.4 * random();
    const own: Colour = [tint[0] * tone, tint[1] * tone, tint[2] * tone];
    placements.push({ mesh, x, y: terrain.height(x, z), z, turn: 0.01 + 6.27 * random(), scale, tint: own });
  };
  plant(1, 17, 37, 1.05, AUTUMN[1]!);
  plant(1, -19.5, 50, 0.95, AUTUMN[0]!);
  plantBanks(plant, terrain, random, plenty);
  plantMeadows(plant, lots, terrain, random);
  plantSides(plant, terrain, random, plenty);
  return { meshes, placements };
}

type Lot = { x: number; z: number };

function addHamlet(mesh: MeshBuilder, terrain: Terrain, random: Random): Lot[] {
  const lots: Lot[] = [
    { x: 38, z: 118 },
    { x: 53, z: 131 },
    { x: 44, z: 152 },
    { x: 68, z: 150 },
    { x: 80, z: 172 },
    { x: 60, z: 188 },
    { x: 100, z: 196 },
    { x: 88, z: 222 },
    { x: 124, z: 232 },
    { x: -46, z: 170 },
    { x: -62, z: 190 },
  ];
  for (const { x, z } of lots) {
    const size = {
      width: 8.5 + 4 * random(),
      depth: 9 + 3 * random(),
      floors: 2 + Math.floor(random() * 1.6),
    };
    const turn = (random() - 0.5) * 0.9;
    addHouse(mesh, { x, y: terrain.height(x, z), z, turn, ...size, gable: random() < 0.7 }, random);
  }
  return lots;
}

/** A fence of posts and two rails along the left bank. */
function addFence(mesh: MeshBuilder, terrain: Terrain): void {
  mesh.moveTo(0, 0, 0, 0);
  const grey: Colour = [0.24, 0.21, 0.17];
  const post = (z: number) => {
    const x = midstream(z) - RIVER - 8.5 + 0.5 * Math.sin(z * 3);
    return [x, terrain.height(x, z), z] as const;
  };
  for (let z = 24; z < 84; z += 2.6) {
    const [x, y] = post(z);
    const [nx, ny, nz] = post(z + 2.6);
    mesh.stem(
      MATERIAL.wood,
      grey,
      [x, y - 0.3, z],
      [x + 0.05 * Math.sin(z * 5), y + 1.25, z],
      0.075,
      0.06,
      6,
    );
    for (const up of [0.55, 1.02]) {
      mesh.stem(
        MATERIAL.wood,
        grey,
        [x, y + up, z],
        [nx, ny + up + 0.05 * Math.sin(z * 9), nz],
        0.045,
        0.04,
        5,
      );
    }
  }
}

function plantBanks(plant: Plant, terrain: Terrain, random: Random, plenty: number): void {
  for (let i = 0; i < 9000 * plenty; i++) {
    const z = 8 + random() ** 1.5 * 85;
    const x = midstream(z) + (random() < 0.5 ? -1 : 1) * (RIVER - 1 + random() * 24);
    const y = terrain.height(x, z);
    if (y > 0.3) plant(6, x, z, 0.5 + 0.8 * random(), [1.1, 1, 1]);
    if (y > -0.2 && y < 0.8 && noise2(x / 3, z / 3) > 0.25) plant(7, x, z, 0.5 + 0.6 * random(), GREEN);
  }
  for (let i = 0; i < 420; i++) {
    const z = 14 + random() ** 1.4 * 120;
    const near = random() < 0.8 ? RIVER - 2.2 + 2.8 * random() : RIVER * random();
    const x = midstream(z) + (random() < 0.5 ? -near : near);
    const size = near > RIVER - 3 ? 0.4 + 1.3 * random() ** 3 : 0.9 + 1.2 * random() ** 2;
    if (near > RIVER - 3 || (z > 30 && random() < 0.4))
      plant(8 + (i % 3), x, z, size, near > RIVER - 3 ? GREEN : [0.8, 0.8, 0.8]);
  }
}

function plantMeadows(plant: Plant, lots: Lot[], terrain: Terrain, random: Random): void {
  for (let i = 0; i < 60; i++) {
    // Bushes along the water and about the ends of the bridge.
    const z = 58 + random() * 95;
    const x = midstream(z) + (random() < 0.5 ? -1 : 1) * (RIVER + 3.5 + 14 * random() ** 2);
    if (Math.abs(z - 90) < 7 || lots.some((lot) => Math.hypot(lot.x - x, lot.z + 4 - z) < 9)) continue;
    plant(random() < 0.5 ? 2 : 3, x, z, 0.16 + 0.2 * random(), random() < 0.5 ? GREEN : AUTUMN[i % 5]!);
  }
  for (let i = 0; i < 700; i++) {
    const z = 95 + random() * 700;
    const x = (random() - 0.5) * z * 1.1;
    const away = Math.abs(x - midstream(z)) - RIVER;
    if (away < 3 || lots.some((lot) => Math.hypot(lot.x - x, lot.z + 4 - z) < 11)) continue;
    const grove = away < 9 ? 0.55 : 0.1 + 0.9 * smoothstep(0.05, 0.35, fractal2(x / 70, z / 70, 3));
    if (random() > grove || Math.hypot(x + 92, z - 338) < 32 || terrain.height(x, z) < 0.8) continue;
    plant(random() < 0.5 ? 2 : 3, x, z, 0.6 + 0.5 * random(), AUTUMN[Math.floor(random() * AUTUMN.length)]!);
  }
}

function plantSides(plant: Plant, terrain: Terrain, random: Random, plenty: number): void {
  const space = 8.5 / Math.sqrt(Math.max(0.05, plenty));
  for (let z = 130; z < 2300; z += space * (1 + z / 1800)) {
    for (let x = -0.62 * z - 30; x < 0.62 * z + 30; x += space * (1 + z / 1800)) {
      const px = x + (random() - 0.5) * space * 1.5;
      const pz = z + (random() - 0.5) * space * 1.5;
      const y = terrain.height(px, pz);
      const wooded = fractal2(px / 160 + 2, pz / 160, 4) + clamp((y - 14) / 60, -0.3, 0.4);
      if (y < 7 || wooded < 0.05 || y > 700 || Math.hypot(px + 90, pz - 342) < 27) continue;
      const spruce = random() < clamp(0.12 + y / 260 + 0.7 * noise2(px / 110, pz / 110), 0.04, 0.95);
      if (spruce) plant(random() < 0.5 ? 4 : 5, px, pz, 0.55 + 0.5 * random(), GREEN);
      else
        plant(
          random() < 0.5 ? 2 : 3,
          px,
          pz,
          0.8 + 0.6 * random(),
          random() < 0.3 ? GREEN : AUTUMN[Math.floor(random() ** 1.4 * AUTUMN.length)]!,
        );
    }
  }
}

/** A river valley in October: a stone bridge, a hamlet, a castle on its rock, snow on the range behind. */
export const valley: Plan = {
  width: 1200,
  height: 800,
  camera: { height: 4.3, view: 0.9, horizon: 0.62 },
  sun: { azimuth: Math.PI - 0.85, height: 0.42 },
  haze: 1.6e-5,
  clouds: [
    { x: 3400, z: 9500, base: 2600, width: 3400, depth: 2500, height: 1500, seed: 31 },
    { x: -3300, z: 8700, base: 2500, width: 3000, depth: 2200, height: 1200, seed: 6 },
    { x: -900, z: 7000, base: 2500, width: 1500, depth: 1100, height: 550, seed: 17 },
    { x: 1500, z: 6000, base: 2500, width: 1300, depth: 900, height: 480, seed: 25 },
    { x: 6500, z: 15000, base: 2600, width: 5500, depth: 3000, height: 2200, seed: 40 },
    { x: -6500, z: 15500, base: 2500, width: 5200, depth: 3000, height: 1900, seed: 44 },
  ],
  veil: 0.7,
  wind: 0.75,
  depths: [0.008, 0.022, 0.02],
  ground,
  near: [-760, -60, 760, 1700, 2],
  far: [-8000, -200, 9000, 14500, 18],
  rainFrom: 2000,
  cover: alpineCover(1000, 1400),
  furnish,
  development: { exposure: 1.4, grain: 0.0055, vignette: 0.3 },
};
