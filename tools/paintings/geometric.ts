import { random } from '../../src/data/random.ts';
import type { Picture } from '../../src/picture.ts';
import { Canvas, type Colour } from './canvas.ts';

const PALETTE: readonly Colour[] = [
  [200, 40, 36],
  [240, 178, 32],
  [28, 66, 138],
  [24, 24, 28],
  [226, 110, 40],
  [70, 148, 148],
];

/** A half-plane test for a triangle's or a bar's sides: inside where all are positive, px from the nearest side. */
type Shape = (x: number, y: number) => number;

/** Flat discs, rings, wedges and bars over one another on cream, edged in black, as constructivists composed them. */
export function geometric(side: number): Picture {
  const next = random(14);
  const canvas = new Canvas(side, [242, 232, 210]);
  for (let n = 0; n < 130; n++) {
    const size = side * (0.03 + 0.16 * next() ** 2.2);
    const [cx, cy, turn] = [side * next(), side * next(), 2 * Math.PI * next()];
    const colour = PALETTE[Math.floor(next() ** 1.3 * PALETTE.length)]!;
    const kind = next();
    const shape =
      kind < 0.3
        ? disc(cx, cy, size)
        : kind < 0.45
          ? ring(cx, cy, size, 0.25 * size)
          : kind < 0.75
            ? wedge(cx, cy, 1.3 * size, turn)
            : bar(cx, cy, 2.2 * size, side * (0.006 + 0.014 * next()), turn);
    fill(canvas, shape, colour, [cx, cy], 2.4 * size, next() < 0.4 ? 0.75 : 1);
  }
  return canvas.picture();
}

const disc = (cx: number, cy: number, radius: number): Shape => {
  return (x, y) => radius - Math.hypot(x - cx, y - cy);
};

const ring = (cx: number, cy: number, radius: number, width: number): Shape => {
  return (x, y) => width / 2 - Math.abs(Math.hypot(x - cx, y - cy) - radius + width / 2);
};

const bar = (cx: number, cy: number, length: number, width: number, turn: number): Shape => {
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  return (x, y) => {
    const [along, across] = [(x - cx) * c + (y - cy) * s, (y - cy) * c - (x - cx) * s];
    return Math.min(length / 2 - Math.abs(along), width / 2 - Math.abs(across));
  };
};

/** An equilateral triangle. */
const wedge = (cx: number, cy: number, radius: number, turn: number): Shape => {
  const normals = [0, 1, 2].map((i) => turn + (2 * Math.PI * i) / 3);
  return (x, y) =>
    Math.min(...normals.map((a) => radius / 2 - (x - cx) * Math.cos(a) - (y - cy) * Math.sin(a)));
};

/** Fills a shape and draws its edge, where it lies within `reach` of its centre. */
function fill(
  canvas: Canvas,
  shape: Shape,
  colour: Colour,
  [cx, cy]: readonly [number, number],
  reach: number,
  cover: number,
): void {
  const edge = canvas.side / 320;
  for (let y = Math.floor(cy - reach); y <= cy + reach; y++) {
    for (let x = Math.floor(cx - reach); x <= cx + reach; x++) {
      const depth = shape(x, y);
      if (depth < -edge) continue;
      canvas.lay(x, y, colour, cover * Math.max(0, Math.min(1, depth + 0.5)));
      canvas.lay(x, y, [24, 24, 28], Math.max(0, Math.min(1, edge / 2 - Math.abs(depth) + 0.5)));
    }
  }
}
