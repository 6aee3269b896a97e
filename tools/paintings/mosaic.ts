import { random } from '../../src/data/random.ts';
import type { Picture } from '../../src/picture.ts';
import { Canvas, type Colour } from './canvas.ts';

const PALETTE: readonly Colour[] = [
  [176, 42, 48],
  [20, 70, 130],
  [232, 188, 60],
  [245, 240, 228],
  [30, 110, 90],
  [25, 25, 30],
];

/** Flat stones in dark joints (the cells nearest to points on a shaken grid), their colours in rings. */
export function mosaic(side: number): Picture {
  const next = random(13);
  const canvas = new Canvas(side, [60, 55, 50]);
  const grid = 26;
  const stones = Array.from({ length: grid * grid }, (_, i) => {
    const [x, y] = [
      ((i % grid) + 0.15 + 0.7 * next()) / grid,
      (Math.floor(i / grid) + 0.15 + 0.7 * next()) / grid,
    ];
    const ring = Math.floor(5 * Math.hypot(x - 0.45, y - 0.4) + 0.8 * next());
    const shade = 0.85 + 0.3 * next();
    const colour = PALETTE[ring % PALETTE.length]!.map((value) => value * shade) as unknown as Colour;
    return { x, y, colour };
  });
  for (let py = 0; py < side; py++) {
    for (let px = 0; px < side; px++) {
      const [x, y] = [px / side, py / side];
      const [column, row] = [Math.floor(x * grid), Math.floor(y * grid)];
      let [first, second] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      let colour: Colour = PALETTE[0]!;
      for (let v = Math.max(0, row - 2); v <= Math.min(grid - 1, row + 2); v++) {
        for (let u = Math.max(0, column - 2); u <= Math.min(grid - 1, column + 2); u++) {
          const stone = stones[v * grid + u]!;
          const distance = Math.hypot(stone.x - x, stone.y - y);
          if (distance < first) [second, first, colour] = [first, distance, stone.colour];
          else if (distance < second) second = distance;
        }
      }
      canvas.lay(px, py, colour, Math.min(1, Math.max(0, (second - first) * grid * 8 - 0.6)));
    }
  }
  return canvas.picture();
}
