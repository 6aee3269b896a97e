import { type Random, random } from '../../src/data/random.ts';
import type { Picture } from '../../src/picture.ts';
import type { Colour } from './canvas.ts';
import { fractal2, noise2, smoothstep } from './noise.ts';
import { cover, type Layer, loadFrom, OilCanvas, type Passage, type Point } from './oil.ts';

const GROUND: Colour = [96, 92, 70];
const SKY: readonly Colour[] = [
  [22, 62, 140],
  [38, 98, 184],
  [74, 146, 206],
  [132, 190, 214],
  [196, 222, 206],
  [240, 240, 214],
];
const SUN: readonly Colour[] = [
  [255, 240, 170],
  [255, 208, 60],
  [242, 164, 34],
  [250, 212, 92],
  [216, 220, 150],
  [150, 200, 200],
];
const HILLS: readonly Colour[] = [
  [40, 52, 112],
  [62, 84, 150],
  [88, 124, 170],
  [116, 160, 160],
  [168, 160, 190],
];
const WHEAT: readonly Colour[] = [
  [128, 78, 26],
  [196, 124, 28],
  [228, 166, 36],
  [246, 202, 62],
  [252, 230, 132],
];
const GRASS: readonly Colour[] = [
  [26, 66, 44],
  [56, 104, 48],
  [112, 142, 52],
  [172, 178, 76],
];
const POPPIES: readonly Colour[] = [
  [176, 34, 30],
  [236, 76, 44],
];
const CYPRESS: readonly Colour[] = [
  [12, 24, 34],
  [18, 46, 42],
  [34, 74, 46],
  [86, 116, 50],
  [150, 122, 52],
];
const OUTLINE: readonly Colour[] = [
  [14, 26, 62],
  [24, 44, 84],
];

/** Eddies of the sky: middle, reach, and which way they turn. */
const EDDIES = [
  [0.5, 0.2, 0.16, 1],
  [0.3, 0.4, 0.09, -1],
  [0.04, 0.36, 0.1, 1],
  [0.95, 0.3, 0.1, -1],
  [0.62, 0.4, 0.08, -1],
  [0.86, 0.02, 0.12, 1],
] as const;
/** Radians of light and dark blue a unit of the stream function, and one turn round each eddy, which makes an arm of it. */
const BANDS = 34;
const SUN_AT: Point = [0.2, 0.16];
const SUN_REACH = 0.19;
/** Flames of the cypresses: the foot's place, height, half width. */
const FLAMES = [
  [0.8, 1.02, 0.98, 0.085],
  [0.9, 1.02, 0.62, 0.075],
  [0.675, 1.0, 0.33, 0.042],
] as const;
/** Bushes before the hills: middle and reach. */
const BUSHES = [
  [0.03, 0.565, 0.045],
  [0.11, 0.59, 0.04],
  [0.17, 0.605, 0.028],
  [0.36, 0.6, 0.03],
  [0.42, 0.575, 0.05],
  [0.5, 0.6, 0.036],
  [0.57, 0.61, 0.024],
  [0.99, 0.585, 0.055],
] as const;

/** Impasto in swirls: a sun and eddies in the sky, hills, wheat in the wind, bushes, and cypresses like flames. */
export function wheatfield(side: number): Picture {
  const next = random(16);
  const canvas = new OilCanvas(side, GROUND);
  const lay = (passage: Passage, layers: readonly Layer[]) => {
    for (const layer of layers) cover(canvas, passage, layer, next);
  };
  lay(sky(next), [
    thick({ spacing: 0.02, length: 0.12, width: 0.03, relief: 0.5 }),
    thick({ spacing: 0.0125, length: 0.075, width: 0.0135 }),
    thick({ spacing: 0.0145, length: 0.055, width: 0.0095, relief: 1.3 }),
    thick({ spacing: 0.018, length: 0.035, width: 0.0065, share: 0.5, relief: 1.3 }),
  ]);
  lay(hills(next), [
    thick({ spacing: 0.012, length: 0.06, width: 0.016 }),
    thick({ spacing: 0.012, length: 0.04, width: 0.009, relief: 1.3 }),
  ]);
  lay(wheat(next), [
    thick({ spacing: 0.02, length: 0.09, width: 0.026, relief: 0.5 }),
    thick({ spacing: 0.011, length: 0.06, width: 0.013 }),
    thick({ spacing: 0.0125, length: 0.055, width: 0.0085, relief: 1.3 }),
  ]);
  lay(verge(next), [thick({ spacing: 0.014, length: 0.05, width: 0.01, relief: 1.3 })]);
  lay(poppies(next), [thick({ spacing: 0.017, length: 0.017, width: 0.0085, share: 0.4, relief: 1.5 })]);
  lay(bushes(next), [
    thick({ spacing: 0.009, length: 0.03, width: 0.013 }),
    thick({ spacing: 0.0095, length: 0.024, width: 0.0075, relief: 1.3 }),
  ]);
  lay(cypresses(next), [
    thick({ spacing: 0.012, length: 0.1, width: 0.02, relief: 0.6 }),
    thick({ spacing: 0.0105, length: 0.08, width: 0.0105, relief: 1.3 }),
    thick({ spacing: 0.016, length: 0.06, width: 0.0065, share: 0.7, relief: 1.3 }),
  ]);
  return canvas.picture();
}

function thick(layer: Pick<Layer, 'spacing' | 'length' | 'width'> & Partial<Layer>): Layer {
  return { relief: 1, dryness: 0.5, cover: 0.96, ...layer };
}

const fromSun = (x: number, y: number) => Math.hypot(x - SUN_AT[0], y - SUN_AT[1]);
const ridge = (x: number) => 0.5 + 0.035 * Math.sin(5.2 * x + 0.6) + 0.02 * Math.sin(11 * x + 2);
const fieldEdge = (x: number) => 0.605 + 0.012 * Math.sin(7 * x + 1);

/** The stream function of the sky: air runs along its level lines, round the sun and the eddies. */
function stream(x: number, y: number): number {
  let sum = 0.75 * y + 0.05 * fractal2(3 * x, 3 * y, 3) + 0.035 * Math.sin(7 * x + 1);
  for (const [u, v, reach, turn] of EDDIES)
    sum += 1.15 * turn * reach * Math.exp(-(((x - u) / reach) ** 2 + ((y - v) / reach) ** 2));
  return sum - 1.6 * SUN_REACH * Math.exp(-((fromSun(x, y) / SUN_REACH) ** 2));
}

function sky(next: Random): Passage {
  const d = 1e-3;
  return {
    holds: (x, y) => y < ridge(x) + 0.03,
    direction: (x, y) => {
      let [along, down] = [stream(x, y + d) - stream(x, y - d), stream(x - d, y) - stream(x + d, y)];
      for (const [u, v, , turn] of EDDIES) {
        // Strokes follow the arms of the bands: air runs out of the eddies as fast as the arms wind.
        const out = (2 * d * turn) / (BANDS * ((x - u) ** 2 + (y - v) ** 2 + d));
        along += out * (x - u);
        down += out * (y - v);
      }
      // Near the sun strokes go round it, whatever flows by.
      const round = smoothstep(1.5, 0.95, fromSun(x, y) / SUN_REACH);
      const speed = (1 - round) / Math.hypot(along, down);
      const spin = round / fromSun(x, y);
      return Math.atan2(speed * down + spin * (x - SUN_AT[0]), speed * along - spin * (y - SUN_AT[1]));
    },
    load: (x, y) => {
      const distance = fromSun(x, y) / SUN_REACH + 0.14 * noise2(9 * x, 9 * y);
      if (distance < 0.8 + 0.35 * next()) return loadFrom(SUN, distance, next, 0.12);
      const arms = EDDIES.reduce((sum, [u, v, , turn]) => sum + turn * Math.atan2(y - v, x - u), 0);
      const wave = 0.5 + 0.5 * Math.sin(BANDS * stream(x, y) + arms + 1.5 * noise2(4 * x, 4 * y));
      // Now and then a stroke of the next band strays into this one.
      const band = next() < 0.13 ? 1 - wave : wave;
      return loadFrom(SKY, 0.06 + 0.66 * band + 0.35 * smoothstep(0.25, 0.52, y) * next(), next, 0.2);
    },
  };
}

function hills(next: Random): Passage {
  return {
    holds: (x, y) => y > ridge(x) && y < fieldEdge(x) + 0.02,
    direction: (x, y) => 0.6 * Math.sin(9 * x + 22 * y) - 0.3,
    load: (x, y) =>
      y < ridge(x) + 0.012
        ? loadFrom(OUTLINE, next(), next)
        : loadFrom(HILLS, 8 * (y - ridge(x)) + 0.4 * noise2(9 * x, 20 * y), next, 0.3),
  };
}

function wheat(next: Random): Passage {
  return {
    holds: (x, y) => y > fieldEdge(x),
    direction: (x, y) => -1.2 + 0.85 * Math.sin(8 * x + 5 * y + 1.5 * noise2(3 * x, 5 * y)),
    size: (_, y) => 0.55 + 1.3 * (y - 0.6),
    load: (x, y) =>
      next() < 0.1
        ? loadFrom(GRASS, 0.7 * next() + 0.3, next)
        : loadFrom(WHEAT, 0.55 + 1.05 * fractal2(5 * x, 14 * y, 2) + 0.15 * Math.sin(60 * y * y), next, 0.26),
  };
}

/** Grass in the foreground and in a furrow across the field. */
function verge(next: Random): Passage {
  return {
    holds: (x, y) =>
      y > 0.93 - 0.07 * Math.sin(3.4 * x) - 0.035 * noise2(6 * x, 3) ||
      Math.abs(y - 0.7 - 0.16 * (0.5 - x) ** 2 - 0.02 * noise2(5 * x, 1)) < 0.008,
    direction: (x, y) => (y < 0.8 ? -0.25 : -1.3) + 0.7 * Math.sin(15 * x + 8 * y),
    load: (x, y) => loadFrom(GRASS, 0.5 + 0.8 * noise2(9 * x, 9 * y), next, 0.35),
  };
}

/** Dabs of red among the grass. */
function poppies(next: Random): Passage {
  const { holds } = verge(next);
  return {
    holds,
    direction: (x) => 1.2 * Math.sin(90 * x),
    load: () => loadFrom(POPPIES, next(), next, 0.3),
  };
}

function bushes(next: Random): Passage {
  const nearest = (x: number, y: number) =>
    BUSHES.find(([u, v, reach]) => {
      const wide = reach * (1 + 0.3 * noise2(30 * x, 30 * y));
      return ((x - u) / (1.25 * wide)) ** 2 + ((y - v) / wide) ** 2 < 1;
    });
  return {
    holds: (x, y) => nearest(x, y) !== undefined,
    // Curls of foliage: little arcs over many middles.
    direction: (x, y) => 2.6 * noise2(24 * x, 24 * y) - 0.4 + 1.2 * Math.sin(80 * x),
    load: (x, y) => {
      const [u, v, reach] = nearest(x, y)!;
      return loadFrom(GRASS, 0.4 - (0.55 * (x - u + y - v)) / reach, next, 0.35);
    },
  };
}

function cypresses(next: Random): Passage {
  /** Place across the first flame there, -1 to 1; outside of all of them nothing. */
  const across = (x: number, y: number): number | undefined => {
    for (const [foot, bottom, height, half] of FLAMES) {
      const up = (bottom - y) / height;
      if (up < 0 || up > 1) continue;
      const width = half * (1 - up) ** 0.7 * (0.75 + 0.4 * noise2(9 * up + 40 * foot, foot));
      const v = (x - foot - 0.014 * Math.sin(13 * up + 9 * foot)) / width;
      if (Math.abs(v) < 1) return v;
    }
    return undefined;
  };
  return {
    holds: (x, y) => across(x, y) !== undefined,
    direction: (x, y) => -Math.PI / 2 - 0.3 * across(x, y)! + 0.6 * Math.sin(26 * y + 14 * x),
    load: (x, y) => {
      if (next() < 0.2) return loadFrom(OUTLINE, next(), next);
      const v = across(x, y)!;
      return loadFrom(CYPRESS, (Math.abs(v) > 0.8 ? 0 : 0.34 - 0.26 * v) + 0.3 * next(), next, 0.2);
    },
  };
}
