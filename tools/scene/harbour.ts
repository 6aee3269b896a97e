import { addRowingBoat, addSloop } from './boats.ts';
import { alpineCover } from './ground.ts';
import { addHouse } from './houses.ts';
import { addChurch, addJetty, addQuay } from './landmarks.ts';
import { type Mesh, MeshBuilder } from './mesh.ts';
import { clamp, fractal2, mix, noise2, ridges2, smoothstep } from './noise.ts';
import { addPerson } from './people.ts';
import type { Plan } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import type { Terrain } from './terrain.ts';
import { growBroadleaf, growSpruce, growTuft } from './trees.ts';
import type { Placement } from './world.ts';

const QUAY = 1.5;

/** How far the far shore lies ahead at x: the village on the right, open water towards the left. */
function shoreline(x: number): number {
  const bay = smoothstep(-52, -420, x);
  return (
    mix(192, 1750, bay) +
    10 * (1 - smoothstep(-60, -30, x)) * noise2(x / 23, 3) +
    bay * 60 * noise2(x / 400, 9)
  );
}

/** The height of the ground: lake bed, near bank, village terrace, wooded hill, far ranges. */
function ground(x: number, z: number): number {
  const bank = 4.6 - 0.3 * Math.max(0, x + 9.5) ** 1.25 - 0.012 * Math.max(0, z - 12) ** 1.8;
  const nearBank = z < 80 ? bank + 0.5 * noise2(x / 4, z / 4) : -60;
  const slope = (shoreline(x + 70) - shoreline(x - 70)) / 140;
  const inland = (z - shoreline(x)) / Math.sqrt(1 + slope * slope);
  if (inland < 0) return Math.max(nearBank, Math.max(-60, inland * 0.5) - 0.5);
  const behindQuay = x > -52 && x < 215 ? QUAY : 0.3;
  const terrace =
    behindQuay +
    75 * (1 - Math.exp(-Math.max(0, inland - 13) * 0.0022)) +
    0.7 * noise2(x / 40, z / 40) * smoothstep(10, 60, inland);
  const hill =
    140 * Math.exp(-(((x - 430) / 300) ** 2) - ((z - 880) / 430) ** 2) * smoothstep(0, 420, inland);
  const spur = 42 * Math.exp(-(((x - 60) / 260) ** 2) - ((z - 700) / 240) ** 2) * smoothstep(60, 300, inland);
  const rough = 26 * fractal2(x / 190, z / 190, 6) * smoothstep(120, 500, inland);
  const shoreHills =
    smoothstep(0, 900, inland) *
    smoothstep(1500, 2700, z) *
    (120 + 260 * fractal2(x / 1500 + 2, z / 1500, 6));
  return terrace + hill + spur + rough + Math.max(0, shoreHills) + ranges(x, z);
}

function ranges(x: number, z: number): number {
  const wx = x + 700 * fractal2(x / 2900, z / 2900 + 5, 3);
  const wz = z + 700 * fractal2(x / 2900 + 9, z / 2900, 3);
  const first = smoothstep(3000, 7000, z) * (120 + 900 * ridges2(wx / 4200 + 0.9, wz / 4200 + 0.2, 8));
  const peak = 1150 * Math.exp(-(((x + 1100) / 1700) ** 2) - ((z - 9300) / 2300) ** 2);
  const second = smoothstep(6200, 10500, z) * (150 + 1500 * ridges2(wx / 5600 + 4.4, wz / 5600 + 1.7, 9));
  const detail = 90 * fractal2(x / 420, z / 420, 6) * smoothstep(3500, 6000, z);
  return Math.max(first * 0.75, second + peak * (0.5 + ridges2(wx / 1900, wz / 1900, 7))) + detail;
}

function furnish(terrain: Terrain, plenty: number): { meshes: Mesh[]; placements: Placement[] } {
  const random = createRandom(41);
  const settlement = new MeshBuilder();
  const lots = addVillage(settlement, terrain, random);
  addSloop(settlement, -38, 132, 0.35);
  addSloop(settlement, -150, 520, 2.6);
  addJetty(settlement, [15, 0.95, 27], [6.5, 0.95, 58], 2);
  addRowingBoat(settlement, 2.6, 50, 0.5, [0.17, 0.085, 0.04]);
  addRowingBoat(settlement, 13.2, 49, 2.4, [0.07, 0.15, 0.22]);
  for (let i = 0; i < 34; i++) {
    addPerson(settlement, -48 + 250 * random(), QUAY + 0.05, 192.5 + 4 * random(), random);
  }
  for (let i = 0; i < 9; i++) {
    const tints = [
      [0.6, 0.58, 0.52],
      [0.08, 0.14, 0.2],
      [0.3, 0.09, 0.05],
    ] as const;
    addRowingBoat(settlement, -30 + i * 21 + 8 * random(), 188.5, (random() - 0.5) * 0.5, tints[i % 3]!);
  }
  const meshes = [
    settlement.build(),
    growBroadleaf({
      seed: 5,
      height: 13,
      leaves: Math.ceil(52 * plenty),
      leafLength: 0.13,
      forks: 6,
      colour: [0.14, 0.22, 0.04],
    }),
    growBroadleaf({
      seed: 9,
      height: 11,
      leaves: Math.ceil(16 * plenty),
      leafLength: 0.42,
      forks: 5,
      colour: [0.1, 0.16, 0.032],
    }),
    growBroadleaf({
      seed: 23,
      height: 9,
      leaves: Math.ceil(16 * plenty),
      leafLength: 0.4,
      forks: 5,
      colour: [0.14, 0.18, 0.035],
    }),
    growSpruce(3, 22, Math.ceil(170 * plenty)),
    growSpruce(8, 26, Math.ceil(190 * plenty)),
    growTuft(2, Math.ceil(90 * plenty), 0.6, 0.55, [0.14, 0.19, 0.042], 2),
    growTuft(6, Math.ceil(60 * plenty), 1.9, 0.5, [0.19, 0.19, 0.06], 0),
  ];
  const placements: Placement[] = [{ mesh: 0, x: 0, y: 0, z: 0, turn: 0, scale: 1, tint: [1, 1, 1] }];
  const plant = (mesh: number, x: number, z: number, scale: number, tone: number): void => {
    const tint = [tone * (0.9 + 0.3 * random()), tone * (0.9 + 0.2 * random()), tone] as const;
    placements.push({ mesh, x, y: terrain.height(x, z), z, turn: 0.01 + random() * 6.28, scale, tint });
  };
  plant(1, -11.5, 18, 1, 1);
  plantForeground(plant, terrain, random, plenty);
  plantVillage(plant, lots, terrain, random);
  plantForest(plant, terrain, random, plenty);
  return { meshes, placements };
}

type Plant = (mesh: number, x: number, z: number, scale: number, tone: number) => void;
type Lot = { x: number; z: number; reach: number };

/** Houses in rows up the slope, the church among them, the quay before them. Returns the ground they take. */
function addVillage(mesh: MeshBuilder, terrain: Terrain, random: Random): Lot[] {
  const lots: Lot[] = [{ x: 62, z: 262, reach: 20 }];
  addChurch(mesh, 52, terrain.height(52, 255), 255, 0.12);
  const quay = [
    [-52, 191.5],
    [-20, 190.6],
    [30, 191],
    [90, 190.2],
    [150, 191.2],
    [215, 190.5],
  ] as const;
  addQuay(mesh, quay, QUAY);
  const rows = [
    [203, -46, 205, 0.03],
    [224, -36, 210, 0.08],
    [246, -26, 215, 0.2],
    [270, -8, 220, 0.3],
    [298, 10, 225, 0.45],
    [330, 30, 235, 0.65],
  ] as const;
  for (const [row, [z, from, to, gaps]] of rows.entries()) {
    for (let x = from + random() * 5; x < to; ) {
      const width = row === 0 ? 8 + random() * 5.5 : 8 + random() * 4;
      const middle = x + width / 2;
      const depth = 9 + random() * 3;
      const blocked = lots.some((lot) => Math.hypot(lot.x - middle, lot.z - z - 4) < lot.reach + width / 2);
      if (random() > gaps && !blocked) {
        const front = z + (random() - 0.5) * (row === 0 ? 2 : 7);
        const floors = row === 0 ? 3 + (random() < 0.35 ? 1 : 0) : 2 + (random() < 0.5 ? 1 : 0);
        const turn = (random() - 0.5) * (row === 0 ? 0.08 : 0.4);
        addHouse(
          mesh,
          {
            x: middle,
            y: terrain.height(middle, front),
            z: front,
            turn,
            width,
            depth,
            floors,
            gable: random() < 0.55,
          },
          random,
        );
        lots.push({ x: middle, z: front + depth / 2, reach: 7 });
      }
      x += width + (random() < 0.75 ? 0.3 : 1.5 + random() * 4);
    }
  }
  return lots;
}

function plantForeground(plant: Plant, terrain: Terrain, random: Random, plenty: number): void {
  for (let i = 0; i < 3400 * plenty; i++) {
    const x = -20 + random() * 22;
    const z = 9 + random() * 26;
    const y = terrain.height(x, z);
    if (y > 0.35) plant(6, x, z, 0.6 + 0.8 * random(), 0.8 + 0.4 * random());
    else if (y > -0.5 && noise2(x / 2.5, z / 2.5) > 0) plant(7, x, z, 0.6 + 0.6 * random(), 0.9);
  }
}

function plantVillage(plant: Plant, lots: Lot[], terrain: Terrain, random: Random): void {
  for (let i = 0; i < 420; i++) {
    const x = -52 + random() * 290;
    const z = 208 + random() * 150;
    if (terrain.height(x, z) < 1 || lots.some((lot) => Math.hypot(lot.x - x, lot.z - z) < lot.reach + 2))
      continue;
    plant(random() < 0.2 ? 4 : random() < 0.5 ? 2 : 3, x, z, 0.45 + 0.5 * random(), 0.8 + 0.5 * random());
  }
  for (let x = -46; x < 205; x += 14 + random() * 13) plant(3, x, 197, 0.5 + 0.15 * random(), 1);
}

/** Mixed wood on the slopes: spruces higher up, broad-leaved trees lower down, clearings between. */
function plantForest(plant: Plant, terrain: Terrain, random: Random, plenty: number): void {
  const space = 8.5 / Math.sqrt(Math.max(0.05, plenty));
  for (let z = 205; z < 1900; z += space * (1 + z / 2500)) {
    for (let x = -560; x < 760; x += space * (1 + z / 2500)) {
      const px = x + (random() - 0.5) * space * 1.4;
      const pz = z + (random() - 0.5) * space * 1.4;
      const y = terrain.height(px, pz);
      const village = px > -54 && px < 230 && pz < 355;
      if (y < 0.8 || village || px > pz * 0.62 || px < -pz * 0.62) continue;
      const wooded =
        fractal2(px / 150 + 7, pz / 150, 4) + clamp((y - 20) / 120, 0, 0.35) + (px < -54 ? 0.35 : 0);
      if (wooded < 0.02 + 0.1 * random()) continue;
      const spruce = random() < clamp(0.3 + y / 130 + noise2(px / 90, pz / 90) * 0.5, 0.08, 0.95);
      if (spruce) plant(random() < 0.5 ? 4 : 5, px, pz, 0.55 + 0.5 * random(), 0.8 + 0.5 * random());
      else plant(random() < 0.5 ? 2 : 3, px, pz, 0.8 + 0.6 * random(), 0.7 + 0.6 * random());
    }
  }
}

/** A lakeside village on a summer evening, the mountains behind it and a sloop coming in. */
export const harbour: Plan = {
  width: 1200,
  height: 800,
  camera: { height: 7, view: 0.87, horizon: 0.655 },
  sun: { azimuth: Math.PI + 0.95, height: 0.33 },
  haze: 1.25e-5,
  clouds: [
    { x: -1900, z: 14500, base: 1700, width: 7200, depth: 4600, height: 5000, seed: 3 },
    { x: 4300, z: 12500, base: 1900, width: 4600, depth: 3600, height: 2700, seed: 14 },
    { x: -8600, z: 17000, base: 1700, width: 5600, depth: 4000, height: 3400, seed: 5 },
    { x: 1500, z: 7000, base: 1800, width: 1500, depth: 1100, height: 600, seed: 8 },
    { x: -2700, z: 7000, base: 1900, width: 1700, depth: 1200, height: 650, seed: 21 },
  ],
  veil: 0.45,
  wind: 1,
  depths: [0.006, 0.018, 0.022],
  ground,
  near: [-620, -60, 820, 1960, 2],
  far: [-11000, -200, 11000, 15500, 18],
  rainFrom: 2300,
  cover: alpineCover(900, 1230),
  furnish,
  development: { exposure: 1.35, grain: 0.0055, vignette: 0.3 },
};
