import { MATERIAL, type Mesh, MeshBuilder, type Point } from './mesh.ts';
import { noise3 } from './noise.ts';

/** A boulder about a metre across, sunk a little into what it lies on. */
export function growRock(seed: number): Mesh {
  const mesh = new MeshBuilder();
  const around = 44;
  const up = 22;
  const at = (i: number, j: number): Point => {
    const turn = (2 * Math.PI * (i % around)) / around;
    const tilt = Math.PI * (j / up - 0.5);
    const x = Math.cos(turn) * Math.cos(tilt);
    const y = Math.sin(tilt);
    const z = Math.sin(turn) * Math.cos(tilt);
    const lump = noise3(x * 0.9 + seed * 5, y * 0.9, z * 0.9);
    const edge = Math.abs(noise3(x * 1.9 + seed, y * 1.9 + 7, z * 1.9));
    const fine = noise3(x * 6 + seed, y * 6, z * 6) + 0.5 * noise3(x * 13 + seed, y * 13, z * 13);
    const r = 0.5 * (1 + 0.45 * lump - 0.35 * edge + 0.035 * fine);
    return [x * r * 1.25, y * r * 0.75, z * r];
  };
  for (let j = 0; j < up; j++) {
    for (let i = 0; i < around; i++) {
      mesh.triangle(MATERIAL.rock, [0.3, 0.28, 0.25], at(i, j), at(i + 1, j), at(i, j + 1));
      mesh.triangle(MATERIAL.rock, [0.3, 0.28, 0.25], at(i + 1, j), at(i + 1, j + 1), at(i, j + 1));
    }
  }
  return mesh.build();
}
