import { random } from '../../src/data/random.ts';
import type { Picture } from '../../src/picture.ts';
import { Canvas, type Colour } from './canvas.ts';

const GROUND: Colour = [24, 26, 58];
/** From the middle of a ring outwards. */
const PALETTE: readonly Colour[] = [
  [250, 240, 214],
  [240, 186, 52],
  [222, 92, 48],
  [150, 44, 86],
  [44, 120, 178],
  [70, 172, 150],
];
/** Middles of the rings and the width of one, in sides of the picture. */
const MIDDLES = [
  [0.3, 0.28],
  [0.78, 0.62],
  [0.18, 0.86],
] as const;
const RING = 0.055;
/** Radii of dots, and the least gap between two, in sides of the picture. */
const [SMALLEST, LARGEST, GAP] = [0.006, 0.0135, 0.0022];
const TRIES = 60_000;

/** Dots next to one another on a dark ground, in rings of colour about three middles, as dot painters lay them. */
export function dots(side: number): Picture {
  const next = random(11);
  const canvas = new Canvas(side, GROUND);
  const cell = 2 * LARGEST + GAP;
  const columns = Math.ceil(1 / cell);
  const laid = new Map<number, { x: number; y: number; radius: number }[]>();
  for (let n = 0; n < TRIES; n++) {
    // Large ones first: the small ones fill what they leave.
    const radius = LARGEST - (LARGEST - SMALLEST) * Math.sqrt(n / TRIES);
    const [x, y, tone, shade] = [next(), next(), next(), next()];
    const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
    const isFree = [-1, 0, 1].every((dy) =>
      [-1, 0, 1].every((dx) =>
        (laid.get((row + dy) * (columns + 2) + column + dx) ?? []).every(
          (dot) => Math.hypot(dot.x - x, dot.y - y) >= dot.radius + radius + GAP,
        ),
      ),
    );
    if (!isFree) continue;
    const key = row * (columns + 2) + column;
    laid.set(key, [...(laid.get(key) ?? []), { x, y, radius }]);
    const distance = Math.min(...MIDDLES.map(([u, v]) => Math.hypot(u - x, v - y)));
    const ring = Math.floor(distance / RING + 0.5 * tone) % PALETTE.length;
    const light = 0.88 + 0.2 * shade;
    const colour = PALETTE[ring]!.map((value) => Math.min(255, value * light)) as unknown as Colour;
    canvas.disc(x * side, y * side, radius * side, colour, 1);
  }
  return canvas.picture();
}
