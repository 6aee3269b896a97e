import { type Colour, MATERIAL, type MeshBuilder, type Point } from './mesh.ts';

const SAIL: Colour = [0.82, 0.79, 0.72];
const SPAR: Colour = [0.45, 0.3, 0.14];

/** A hull drawn through stations from bow (+x) to stern, with a deck or open with thwarts. */
export function addHull(
  mesh: MeshBuilder,
  length: number,
  beam: number,
  freeboard: number,
  side: Colour,
  inside: Colour,
  open: boolean,
): void {
  const stations = 14;
  const rail = (s: number): { x: number; half: number; top: number } => {
    const t = s / stations;
    const fullness = Math.sin(Math.PI * Math.min(1, 0.2 + 0.8 * (1 - t) ** 0.75) ** 0.9) ** 0.7;
    return {
      x: length * (0.5 - (1 - t)),
      half: t >= 1 ? 0.01 : (beam / 2) * Math.max(0.03, fullness),
      top: freeboard * (1 + 0.45 * (2 * t - 1) ** 2 * (t > 0.5 ? 1.3 : 0.4)),
    };
  };
  for (let s = 0; s < stations; s++) {
    const a = rail(s);
    const b = rail(s + 1);
    for (const z of [-1, 1]) {
      const keelA: Point = [a.x * 0.9, -0.3, z * a.half * 0.55];
      const keelB: Point = [b.x * 0.9, -0.3, z * b.half * 0.55];
      const topA: Point = [a.x, a.top, z * a.half];
      const topB: Point = [b.x, b.top, z * b.half];
      mesh.triangle(MATERIAL.plain, side, keelA, keelB, topA);
      mesh.triangle(MATERIAL.plain, side, keelB, topB, topA);
      const rim = (p: Point, k: number): Point => [p[0], p[1] + 0.02, p[2] * k];
      mesh.triangle(MATERIAL.wood, SPAR, rim(topA, 1.03), rim(topB, 1.03), rim(topA, 0.9));
      mesh.triangle(MATERIAL.wood, SPAR, rim(topB, 1.03), rim(topB, 0.9), rim(topA, 0.9));
      const sunk = open ? freeboard * 0.3 : Math.min(a.top, b.top) - 0.06;
      mesh.triangle(MATERIAL.wood, inside, [a.x, sunk, 0], [b.x, sunk, 0], [a.x, sunk, z * a.half * 0.97]);
      mesh.triangle(
        MATERIAL.wood,
        inside,
        [b.x, sunk, 0],
        [b.x, sunk, z * b.half * 0.97],
        [a.x, sunk, z * a.half * 0.97],
      );
    }
  }
  const stern = rail(0);
  mesh.quad(
    MATERIAL.plain,
    side,
    [stern.x, -0.3, -stern.half],
    [0, 0, 2 * stern.half],
    [0, stern.top + 0.3, 0],
  );
  if (!open) return;
  for (const x of [-0.25, 0.12]) {
    mesh.block(
      MATERIAL.wood,
      SPAR,
      [x * length, freeboard * 0.72, -beam * 0.44],
      [x * length + 0.28, freeboard * 0.78, beam * 0.44],
    );
  }
}

/** A small sloop under mainsail and jib, heading along its own +x. */
export function addSloop(mesh: MeshBuilder, x: number, z: number, turn: number): void {
  mesh.moveTo(x, 0, z, turn);
  addHull(mesh, 8.6, 2.5, 0.85, [0.72, 0.7, 0.66], [0.4, 0.25, 0.12], false);
  mesh.block(MATERIAL.plain, [0.7, 0.68, 0.63], [-1.4, 0.8, -0.7], [1.3, 1.3, 0.7]);
  mesh.block(MATERIAL.glass, [0.02, 0.02, 0.025], [-1, 0.95, -0.72], [0.9, 1.15, 0.72]);
  const mast: Point = [0.7, 0.8, 0];
  mesh.stem(MATERIAL.wood, SPAR, mast, [0.5, 12.2, 0], 0.08, 0.05, 5);
  mesh.stem(MATERIAL.wood, SPAR, [0.65, 1.9, 0], [-3.3, 1.75, 0.9], 0.06, 0.05, 5);
  addSail(mesh, [0.6, 2, 0], [-3.25, 1.9, 0.88], [0.5, 12, 0], 0.55);
  addSail(mesh, [4.2, 1.2, 0], [0.9, 1.5, 0.75], [0.55, 10.4, 0.02], 0.4);
  // The crew of two.
  mesh.stem(MATERIAL.plain, [0.5, 0.06, 0.05], [-2.2, 0.9, -0.3], [-2.2, 1.55, -0.35], 0.24, 0.16, 6);
  mesh.stem(MATERIAL.plain, [0.45, 0.28, 0.2], [-2.2, 1.55, -0.35], [-2.2, 1.82, -0.35], 0.11, 0.1, 6);
  mesh.stem(MATERIAL.plain, [0.06, 0.1, 0.25], [-2.9, 0.9, 0.3], [-2.9, 1.55, 0.3], 0.24, 0.16, 6);
  mesh.stem(MATERIAL.plain, [0.45, 0.28, 0.2], [-2.9, 1.55, 0.3], [-2.9, 1.82, 0.3], 0.11, 0.1, 6);
}

/** A sail between tack, clew and head, bellied to leeward. */
function addSail(mesh: MeshBuilder, tack: Point, clew: Point, head: Point, belly: number): void {
  const rows = 10;
  const columns = 5;
  const at = (i: number, j: number): Point => {
    const up = j / rows;
    const back = i / columns;
    const bulge = belly * Math.sin(Math.PI * back) * Math.sin(Math.PI * (0.15 + 0.8 * up)) * 1.2;
    const roach = 0.35 * Math.sin(Math.PI * up) * back;
    const on = (c: 0 | 1 | 2) => (tack[c] * (1 - back) + clew[c] * back) * (1 - up) + head[c] * up;
    return [on(0) - roach, on(1), on(2) + bulge];
  };
  for (let j = 0; j < rows; j++) {
    const tone = j % 3 === 2 ? 0.95 : 1;
    const colour: Colour = [SAIL[0] * tone, SAIL[1] * tone, SAIL[2] * tone];
    for (let i = 0; i < columns; i++) {
      mesh.triangle(MATERIAL.leaf, colour, at(i, j), at(i + 1, j), at(i, j + 1));
      mesh.triangle(MATERIAL.leaf, colour, at(i + 1, j), at(i + 1, j + 1), at(i, j + 1));
    }
  }
}

/** A rowing boat, afloat and empty, with its oars laid in. */
export function addRowingBoat(mesh: MeshBuilder, x: number, z: number, turn: number, side: Colour): void {
  mesh.moveTo(x, 0, z, turn);
  addHull(mesh, 4.4, 1.5, 0.42, side, [0.3, 0.2, 0.11], true);
  for (const z0 of [-0.25, 0.3]) {
    mesh.stem(MATERIAL.wood, [0.5, 0.38, 0.22], [-1.7, 0.4, z0], [1.2, 0.46, z0 * 1.3], 0.035, 0.03, 5);
  }
}
