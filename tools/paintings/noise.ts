/** Gradient noise for the paintings in oil. */

const PERMUTATION = shuffledBytes();

function shuffledBytes(): Uint8Array {
  const random = mulberry32(20260);
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

/** Numbers in [0, 1) of the mulberry32 generator: the paintings that are shipped were drawn with these. */
function mulberry32(seed: number): () => number {
  let state = wellSpread(seed);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}

function wellSpread(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function gradient2(corner: number, x: number, y: number): number {
  const u = (corner & 4) === 0 ? x : y;
  const v = (corner & 4) === 0 ? y : x;
  return ((corner & 1) === 0 ? u : -u) + ((corner & 2) === 0 ? 0.5 * v : -0.5 * v);
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

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}

/** 0 below `from`, 1 above `to`, smooth between; also with `from` above `to`. */
export function smoothstep(from: number, to: number, value: number): number {
  const part = clamp((value - from) / (to - from), 0, 1);
  return part * part * (3 - 2 * part);
}
