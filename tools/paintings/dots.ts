import type { Picture } from '../../src/data/image-file.ts';
import { random } from '../../src/data/random.ts';
import { Canvas, type Colour } from './canvas.ts';

/** Sky, hills and a field in dots of pure colour beside their complements, as the pointillists laid them. */
export function dots(side: number): Picture {
  const next = random(11);
  const canvas = new Canvas(side, [238, 228, 205]);
  const radius = side / 150;
  for (let n = 0; n < 60_000; n++) {
    const [x, y] = [next(), next()];
    const hill = 0.45 + 0.12 * Math.sin(5 * x + 1) + 0.05 * Math.sin(13 * x);
    const palette: readonly Colour[] =
      y < hill - 0.12
        ? [
            [70, 130, 210],
            [150, 190, 240],
            [250, 170, 90],
          ]
        : y < hill + 0.15
          ? [
              [30, 100, 80],
              [50, 70, 150],
              [200, 90, 60],
            ]
          : [
              [230, 190, 50],
              [120, 170, 60],
              [170, 80, 160],
            ];
    const colour = palette[Math.floor(next() ** 1.6 * palette.length)]!;
    canvas.disc(x * side, y * side, radius * (0.6 + 0.6 * next()), colour, 0.9);
  }
  return canvas.picture();
}
