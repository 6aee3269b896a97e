import { addWindow } from './houses.ts';
import { type Colour, MATERIAL, type MeshBuilder } from './mesh.ts';

const WALL: Colour = [0.5, 0.45, 0.37];
const ROOF: Colour = [0.3, 0.11, 0.06];

/** A small castle: a keep, a hall, round towers with pointed roofs, a curtain wall with battlements. */
export function addCastle(mesh: MeshBuilder, x: number, y: number, z: number, turn: number): void {
  mesh.moveTo(x, y, z, turn);
  mesh.block(MATERIAL.stone, WALL, [-5, -14, -4], [5, 24, 6]);
  addBattlements(mesh, [-5.4, 24, -4.4], [5.4, 6.4]);
  for (const [wx, wy] of [
    [-2.2, 18],
    [2.2, 18],
    [0, 12],
    [-2.2, 6],
  ] as const) {
    addWindow(mesh, [wx, wy, -4], [1, 0, 0], [0, 0, -1], 0.9, null);
  }
  addHall(mesh);
  addTower(mesh, -13, -6, 3.4, 17, 9);
  addTower(mesh, 24, -7, 3.8, 15, 9.5);
  addTower(mesh, 6.5, 7, 2, 29, 8);
  for (const [from, to] of [
    [-13, 5],
    [5, 24],
  ] as const) {
    mesh.block(MATERIAL.stone, WALL, [from, -16, -7.5], [to, 6.5, -6.3]);
    for (let at = from; at < to - 0.8; at += 1.7) {
      mesh.block(MATERIAL.stone, WALL, [at, 6.5, -7.5], [at + 0.95, 7.5, -6.9]);
    }
  }
}

function addHall(mesh: MeshBuilder): void {
  mesh.block(MATERIAL.plaster, [0.68, 0.62, 0.5], [5, -14, -2], [21, 11, 7]);
  for (const [edge, towards] of [
    [-2.6, 1],
    [7.6, -1],
  ] as const) {
    mesh.quad(MATERIAL.tiles, ROOF, [4.6, 10.6, edge], [16.8, 0, 0], [0, 6.6, towards * 5.1]);
  }
  mesh.triangle(MATERIAL.plaster, [0.68, 0.62, 0.5], [21, 11, -2], [21, 11, 7], [21, 16.9, 2.5]);
  for (let i = 0; i < 5; i++) {
    for (const up of [3.4, 7.6]) {
      addWindow(mesh, [6.8 + i * 3.1, up, -2], [1, 0, 0], [0, 0, -1], 1, [0.35, 0.05, 0.04]);
    }
  }
}

function addTower(mesh: MeshBuilder, x: number, z: number, radius: number, high: number, roof: number): void {
  mesh.stem(MATERIAL.stone, WALL, [x, -16, z], [x, high, z], radius * 1.05, radius, 20);
  mesh.stem(MATERIAL.stone, [0.42, 0.37, 0.3], [x, high - 1.2, z], [x, high, z], radius, radius * 1.14, 20);
  mesh.stem(MATERIAL.tiles, ROOF, [x, high, z], [x, high + roof, z], radius * 1.25, 0.05, 20);
  for (const up of [high - 3.6, high - 8]) {
    mesh.quad(
      MATERIAL.plain,
      [0.015, 0.015, 0.018],
      [x - 0.28, up, z - radius - 0.06],
      [0.56, 0, 0],
      [0, 1.3, 0],
    );
  }
}

function addBattlements(
  mesh: MeshBuilder,
  low: readonly [number, number, number],
  high: readonly [number, number],
): void {
  const [x0, y, z0] = low;
  const [x1, z1] = high;
  mesh.block(MATERIAL.stone, WALL, [x0, y - 0.6, z0], [x1, y + 0.2, z1]);
  for (let x = x0; x < x1 - 0.6; x += 1.6) {
    mesh.block(MATERIAL.stone, WALL, [x, y, z0], [x + 0.9, y + 1.3, z0 + 0.5]);
    mesh.block(MATERIAL.stone, WALL, [x, y, z1 - 0.5], [x + 0.9, y + 1.3, z1]);
  }
  for (let z = z0; z < z1 - 0.6; z += 1.6) {
    mesh.block(MATERIAL.stone, WALL, [x0, y, z], [x0 + 0.5, y + 1.3, z + 0.9]);
    mesh.block(MATERIAL.stone, WALL, [x1 - 0.5, y, z], [x1, y + 1.3, z + 0.9]);
  }
}
