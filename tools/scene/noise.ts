import { createRandom } from './random.ts';

const PERMUTATION = shuffledBytes();

function shuffledBytes(): Uint8Array {
  const random = createRandom(20260);
  const bytes = new Uint8Array(512);
  for (let i = 0; i < 256; i++) bytes[i] = i;
  for (let i = 255; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = bytes[i]!;
    bytes[i] = bytes[j]!;
    bytes[j] = kept;
  }
  bytes.copyWithin(256, 0, 256);
  return bytes;
}

function gradient2(corner: number, x: number, y: number): number {
  const u = (corner & 4) === 0 ? x : y;
  const v = (corner & 4) === 0 ? y : x;
  return ((corner & 1) === 0 ? u : -u) + ((corner & 2) === 0 ? 0.5 * v : -0.5 * v);
}

function gradient3(corner: number, x: number, y: number, z: number): number {
  const h = corner & 15;
  const u = h < 8 ? x : y;
  const v = h < 4 ? y : h === 12 || h === 14 ? x : z;
  return ((h & 1) === 0 ? u : -u) + ((h & 2) === 0 ? v : -v);
}

/** Gradient noise of the plane, about -1 to 1, with features one unit apart (Perlin 2002). */
export function noise2(x: number, y: number): number {
  const fx = Math.floor(x);
  const fy = Math.floor(y);
  const X = fx & 255;
  const Y = fy & 255;
  const dx = x - fx;
  const dy = y - fy;
  const u = dx * dx * dx * (dx * (dx * 6 - 15) + 10);
  const v = dy * dy * dy * (dy * (dy * 6 - 15) + 10);
  const a = PERMUTATION[X]! + Y;
  const b = PERMUTATION[X + 1]! + Y;
  const n00 = gradient2(PERMUTATION[a]!, dx, dy);
  const n10 = gradient2(PERMUTATION[b]!, dx - 1, dy);
  const n01 = gradient2(PERMUTATION[a + 1]!, dx, dy - 1);
  const n11 = gradient2(PERMUTATION[b + 1]!, dx - 1, dy - 1);
  const low = n00 + u * (n10 - n00);
  return 1.3 * (low + v * (n01 + u * (n11 - n01) - low));
}

/** Gradient noise of space, about -1 to 1, with features one unit apart. */
export function noise3(x: number, y: number, z: number): number {
  const fx = Math.floor(x);
  const fy = Math.floor(y);
  const fz = Math.floor(z);
  const X = fx & 255;
  const Y = fy & 255;
  const Z = fz & 255;
  const dx = x - fx;
  const dy = y - fy;
  const dz = z - fz;
  const u = dx * dx * dx * (dx * (dx * 6 - 15) + 10);
  const v = dy * dy * dy * (dy * (dy * 6 - 15) + 10);
  const w = dz * dz * dz * (dz * (dz * 6 - 15) + 10);
  const a = (PERMUTATION[X]! + Y) & 255;
  const b = (PERMUTATION[X + 1]! + Y) & 255;
  const aa = PERMUTATION[a]! + Z;
  const ab = PERMUTATION[a + 1]! + Z;
  const ba = PERMUTATION[b]! + Z;
  const bb = PERMUTATION[b + 1]! + Z;
  const x00 = mix(gradient3(PERMUTATION[aa]!, dx, dy, dz), gradient3(PERMUTATION[ba]!, dx - 1, dy, dz), u);
  const x10 = mix(
    gradient3(PERMUTATION[ab]!, dx, dy - 1, dz),
    gradient3(PERMUTATION[bb]!, dx - 1, dy - 1, dz),
    u,
  );
  const x01 = mix(
    gradient3(PERMUTATION[aa + 1]!, dx, dy, dz - 1),
    gradient3(PERMUTATION[ba + 1]!, dx - 1, dy, dz - 1),
    u,
  );
  const x11 = mix(
    gradient3(PERMUTATION[ab + 1]!, dx, dy - 1, dz - 1),
    gradient3(PERMUTATION[bb + 1]!, dx - 1, dy - 1, dz - 1),
    u,
  );
  return mix(mix(x00, x10, v), mix(x01, x11, v), w);
}

/** Octaves of noise2, each half as high and twice as fine, turned so that their grids do not line up. */
export function fractal2(x: number, y: number, octaves: number): number {
  let sum = 0;
  let height = 0.5;
  for (let i = 0; i < octaves; i++) {
    sum += height * noise2(x, y);
    const turned = 1.6 * x - 1.2 * y + 17.3;
    y = 1.2 * x + 1.6 * y - 9.1;
    x = turned;
    height *= 0.5;
  }
  return sum;
}

/** Octaves of 1 - |noise2|: sharp crests with smooth valleys between, about 0 to 1. */
export function ridges2(x: number, y: number, octaves: number): number {
  let sum = 0;
  let height = 0.5;
  let carried = 1;
  for (let i = 0; i < octaves; i++) {
    const crest = 1 - Math.abs(noise2(x, y));
    const sharp = crest * crest * carried;
    sum += height * sharp;
    carried = Math.min(1, Math.max(0, sharp * 1.6));
    const turned = 1.6 * x - 1.2 * y + 31.7;
    y = 1.2 * x + 1.6 * y - 5.3;
    x = turned;
    height *= 0.52;
  }
  return sum;
}

export function mix(a: number, b: number, part: number): number {
  return a + part * (b - a);
}

export function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

/** 0 below `from`, 1 above `to`, smooth between; also with `from` above `to`. */
export function smoothstep(from: number, to: number, value: number): number {
  const part = clamp((value - from) / (to - from), 0, 1);
  return part * part * (3 - 2 * part);
}
