import { addWindow } from './houses.ts';
import { type Colour, MATERIAL, type MeshBuilder, type Point } from './mesh.ts';

const WHITE: Colour = [0.74, 0.71, 0.64];
const SLATE: Colour = [0.12, 0.13, 0.14];
const COPPER: Colour = [0.16, 0.3, 0.25];
const STONE: Colour = [0.33, 0.29, 0.24];
const DARK: Colour = [0.03, 0.03, 0.03];
const GOLD: Colour = [0.7, 0.45, 0.1];

/** A village church: a nave with tall windows, a tower with a clock, a pointed spire. */
export function addChurch(mesh: MeshBuilder, x: number, y: number, z: number, turn: number): void {
  mesh.moveTo(x, y, z, turn);
  const wall = 10;
  mesh.block(MATERIAL.plaster, WHITE, [3, -6, -2], [23, wall, 9]);
  for (const [edge, towards] of [
    [-2.6, 1],
    [9.6, -1],
  ] as const) {
    mesh.quad(
      MATERIAL.tiles,
      [0.28, 0.11, 0.065],
      [2.6, wall - 0.4, edge],
      [21, 0, 0],
      [0, 7.6, towards * 6.1],
    );
  }
  for (const end of [3, 23])
    mesh.triangle(MATERIAL.plaster, WHITE, [end, wall, -2], [end, wall, 9], [end, wall + 6.8, 3.5]);
  for (let i = 0; i < 5; i++) {
    mesh.quad(MATERIAL.stone, [0.5, 0.46, 0.38], [5 + i * 3.8, 3, -2.03], [1.7, 0, 0], [0, 5.4, 0]);
    mesh.quad(MATERIAL.glass, DARK, [5.25 + i * 3.8, 3.25, -2.06], [1.2, 0, 0], [0, 4.9, 0]);
  }
  const tower = 25;
  mesh.block(MATERIAL.plaster, WHITE, [-3.2, -6, 0], [3.2, tower, 6.4]);
  for (const corner of [-3.25, 2.65])
    mesh.block(MATERIAL.stone, STONE, [corner, -6, -0.06], [corner + 0.6, tower, 0.5]);
  for (const level of [8.5, 17.2, tower - 0.3]) {
    mesh.block(MATERIAL.stone, STONE, [-3.45, level, -0.25], [3.45, level + 0.4, 6.65]);
  }
  for (const side of [-1.2, 1.2]) {
    addWindow(mesh, [side, 21, 0], [1, 0, 0], [0, 0, -1], 1.5, null);
    addWindow(mesh, [-3.2, 21, 3.2 + side], [0, 0, 1], [-1, 0, 0], 1.5, null);
  }
  addClock(mesh, [0, 19.2, -0.1], [1, 0, 0]);
  addClock(mesh, [-3.3, 19.2, 3.2], [0, 0, 1]);
  addSpire(mesh, [0, tower + 0.1, 3.2], 3.7, 19);
}

function addClock(mesh: MeshBuilder, centre: Point, right: Point): void {
  const r = 1.25;
  const off = right[0] === 1 ? ([0, 0, -0.05] as const) : ([-0.05, 0, 0] as const);
  mesh.add(
    2,
    MATERIAL.plain,
    GOLD,
    [centre[0] - r * right[0], centre[1] - r, centre[2] - r * right[2]],
    [2 * r * right[0], 0, 2 * r * right[2]],
    [0, 2 * r, 0],
  );
  const s = r * 0.86;
  mesh.add(
    2,
    MATERIAL.plain,
    [0.85, 0.83, 0.78],
    [centre[0] - s * right[0] + off[0], centre[1] - s, centre[2] - s * right[2] + off[2]],
    [2 * s * right[0], 0, 2 * s * right[2]],
    [0, 2 * s, 0],
  );
  mesh.quad(
    MATERIAL.plain,
    DARK,
    [centre[0] + 2 * off[0] - 0.06 * right[0], centre[1], centre[2] + 2 * off[2] - 0.06 * right[2]],
    [0.12 * right[0], 0, 0.12 * right[2]],
    [0, 0.9, 0],
  );
  mesh.quad(
    MATERIAL.plain,
    DARK,
    [centre[0] + 2 * off[0], centre[1] - 0.06, centre[2] + 2 * off[2]],
    [0.7 * right[0], 0.25, 0.7 * right[2]],
    [0, 0.12, 0],
  );
}

/** An eight-sided spire over a square tower, broad at the eaves and slender above, with a gilt ball and cross. */
function addSpire(mesh: MeshBuilder, foot: Point, half: number, height: number): void {
  const rings: readonly [up: number, radius: number][] = [
    [0, half * 1.12],
    [2.2, half * 0.72],
    [height, 0.08],
  ];
  for (let ring = 0; ring + 1 < rings.length; ring++) {
    const [y0, r0] = rings[ring]!;
    const [y1, r1] = rings[ring + 1]!;
    const colour = ring === 0 ? SLATE : COPPER;
    mesh.stem(
      MATERIAL.tiles,
      colour,
      [foot[0], foot[1] + y0, foot[2]],
      [foot[0], foot[1] + y1, foot[2]],
      r0,
      r1,
      8,
    );
  }
  const top = foot[1] + height;
  mesh.stem(
    MATERIAL.plain,
    GOLD,
    [foot[0], top - 0.2, foot[2]],
    [foot[0], top + 2.1, foot[2]],
    0.09,
    0.06,
    4,
  );
  mesh.quad(MATERIAL.plain, GOLD, [foot[0] - 0.5, top + 1.25, foot[2]], [1, 0, 0], [0, 0.14, 0]);
}

/** A quay of dressed stone along a line of points at the water, with a coping and steps of bollards. */
export function addQuay(
  mesh: MeshBuilder,
  line: readonly (readonly [x: number, z: number])[],
  top: number,
): void {
  mesh.moveTo(0, 0, 0, 0);
  for (let i = 0; i + 1 < line.length; i++) {
    const [x0, z0] = line[i]!;
    const [x1, z1] = line[i + 1]!;
    const along: Point = [x1 - x0, 0, z1 - z0];
    mesh.quad(MATERIAL.stone, STONE, [x0, -4, z0], along, [0, top + 4, 0]);
    mesh.quad(MATERIAL.stone, [0.4, 0.37, 0.32], [x0, top, z0 - 0.25], along, [0, 0.28, 0]);
    mesh.quad(MATERIAL.stone, [0.42, 0.39, 0.33], [x0, top + 0.28, z0 - 0.25], along, [0, 0, 0.7]);
    mesh.quad(MATERIAL.stone, [0.3, 0.28, 0.25], [x0, top + 0.02, z0], along, [0, 0, 9]);
    const posts = Math.max(1, Math.round(Math.hypot(along[0], along[2]) / 2.2));
    for (let k = 0; k < posts; k++) {
      const px = x0 + (along[0] * k) / posts;
      const pz = z0 + (along[2] * k) / posts;
      mesh.block(MATERIAL.plain, DARK, [px, top, pz], [px + 0.09, top + 1.05, pz + 0.09]);
    }
    mesh.quad(MATERIAL.plain, DARK, [x0, top + 1, z0], along, [0, 0.07, 0]);
    mesh.quad(MATERIAL.plain, DARK, [x0, top + 0.62, z0], along, [0, 0.05, 0]);
  }
}

/** A landing stage of planks on posts between two points. */
export function addJetty(mesh: MeshBuilder, from: Point, to: Point, width: number): void {
  const length = Math.hypot(to[0] - from[0], to[2] - from[2]);
  mesh.moveTo(from[0], 0, from[2], Math.atan2(to[0] - from[0], to[2] - from[2]));
  const y = from[1];
  for (let z = 0; z < length; z += 0.22) {
    const grey = 0.2 + 0.06 * Math.sin(z * 91.7) + 0.03 * Math.sin(z * 37.1);
    const jut = 0.06 * Math.sin(z * 53.3);
    mesh.block(
      MATERIAL.wood,
      [grey * 1.05, grey * 0.92, grey * 0.76],
      [-width / 2 + jut, y - 0.06, z],
      [width / 2 + jut, y + 0.012 * Math.sin(z * 17), z + 0.19],
    );
  }
  for (const side of [-width / 2 + 0.15, width / 2 - 0.15]) {
    mesh.block(
      MATERIAL.wood,
      [0.13, 0.11, 0.09],
      [side - 0.08, y - 0.25, 0],
      [side + 0.08, y - 0.06, length],
    );
    for (let z = 0.6; z < length; z += 3.1) {
      const high = y + (Math.sin(z * 7.3) > 0.2 ? 0.85 : 0.1);
      mesh.stem(
        MATERIAL.bark,
        [0.12, 0.1, 0.08],
        [side * 1.12, -3, z],
        [side * 1.12, high, z],
        0.14,
        0.12,
        7,
      );
      mesh.add(
        2,
        MATERIAL.wood,
        [0.25, 0.22, 0.18],
        [side * 1.12 - 0.13, high, z - 0.13],
        [0.26, 0, 0],
        [0, 0, 0.26],
      );
    }
  }
}
