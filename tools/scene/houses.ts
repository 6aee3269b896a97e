import { type Colour, MATERIAL, type MeshBuilder, type Point } from './mesh.ts';
import type { Random } from './random.ts';

const WALLS: readonly Colour[] = [
  [0.74, 0.7, 0.62],
  [0.76, 0.66, 0.46],
  [0.7, 0.48, 0.2],
  [0.66, 0.38, 0.27],
  [0.72, 0.55, 0.42],
  [0.5, 0.54, 0.56],
  [0.52, 0.55, 0.4],
  [0.45, 0.17, 0.1],
  [0.78, 0.75, 0.7],
];
const ROOFS: readonly Colour[] = [
  [0.36, 0.13, 0.065],
  [0.3, 0.12, 0.07],
  [0.2, 0.1, 0.065],
  [0.13, 0.125, 0.13],
];
const SHUTTERS: readonly Colour[] = [
  [0.05, 0.13, 0.08],
  [0.16, 0.07, 0.035],
  [0.1, 0.16, 0.22],
  [0.3, 0.05, 0.035],
];
const FRAME: Colour = [0.8, 0.78, 0.73];
const GLASS: Colour = [0.022, 0.026, 0.03];
const TIMBER: Colour = [0.13, 0.07, 0.04];

export type House = {
  x: number;
  y: number;
  z: number;
  turn: number;
  width: number;
  depth: number;
  floors: number;
  /** Whether the gable looks at the water. */
  gable: boolean;
};

const STOREY = 2.9;
const FOOTING = 5;

/** A plastered house with a tiled roof, windows with frames and shutters, a chimney and perhaps a dormer. */
export function addHouse(mesh: MeshBuilder, house: House, random: Random): void {
  mesh.moveTo(house.x, house.y, house.z, house.turn);
  const { width: w, depth: d } = house;
  const wall = pick(WALLS, random);
  const roof = pick(ROOFS, random);
  const shutter = random() < 0.6 ? pick(SHUTTERS, random) : null;
  const high = house.floors * STOREY + 0.5;
  const half = w / 2;
  mesh.quad(MATERIAL.plaster, wall, [-half, -FOOTING, 0], [w, 0, 0], [0, high + FOOTING, 0]);
  mesh.quad(MATERIAL.plaster, wall, [-half, -FOOTING, d], [w, 0, 0], [0, high + FOOTING, 0]);
  mesh.quad(MATERIAL.plaster, wall, [-half, -FOOTING, 0], [0, 0, d], [0, high + FOOTING, 0]);
  mesh.quad(MATERIAL.plaster, wall, [half, -FOOTING, 0], [0, 0, d], [0, high + FOOTING, 0]);
  mesh.quad(
    MATERIAL.stone,
    [0.34, 0.31, 0.27],
    [-half - 0.06, -FOOTING, -0.07],
    [w + 0.12, 0, 0],
    [0, FOOTING + 0.75, 0],
  );
  mesh.quad(
    MATERIAL.stone,
    [0.34, 0.31, 0.27],
    [-half - 0.07, -FOOTING, -0.06],
    [0, 0, d + 0.1],
    [0, FOOTING + 0.75, 0],
  );
  for (const x of [-half + 0.12, half - 0.22]) {
    mesh.block(MATERIAL.plain, [0.16, 0.14, 0.12], [x, 0, -0.13], [x + 0.1, high, -0.03]);
  }
  const rise = addRoof(mesh, house, high, roof, wall, random() < 0.25 ? TIMBER : null);
  for (let floor = 0; floor < house.floors; floor++) {
    const y = floor * STOREY + 1.2;
    const count = Math.max(2, Math.round(w / 2.5));
    for (let i = 0; i < count; i++) {
      const x = -half + ((i + 0.5) * w) / count;
      if (floor === 0 && i === Math.floor(count / 2)) addDoor(mesh, x, shutter ?? TIMBER);
      else addWindow(mesh, [x, y, 0], [1, 0, 0], [0, 0, -1], 1, shutter);
    }
    const sides = Math.max(1, Math.round(d / 3.4));
    for (let i = 0; i < sides; i++) {
      const z = ((i + 0.5) * d) / sides;
      addWindow(mesh, [-half, y, z], [0, 0, 1], [-1, 0, 0], 0.95, shutter);
      addWindow(mesh, [half, y, z], [0, 0, 1], [1, 0, 0], 0.95, shutter);
    }
    if (floor > 0 && floor < 3 && random() < 0.22) addBalcony(mesh, w, floor * STOREY + 0.15);
  }
  if (house.gable) {
    const near = w > 9 ? [-1.3, 1.3] : [0];
    for (const x of near) addWindow(mesh, [x, high + 0.5, 0], [1, 0, 0], [0, 0, -1], 0.85, null);
  } else if (random() < 0.6) addDormers(mesh, w, d, high, rise, roof, wall);
  const cx = (random() - 0.5) * w * 0.5;
  const cz = house.gable ? d * 0.4 : d * 0.6;
  mesh.block(
    MATERIAL.stone,
    [0.3, 0.2, 0.15],
    [cx, high + rise * 0.3, cz],
    [cx + 0.8, high + rise + 0.9, cz + 0.7],
  );
}

function addRoof(
  mesh: MeshBuilder,
  house: House,
  high: number,
  roof: Colour,
  wall: Colour,
  boards: Colour | null,
) {
  const { width: w, depth: d, gable } = house;
  const half = w / 2;
  const eave = 0.55;
  const span = gable ? half : d / 2;
  const rise = span * (gable ? 1.02 : 0.85);
  const drop = (eave * rise) / span;
  const face = boards ?? wall;
  const skin = boards ? MATERIAL.wood : MATERIAL.plaster;
  const edge: Colour = [roof[0] * 0.35, roof[1] * 0.35, roof[2] * 0.35];
  if (gable) {
    for (const z of [-0.01, d + 0.01])
      mesh.triangle(skin, face, [-half, high, z], [half, high, z], [0, high + rise, z]);
    for (const side of [-1, 1]) {
      const low: Point = [side * (half + eave), high - drop, -eave];
      const slope: Point = [-side * (half + eave), rise + drop, 0];
      mesh.quad(MATERIAL.tiles, roof, [low[0], low[1] + 0.22, low[2]], [0, 0, d + 2 * eave], slope);
      mesh.quad(MATERIAL.plain, edge, low, [0, 0.22, 0], slope);
      mesh.quad(MATERIAL.plain, edge, low, [0, 0, d + 2 * eave], slope);
    }
  } else {
    for (const x of [-half, half]) {
      mesh.triangle(skin, face, [x, high, 0], [x, high, d], [x, high + rise, d / 2]);
    }
    for (const [z, towards] of [
      [-eave, 1],
      [d + eave, -1],
    ] as const) {
      const low: Point = [-half - eave, high - drop, z];
      const slope: Point = [0, rise + drop, towards * (d / 2 + eave)];
      mesh.quad(MATERIAL.tiles, roof, [low[0], low[1] + 0.22, z], [w + 2 * eave, 0, 0], slope);
      mesh.quad(MATERIAL.plain, edge, low, [w + 2 * eave, 0, 0], [0, 0.22, 0]);
      mesh.quad(MATERIAL.plain, edge, low, [0, 0.22, 0], slope);
      mesh.quad(MATERIAL.plain, edge, low, [w + 2 * eave, 0, 0], slope);
    }
  }
  return rise;
}

/** A window in a wall: stone surround, two panes of glass with bars, a sill, shutters if any. */
export function addWindow(
  mesh: MeshBuilder,
  foot: Point,
  right: Point,
  out: Point,
  size: number,
  shutter: Colour | null,
): void {
  const w = 0.95 * size;
  const h = 1.45 * size;
  const at = (along: number, up: number, off: number): Point => [
    foot[0] + right[0] * along + out[0] * off,
    foot[1] + up,
    foot[2] + right[2] * along + out[2] * off,
  ];
  const across = (length: number): Point => [right[0] * length, 0, right[2] * length];
  mesh.quad(MATERIAL.plain, FRAME, at(-w / 2 - 0.14, -0.12, 0.04), across(w + 0.28), [0, h + 0.26, 0]);
  for (const side of [-w / 2 + 0.04, 0.035]) {
    for (const low of [0.03, h * 0.5 + 0.03]) {
      mesh.quad(MATERIAL.glass, GLASS, at(side, low, 0.05), across(w / 2 - 0.075), [0, h / 2 - 0.06, 0]);
    }
  }
  mesh.quad(MATERIAL.stone, [0.5, 0.46, 0.4], at(-w / 2 - 0.2, -0.14, 0.2), across(w + 0.4), [
    -out[0] * 0.2,
    0,
    -out[2] * 0.2,
  ]);
  if (!shutter) return;
  for (const side of [-w / 2 - 0.62, w / 2 + 0.12]) {
    mesh.quad(MATERIAL.wood, shutter, at(side, -0.05, 0.09), across(0.5), [0, h + 0.1, 0]);
  }
}

function addDoor(mesh: MeshBuilder, x: number, colour: Colour): void {
  mesh.quad(MATERIAL.stone, [0.45, 0.4, 0.34], [x - 0.85, 0, -0.04], [1.7, 0, 0], [0, 2.6, 0]);
  mesh.quad(MATERIAL.wood, colour, [x - 0.6, 0, -0.06], [1.2, 0, 0], [0, 2.3, 0]);
}

function addBalcony(mesh: MeshBuilder, w: number, y: number): void {
  const half = w / 2 - 0.6;
  mesh.block(MATERIAL.wood, TIMBER, [-half, y - 0.15, -1.1], [half, y, 0]);
  mesh.block(MATERIAL.wood, TIMBER, [-half, y + 0.95, -1.12], [half, y + 1.03, -1.04]);
  for (let x = -half; x < half; x += 0.28) {
    mesh.quad(MATERIAL.wood, TIMBER, [x, y, -1.08], [0.12, 0, 0], [0, 0.95, 0]);
  }
  for (let x = -half + 0.4; x < half; x += 1.3) {
    mesh.quad(MATERIAL.leaf, [0.4, 0.05, 0.06], [x, y + 0.85, -1.16], [0.7, 0, 0], [0, 0.4, 0]);
  }
}

function addDormers(
  mesh: MeshBuilder,
  w: number,
  d: number,
  high: number,
  rise: number,
  roof: Colour,
  wall: Colour,
) {
  const count = Math.max(1, Math.round(w / 4.5));
  const y = high + rise * 0.22;
  const z = (d / 2) * 0.2;
  for (let i = 0; i < count; i++) {
    const x = -w / 2 + ((i + 0.5) * w) / count;
    mesh.quad(MATERIAL.plaster, wall, [x - 0.75, y, z], [1.5, 0, 0], [0, 1.5, 0]);
    for (const side of [-0.75, 0.75]) {
      mesh.quad(MATERIAL.plaster, wall, [x + side, y, z], [0, 0, 2.4], [0, 1.5, 0]);
      mesh.quad(MATERIAL.tiles, roof, [x + side * 1.3, y + 1.4, z - 0.2], [0, 0, 3], [-side * 1.3, 0.75, 0]);
    }
    mesh.triangle(MATERIAL.plaster, wall, [x - 0.75, y + 1.5, z], [x + 0.75, y + 1.5, z], [x, y + 2.1, z]);
    addWindow(mesh, [x, y + 0.2, z], [1, 0, 0], [0, 0, -1], 0.75, null);
  }
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)]!;
}
