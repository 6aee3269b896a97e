import { type Colour, MATERIAL, type MeshBuilder } from './mesh.ts';
import type { Random } from './random.ts';

const COATS: readonly Colour[] = [
  [0.45, 0.05, 0.04],
  [0.04, 0.07, 0.2],
  [0.6, 0.57, 0.5],
  [0.05, 0.05, 0.05],
  [0.5, 0.35, 0.1],
  [0.1, 0.2, 0.1],
];

/** Someone out for a walk, seen from far enough to be a coat, a head and two legs. */
export function addPerson(mesh: MeshBuilder, x: number, y: number, z: number, random: Random): void {
  mesh.moveTo(x, y, z, random() * Math.PI);
  const tall = 1.55 + 0.3 * random();
  const coat = COATS[Math.floor(random() * COATS.length)]!;
  const hip = tall * 0.5;
  for (const side of [-0.1, 0.1]) {
    mesh.stem(
      MATERIAL.plain,
      [0.05, 0.055, 0.08],
      [side + (random() - 0.5) * 0.3, 0, 0],
      [side, hip, 0],
      0.07,
      0.1,
      4,
    );
    mesh.stem(
      MATERIAL.plain,
      coat,
      [side * 2.4, tall * 0.8, 0],
      [side * 2.7, hip * 0.95, 0.08],
      0.06,
      0.045,
      4,
    );
  }
  mesh.stem(MATERIAL.plain, coat, [0, hip * 0.9, 0], [0, tall * 0.84, 0], 0.19, 0.17, 6);
  mesh.stem(MATERIAL.plain, [0.42, 0.26, 0.19], [0, tall * 0.85, 0], [0, tall, 0], 0.1, 0.09, 6);
}
