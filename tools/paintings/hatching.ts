import { random } from '../../src/data/random.ts';
import type { Picture } from '../../src/picture.ts';
import { Canvas, type Colour } from './canvas.ts';

const INK: Colour = [35, 30, 40];

/** Globes and their shadows in ink on paper: the darker, the more layers of lines, each in its own direction. */
export function hatching(side: number): Picture {
  const next = random(12);
  const canvas = new Canvas(side, [240, 234, 220]);
  const globes = Array.from({ length: 7 }, () => [next(), next(), 0.1 + 0.15 * next()] as const);
  const tone = (x: number, y: number) => {
    let darkest = 0.25 + 0.3 * y;
    for (const [cx, cy, radius] of globes) {
      const [dx, dy] = [(x - cx) / radius, (y - cy) / radius];
      const squared = dx * dx + dy * dy;
      if (squared < 1) darkest = 0.95 * (1 - Math.max(0, (Math.sqrt(1 - squared) - dx - dy) / 1.8));
    }
    return darkest;
  };
  const layers = [0.6, -0.7, 0.1, 1.4];
  layers.forEach((angle, layer) => {
    for (let n = 0; n < 9000; n++) {
      const [x, y] = [next(), next()];
      if (tone(x, y) < 0.2 + 0.2 * layer + 0.1 * next()) continue;
      const length = side * (0.02 + 0.03 * next());
      const bend = 0.3 * (next() - 0.5);
      for (let t = 0; t < length; t++) {
        const at = angle + (bend * t) / length;
        canvas.disc(x * side + t * Math.cos(at), y * side + t * Math.sin(at), side / 900, INK, 0.55);
      }
    }
  });
  return canvas.picture();
}
