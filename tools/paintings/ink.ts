import { random } from '../../src/data/random.ts';
import type { Picture } from '../../src/picture.ts';
import { Canvas, type Colour } from './canvas.ts';

const INK: Colour = [28, 30, 38];
const SEAL: Colour = [176, 44, 36];

/** Mountains one behind another in washes of ink that run out downwards, reeds and birds by a dry brush, a red seal. */
export function ink(side: number): Picture {
  const next = random(15);
  const canvas = new Canvas(side, [236, 228, 208]);
  const grain = paper(side, next);
  for (let layer = 0; layer < 6; layer++) wash(canvas, layer, next, grain);
  for (let n = 0; n < 260; n++) {
    const [x, y] = [side * next(), side * (0.72 + 0.3 * next())];
    brush(
      canvas,
      [x, y],
      -1.57 + 0.7 * (next() - 0.5),
      side * (0.05 + 0.11 * next()),
      side / 260,
      next,
      grain,
    );
  }
  for (let n = 0; n < 46; n++) {
    const [x, y] = [side * next(), side * (0.08 + 0.6 * next())];
    brush(canvas, [x, y], 6.28 * next(), side * (0.03 + 0.09 * next()), side / 75, next, grain);
  }
  const from = Math.round(0.86 * side);
  for (let y = from; y < from + side / 18; y++)
    for (let x = from; x < from + side / 18; x++)
      if ((grain[y * side + x] ?? 1) > 0.25) canvas.lay(x, y, SEAL, 0.9);
  return canvas.picture();
}

/** Fibres of the paper, 0 to 1: noise smoothed along a few pixels. */
function paper(side: number, next: () => number): Float32Array {
  const noise = Float32Array.from({ length: side * side }, next);
  return noise.map((_, i) => {
    let sum = 0;
    for (let k = -2; k <= 2; k++) sum += noise[(i + k + noise.length) % noise.length]!;
    return Math.max(0, Math.min(1, 0.5 + 1.6 * (sum / 5 - 0.5)));
  });
}

/** One range: dark and torn along its ridge, pale towards its foot. */
function wash(canvas: Canvas, layer: number, next: () => number, grain: Float32Array): void {
  const { side } = canvas;
  const waves = Array.from({ length: 9 }, (_, i) => [
    2 ** (i / 1.6) * 3,
    6.28 * next(),
    0.085 / 1.75 ** (i / 1.3),
  ]);
  const base = 0.2 + 0.12 * layer;
  for (let x = 0; x < side; x++) {
    const ridge = waves.reduce((sum, [f, p, a]) => sum + a! * Math.sin(f! * (x / side) + p!), base);
    const [top, foot] = [Math.round(ridge * side), Math.round((ridge + 0.2) * side)];
    for (let y = Math.max(0, top); y < Math.min(side, foot); y++) {
      const depth = (y - top) / (foot - top);
      const torn = grain[y * side + x]! > 0.42 - 4 * depth ? 1 : 0.25;
      const edge = Math.exp(-18 * depth);
      canvas.lay(x, y, INK, torn * (0.1 + 0.09 * layer) * ((1 - depth) ** 1.5 + 1.2 * edge));
    }
  }
}

/** A stroke that begins full and dry hairs end. */
function brush(
  canvas: Canvas,
  [x, y]: readonly [number, number],
  angle: number,
  length: number,
  width: number,
  next: () => number,
  grain: Float32Array,
): void {
  const bend = 1.4 * (next() - 0.5);
  let [px, py, at] = [x, y, angle];
  for (let t = 0; t < length; t++) {
    const share = t / length;
    at += bend / length;
    px += Math.cos(at);
    py += Math.sin(at);
    const radius = width * (0.25 + Math.sin(Math.PI * Math.min(1, 0.15 + share)) * 0.75);
    const fibre = grain[Math.floor(py) * canvas.side + Math.floor(px)] ?? 0;
    if (fibre > 0.9 * share) canvas.disc(px, py, radius * (1 - 0.7 * share), INK, 0.5 * (1 - 0.5 * share));
  }
}
