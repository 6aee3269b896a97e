import { type Random, random } from '../../src/data/random.ts';
import type { Picture } from '../../src/picture.ts';
import type { Colour } from './canvas.ts';
import { fractal2, noise2, smoothstep } from './noise.ts';
import {
  type Brush,
  cover,
  follow,
  type Layer,
  loadFrom,
  OilCanvas,
  type Passage,
  type Point,
} from './oil.ts';

const GROUND: Colour = [70, 84, 120];
const DEEP: readonly Colour[] = [
  [34, 32, 84],
  [22, 52, 96],
  [22, 78, 92],
  [36, 96, 78],
  [84, 80, 140],
  [104, 138, 96],
];
const SKY: readonly Colour[] = [
  [62, 92, 178],
  [112, 146, 214],
  [176, 180, 222],
  [232, 178, 204],
  [250, 206, 184],
  [253, 236, 196],
];
const WILLOW: readonly Colour[] = [
  [20, 52, 50],
  [44, 92, 60],
  [104, 132, 58],
  [168, 178, 84],
  [206, 206, 128],
];
const PADS: readonly Colour[] = [
  [30, 78, 78],
  [52, 124, 96],
  [106, 164, 104],
  [164, 200, 130],
  [206, 216, 176],
];
const SHADE: readonly Colour[] = [
  [26, 30, 76],
  [62, 44, 104],
];
const PETALS: readonly Colour[] = [
  [176, 40, 88],
  [226, 92, 132],
  [244, 160, 178],
  [255, 226, 224],
  [255, 250, 238],
];
const HEARTS: readonly Colour[] = [
  [236, 160, 40],
  [252, 222, 96],
];

/** Beds of lilies from far to near: middle, half width, how many pads. */
const BEDS = [
  [0.5, 0.06, 0.22, 22],
  [0.86, 0.14, 0.2, 20],
  [0.3, 0.2, 0.26, 22],
  [0.62, 0.31, 0.26, 22],
  [0.1, 0.42, 0.24, 18],
  [0.9, 0.47, 0.22, 18],
  [0.46, 0.55, 0.3, 24],
  [0.12, 0.68, 0.22, 14],
  [0.8, 0.73, 0.28, 20],
  [0.36, 0.84, 0.3, 20],
  [0.9, 0.95, 0.26, 14],
  [0.1, 0.99, 0.2, 10],
] as const;

/** Water lilies in soft dabs: the sky and willows upside down in the water, beds of pads with flowers, hanging twigs. */
export function lilies(side: number): Picture {
  const next = random(17);
  const canvas = new OilCanvas(side, GROUND);
  const lay = (passage: Passage, layers: readonly Layer[]) => {
    for (const layer of layers) cover(canvas, passage, layer, next);
  };
  lay(water(next), [
    soft({ spacing: 0.024, length: 0.1, width: 0.04 }),
    soft({ spacing: 0.018, length: 0.06, width: 0.02 }),
  ]);
  lay(reflections(next), [
    soft({ spacing: 0.017, length: 0.12, width: 0.016 }),
    soft({ spacing: 0.018, length: 0.07, width: 0.01 }),
  ]);
  lay(water(next), [
    soft({ spacing: 0.017, length: 0.05, width: 0.0135, share: 0.42, relief: 0.8 }),
    soft({ spacing: 0.02, length: 0.035, width: 0.008, share: 0.5, relief: 0.9 }),
  ]);
  for (const bed of BEDS) plant(canvas, bed, next);
  twigs(canvas, next);
  return canvas.picture();
}

function soft(layer: Pick<Layer, 'spacing' | 'length' | 'width'> & Partial<Layer>): Layer {
  return { relief: 0.5, dryness: 0.6, cover: 0.85, ...layer };
}

/** 1 where the water shows the bright sky, 0 where trees darken it: columns, as reflections are. */
function brightness(x: number, y: number): number {
  const columns = fractal2(3.1 * x + 0.7, 0.9 * y, 3) + 0.35 * Math.sin(6.5 * x - 1.2);
  return smoothstep(-0.3, 0.4, columns + 0.35 * (y - 0.5));
}

function water(next: Random): Passage {
  return {
    holds: () => true,
    direction: (x, y) => 0.22 * noise2(5 * x, 12 * y) + 0.1 * Math.sin(40 * y),
    load: (x, y) => {
      const bright = brightness(x, y) + 0.5 * (next() - 0.5);
      if (bright < 0.5) return loadFrom(DEEP, 0.4 + 0.9 * fractal2(5 * x, 4 * y, 2), next, 0.25);
      if (next() < 0.1) return loadFrom(PADS, 0.6 + 0.4 * next(), next);
      return loadFrom(SKY, 0.42 + 1.15 * fractal2(2.6 * x + 4, 3.4 * y, 3), next, 0.26);
    },
  };
}

function reflections(next: Random): Passage {
  return {
    holds: (x, y) => brightness(x, y) < 0.45,
    direction: (x, y) => Math.PI / 2 + 0.35 * Math.sin(55 * y + 9 * noise2(6 * x, 2 * y)),
    load: (x, y) => loadFrom(WILLOW, 0.3 + 0.7 * fractal2(7 * x, 3 * y, 2) + 0.15 * next(), next, 0.22),
  };
}

/** A bed: pads side by side in order of depth, the nearer the larger and the rounder, some with a flower. */
function plant(canvas: OilCanvas, [u, v, half, count]: (typeof BEDS)[number], next: Random): void {
  const pads = Array.from({ length: count }, (): Point => {
    const across = 2 * next() - 1;
    return [u + half * across, v + 0.22 * half * (next() + next() - 1) * (1.3 - across * across)];
  });
  pads.sort(([, a], [, b]) => a - b);
  for (const [x, y] of pads) {
    const size = (0.02 + 0.026 * y) * (0.6 + 0.8 * next());
    pad(canvas, [x, y], size, next);
    if (next() < 0.22) flower(canvas, [x + size * (next() - 0.5), y - 0.15 * size], 0.5 * size + 0.006, next);
  }
}

/** A leaf on the water: its shade, then a few loose dabs that bend with its outline, the light on the far ones. */
function pad(canvas: OilCanvas, [x, y]: Point, size: number, next: Random): void {
  const flat = 0.24 + 0.14 * y;
  const brush: Brush = { width: 0.34 * size + 0.003, relief: 0.9, dryness: 0.55, cover: 0.92 };
  const dab = (at: number, half: number): Point[] => {
    const [from, to, tilt] = [-1 + 0.8 * next(), 1 - 0.8 * next(), 0.5 * (next() - 0.5)];
    return Array.from({ length: 7 }, (_, i): Point => {
      const t = from + ((to - from) * i) / 6;
      return [x + half * t, y + flat * size * (at * (1.25 - 0.3 * t * t) + tilt * t)];
    });
  };
  for (let n = 0; n < 2; n++)
    canvas.stroke(
      dab(0.9, 1.2 * size),
      { ...brush, relief: 0.4, dryness: 0.8 },
      loadFrom(SHADE, next(), next),
      next,
    );
  const tone = 0.8 * next();
  for (let n = 0; n < 6; n++) {
    const at = 0.75 - 0.3 * n + 0.2 * (next() - 0.5);
    const palette = next() < 0.25 ? SKY : PADS;
    const half = 1.15 * size * Math.sqrt(Math.max(0.2, 1 - 0.7 * at * at));
    canvas.stroke(dab(at, half), brush, loadFrom(palette, tone + 0.06 * n, next, 0.3), next);
  }
}

/** A cup of a few thick dabs, the dark ones outside and behind, and a touch of yellow. */
function flower(canvas: OilCanvas, [x, y]: Point, size: number, next: Random): void {
  const tone = 0.6 * next();
  for (let n = 0; n < 9; n++) {
    const lean = 1.2 * (next() + next() - 1);
    const long = size * (0.7 + 0.6 * next());
    const foot: Point = [x + 0.35 * size * Math.sin(lean), y + 0.2 * size * next()];
    const path = [0, 0.5, 1].map(
      (t): Point => [
        foot[0] + long * t * Math.sin(lean * (0.7 + 0.3 * t)),
        foot[1] - 0.75 * long * t * Math.cos(lean),
      ],
    );
    const brush: Brush = { width: 0.48 * size, relief: 1.4, dryness: 0.2, cover: 1 };
    canvas.stroke(path, brush, loadFrom(PETALS, tone + 0.045 * n, next, 0.2), next);
  }
  const heart: Brush = { width: 0.3 * size, relief: 1.4, dryness: 0, cover: 1 };
  const dot: Point[] = [
    [x - 0.12 * size, y - 0.1 * size],
    [x + 0.12 * size, y - 0.14 * size],
  ];
  if (next() < 0.6) canvas.stroke(dot, heart, loadFrom(HEARTS, next(), next), next);
}

/** Twigs of a willow that hang in from above: long leaves, nearly along the twig, from dark to light. */
function twigs(canvas: OilCanvas, next: Random): void {
  for (let n = 0; n < 60; n++) {
    const x = next() < 0.6 ? 0.36 * next() ** 1.4 : 1 - 0.24 * next() ** 1.4;
    const phase = 6 * next();
    const way = {
      holds: () => true,
      direction: (_: number, y: number) => Math.PI / 2 + 0.2 * Math.sin(11 * y + phase),
    };
    const length = (0.2 + 0.55 * next()) * (1 - 1.6 * Math.min(x, 1 - x));
    const twig = follow([x, -0.02], 2 * length, way).filter(([, y]) => y > -0.03);
    const light = (n / 60) * 0.6;
    for (let i = 0; i < twig.length; i += 3) {
      const [u, v] = twig[i]!;
      const lean = 0.45 * (next() + next() - 1);
      const leaf = 0.03 + 0.035 * next();
      const aside = 0.014 * (next() - 0.5);
      const path = [0, 0.25, 0.5, 0.75, 1].map(
        (t): Point => [
          u + aside + leaf * t * Math.sin(lean * (1.5 - 0.9 * t)),
          v + leaf * t * Math.cos(lean),
        ],
      );
      const brush: Brush = { width: 0.0085, relief: 1, dryness: 0.4, cover: 0.92 };
      canvas.stroke(path, brush, loadFrom(WILLOW, light + 0.4 * next(), next, 0.25), next);
    }
  }
}
