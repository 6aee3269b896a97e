import { type Colour, MATERIAL, type MeshBuilder, type Point } from './mesh.ts';

const STONE: Colour = [0.27, 0.235, 0.19];
const PALE: Colour = [0.33, 0.295, 0.24];

/** An old bridge of round arches between banks, its road rising to the middle; it runs along its own x. */
export function addBridge(
  mesh: MeshBuilder,
  x: number,
  z: number,
  turn: number,
  span: number,
  crown: number,
): void {
  mesh.moveTo(x, 0, z, turn);
  const half = span / 2;
  const wide = 4.6;
  const steps = 132;
  const road = (at: number): number => crown * (1 - 0.42 * (at / half) ** 2);
  for (let i = 0; i < steps; i++) {
    const a = -half + (span * i) / steps;
    const b = -half + (span * (i + 1)) / steps;
    for (const side of [0, wide]) {
      strip(
        mesh,
        STONE,
        [a, archUnder(a, half), side],
        [b, archUnder(b, half), side],
        [a, road(a), side],
        [b, road(b), side],
      );
      const out = side === 0 ? -0.08 : wide + 0.08;
      // The ring of dressed stones around each opening, and the parapet with its coping.
      strip(
        mesh,
        PALE,
        [a, archUnder(a, half), out],
        [b, archUnder(b, half), out],
        [a, archUnder(a, half) + 0.5, out],
        [b, archUnder(b, half) + 0.5, out],
      );
      const inner = side === 0 ? 0.4 : wide - 0.4;
      for (const face of [side, inner]) {
        strip(
          mesh,
          STONE,
          [a, road(a) - 0.1, face],
          [b, road(b) - 0.1, face],
          [a, road(a) + 0.95, face],
          [b, road(b) + 0.95, face],
        );
      }
      strip(
        mesh,
        PALE,
        [a, road(a) + 0.95, out],
        [b, road(b) + 0.95, out],
        [a, road(a) + 1.12, out],
        [b, road(b) + 1.12, out],
      );
      strip(
        mesh,
        PALE,
        [a, road(a) + 1.12, out],
        [b, road(b) + 1.12, out],
        [a, road(a) + 1.12, inner],
        [b, road(b) + 1.12, inner],
      );
    }
    strip(
      mesh,
      STONE,
      [a, archUnder(a, half), 0],
      [b, archUnder(b, half), 0],
      [a, archUnder(a, half), wide],
      [b, archUnder(b, half), wide],
    );
    strip(mesh, PALE, [a, road(a), 0], [b, road(b), 0], [a, road(a), wide], [b, road(b), wide]);
  }
  for (const pier of [-half / 3, half / 3]) {
    mesh.triangle(MATERIAL.stone, STONE, [pier - 1, -3, -0.1], [pier, -3, -1.5], [pier - 1, 2.2, -0.1]);
    mesh.triangle(MATERIAL.stone, STONE, [pier, -3, -1.5], [pier, 2.2, -1.1], [pier - 1, 2.2, -0.1]);
    mesh.triangle(MATERIAL.stone, STONE, [pier + 1, -3, -0.1], [pier, -3, -1.5], [pier + 1, 2.2, -0.1]);
    mesh.triangle(MATERIAL.stone, STONE, [pier, -3, -1.5], [pier, 2.2, -1.1], [pier + 1, 2.2, -0.1]);
    mesh.triangle(MATERIAL.stone, PALE, [pier - 1, 2.2, -0.1], [pier + 1, 2.2, -0.1], [pier, 3.1, -0.1]);
    mesh.triangle(MATERIAL.stone, PALE, [pier - 1, 2.2, -0.1], [pier, 2.2, -1.1], [pier, 3.1, -0.1]);
    mesh.triangle(MATERIAL.stone, PALE, [pier + 1, 2.2, -0.1], [pier, 2.2, -1.1], [pier, 3.1, -0.1]);
  }
}

/** The height of the vault over the water: three openings with a pier of two metres between them. */
function archUnder(at: number, half: number): number {
  const bay = (2 * half) / 3;
  const middle = Math.round(at / bay) * bay;
  const reach = bay / 2 - 1;
  const off = Math.abs(at - middle) / reach;
  const rise = middle === 0 ? 3.6 : 2.9;
  return off >= 1 ? -3 : -0.1 + rise * Math.sqrt(1 - off * off);
}

function strip(mesh: MeshBuilder, colour: Colour, a: Point, b: Point, c: Point, d: Point): void {
  mesh.triangle(MATERIAL.stone, colour, a, b, c);
  mesh.triangle(MATERIAL.stone, colour, b, d, c);
}
