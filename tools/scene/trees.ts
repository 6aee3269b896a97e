import { type Colour, crossAxes, MATERIAL, type Mesh, MeshBuilder, type Point, SHAPE } from './mesh.ts';
import { createRandom, type Random } from './random.ts';

export type Broadleaf = {
  seed: number;
  height: number;
  /** How many leaves grow at each twig, and how long a leaf is, metres. */
  leaves: number;
  leafLength: number;
  forks: number;
  colour: Colour;
};

const BARK: Colour = [0.095, 0.075, 0.055];

/** A broad-leaved tree: limbs that fork again and again, with leaves around every twig. */
export function growBroadleaf(plan: Broadleaf): Mesh {
  const mesh = new MeshBuilder();
  const random = createRandom(plan.seed);
  const grow = (from: Point, way: Point, length: number, radius: number, forks: number): void => {
    const to: Point = [from[0] + way[0] * length, from[1] + way[1] * length, from[2] + way[2] * length];
    mesh.stem(MATERIAL.bark, BARK, from, to, radius, radius * 0.72, forks > 3 ? 8 : forks > 1 ? 5 : 3);
    if (forks <= 1) addLeaves(mesh, from, to, plan, random);
    if (forks === 0) return;
    const children = forks > 3 ? 3 : 2 + (random() < 0.55 ? 1 : 0);
    for (let i = 0; i < children; i++) {
      const spread = forks === plan.forks ? 0.5 : 0.75;
      const next = bend(
        way,
        spread * (0.55 + 0.7 * random()),
        (i + random() * 0.6) * ((2 * Math.PI) / children),
        random,
      );
      grow(to, next, length * (0.66 + 0.2 * random()), radius * (children === 3 ? 0.58 : 0.66), forks - 1);
    }
    if (forks > 2) {
      const on = 0.4 + 0.4 * random();
      const side = bend(way, 1.1, random() * 2 * Math.PI, random);
      const start: Point = [
        from[0] + way[0] * length * on,
        from[1] + way[1] * length * on,
        from[2] + way[2] * length * on,
      ];
      grow(start, side, length * 0.6, radius * 0.4, forks - 2);
    }
  };
  grow([0, -0.5, 0], [0.04, 1, 0.02], plan.height * 0.27, plan.height * 0.03, plan.forks);
  return mesh.build();
}

/** Turns a direction away from itself, and a little up to the light. */
function bend(way: Point, angle: number, around: number, random: Random): Point {
  const [p, q] = crossAxes(way);
  const s = Math.sin(angle);
  const c = Math.cos(angle);
  const u = Math.cos(around + random()) * s;
  const v = Math.sin(around + random()) * s;
  const x = way[0] * c + p[0] * u + q[0] * v;
  const y = way[1] * c + p[1] * u + q[1] * v + 0.13;
  const z = way[2] * c + p[2] * u + q[2] * v;
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function addLeaves(mesh: MeshBuilder, from: Point, to: Point, plan: Broadleaf, random: Random): void {
  const room = plan.leafLength * 2.4;
  for (let i = 0; i < plan.leaves; i++) {
    const along = 0.2 + 0.9 * random();
    const foot: Point = [
      from[0] + (to[0] - from[0]) * along + (random() - 0.5) * 2 * room,
      from[1] + (to[1] - from[1]) * along + (random() - 0.6) * 2 * room,
      from[2] + (to[2] - from[2]) * along + (random() - 0.5) * 2 * room,
    ];
    addLeaf(mesh, foot, plan.leafLength * (0.7 + 0.6 * random()), 0.55, plan.colour, random);
  }
}

function addLeaf(
  mesh: MeshBuilder,
  foot: Point,
  length: number,
  slim: number,
  colour: Colour,
  random: Random,
): void {
  const turn = random() * 2 * Math.PI;
  const tilt = (random() - 0.6) * 1.6;
  const way: Point = [Math.cos(turn) * Math.cos(tilt), Math.sin(tilt), Math.sin(turn) * Math.cos(tilt)];
  const [p, q] = crossAxes(way);
  const roll = (random() - 0.5) * 2.4;
  const side: Point = [0, 1, 2].map(
    (c) => (p[c]! * Math.cos(roll) + q[c]! * Math.sin(roll)) * length * slim,
  ) as never;
  const tone = 0.65 + 0.6 * random();
  const warm = 1 + 0.35 * random() * random();
  mesh.add(
    SHAPE.leaf,
    MATERIAL.leaf,
    [colour[0] * tone * warm, colour[1] * tone, colour[2] * tone],
    [foot[0] - side[0] / 2, foot[1] - side[1] / 2, foot[2] - side[2] / 2],
    [way[0] * length, way[1] * length, way[2] * length],
    side,
  );
}

/** A spruce: a straight trunk with whorls of drooping boughs, shorter towards the tip. */
export function growSpruce(seed: number, height: number, boughs: number): Mesh {
  const mesh = new MeshBuilder();
  const random = createRandom(seed);
  mesh.stem(MATERIAL.bark, BARK, [0, -1, 0], [0, height * 0.97, 0], height * 0.014, 0.02, 5);
  for (let i = 0; i < boughs; i++) {
    const up = (i / boughs) ** 0.85;
    const y = height * (0.08 + 0.9 * up);
    const length = height * (0.2 * (1 - up) ** 0.85 + 0.012) * (0.7 + 0.5 * random());
    const turn = i * 2.39996 + random() * 0.7;
    const droop = -0.28 + 0.5 * up + 0.25 * (random() - 0.5);
    const way: Point = [Math.cos(turn), droop, Math.sin(turn)];
    for (let k = 0; k < 4; k++) {
      const on = 0.12 + 0.24 * k;
      const width = length * (0.5 - 0.09 * k);
      const lean = (random() - 0.5) * 0.5;
      const tone = 0.6 + 0.7 * random();
      const side: Point = [-Math.sin(turn) * width, lean * width, Math.cos(turn) * width];
      mesh.add(
        SHAPE.leaf,
        MATERIAL.leaf,
        [0.064 * tone, 0.102 * tone, 0.042 * tone],
        [
          way[0] * length * on - side[0] / 2,
          y + way[1] * length * on - side[1] / 2,
          way[2] * length * on - side[2] / 2,
        ],
        [way[0] * length * 0.42, (way[1] - 0.16) * length * 0.42, way[2] * length * 0.42],
        side,
      );
    }
  }
  return mesh.build();
}

/** A tuft of long grass with a few flowers, or with a larger `height` of reed. */
export function growTuft(
  seed: number,
  blades: number,
  height: number,
  spread: number,
  colour: Colour,
  flowers: number,
): Mesh {
  const mesh = new MeshBuilder();
  const random = createRandom(seed);
  for (let i = 0; i < blades; i++) {
    const turn = random() * 2 * Math.PI;
    const out = spread * Math.sqrt(random());
    const x = Math.cos(turn) * out;
    const z = Math.sin(turn) * out;
    const high = height * (0.45 + 0.65 * random());
    const lean = high * (0.1 + 0.45 * random());
    const way = random() * 2 * Math.PI;
    const tone = 0.6 + 0.7 * random();
    const dry = random() * random();
    const tint: Colour = [
      colour[0] * tone + 0.14 * dry,
      colour[1] * tone + 0.1 * dry,
      colour[2] * tone + 0.03 * dry,
    ];
    const face = random() * Math.PI;
    const half = height * 0.012 + 0.004;
    const bx = Math.cos(face) * half;
    const bz = Math.sin(face) * half;
    const knee: Point = [x + Math.cos(way) * lean * 0.3, high * 0.62, z + Math.sin(way) * lean * 0.3];
    const tip: Point = [x + Math.cos(way) * lean, high, z + Math.sin(way) * lean];
    mesh.quad(
      MATERIAL.leaf,
      tint,
      [x - bx, -0.1, z - bz],
      [2 * bx, 0, 2 * bz],
      [knee[0] - x, knee[1] + 0.1, knee[2] - z],
    );
    mesh.triangle(
      MATERIAL.leaf,
      tint,
      [knee[0] - bx, knee[1], knee[2] - bz],
      [knee[0] + bx, knee[1], knee[2] + bz],
      tip,
    );
  }
  for (let i = 0; i < flowers; i++) {
    const petal: Colour =
      random() < 0.55 ? [0.8, 0.78, 0.7] : random() < 0.6 ? [0.75, 0.5, 0.04] : [0.4, 0.15, 0.5];
    const at = () => (random() - 0.5) * 2 * spread;
    const [x, y, z] = [at(), height * (0.75 + 0.4 * random()), at()];
    const size = 0.028 + 0.016 * random();
    mesh.add(SHAPE.leaf, MATERIAL.leaf, petal, [x, y, z], [size, size * 0.4, 0], [0, size * 0.5, -size]);
    mesh.add(SHAPE.leaf, MATERIAL.leaf, petal, [x, y - size / 2, z], [size, 0, 0.3 * size], [0, size, 0]);
  }
  return mesh.build();
}
