import { connectedAreas } from './clipping.ts';
import type { LabPicture } from './lab.ts';

/** Reach of the median, px: its window of 11 px is twice as wide as the largest dot. */
const REACH = 5;
/** Lightness by which a dot stands out of its surroundings, L*. */
const STANDS_OUT = 18;
/** Longest side of a dot, px. */
const LARGEST = 5;
/** How much of the ring around a dot may stand out, too: strokes and textures have company, dots stand alone. */
const COMPANY = 0.12;

/** Deviation of the photo from its local median up to which an area is even, L*. */
const EVEN = 6;

/**
 * Dots: spots of up to 5 px that are lighter or darker than the median around them by 18 L* and stand alone, per 10,000
 * pixels of those areas in which the photo is even. What a network strews over skies and water instead of strokes; edges
 * and lines are longer, grain and hatching are not alone.
 *
 * @param photo what was painted, of the same size; without it all of the picture counts. @returns undefined where the photo
 *   has no even area.
 */
export function dotDensity({ lightness, width, height }: LabPicture, photo?: LabPicture): number | undefined {
  const even = photo === undefined ? new Uint8Array(lightness.length).fill(1) : evenAreas(photo);
  let evenCount = 0;
  for (let i = 0; i < even.length; i++) evenCount += even[i]!;
  if (evenCount < SMALLEST_EVEN * even.length) return undefined;
  const values = levelsOf(lightness);
  const medians = localMedian(values, width, REACH);
  const threshold = 2.55 * STANDS_OUT;
  let dots = 0;
  const outstanding = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++)
    outstanding[i] = Math.abs(values[i]! - medians[i]!) > threshold / 2 ? 1 : 0;
  for (const sign of [1, -1]) {
    const mask = new Uint8Array(values.length);
    for (let i = 0; i < values.length; i++) mask[i] = sign * (values[i]! - medians[i]!) > threshold ? 1 : 0;
    for (const area of connectedAreas(mask, width)) {
      if (even[area[0]!] === 1 && isDot(area, outstanding, width, height)) dots++;
    }
  }
  return (dots * 10_000) / evenCount;
}

/** Lightness in [0, 100] as whole numbers in [0, 255]. */
function levelsOf(lightness: Float32Array): Uint8Array {
  const levels = new Uint8Array(lightness.length);
  for (let i = 0; i < levels.length; i++) levels[i] = Math.round(2.55 * lightness[i]!);
  return levels;
}

/** Less than this share of even area is too little to count dots on. */
const SMALLEST_EVEN = 0.02;

/** 1 where no pixel of the photo within the median's reach stands out. */
function evenAreas({ lightness, width, height }: LabPicture): Uint8Array {
  const values = levelsOf(lightness);
  const medians = localMedian(values, width, REACH);
  const even = new Uint8Array(values.length).fill(1);
  for (let i = 0; i < values.length; i++) {
    if (Math.abs(values[i]! - medians[i]!) <= 2.55 * EVEN) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    for (let v = Math.max(0, y - REACH); v <= Math.min(height - 1, y + REACH); v++)
      even.fill(0, v * width + Math.max(0, x - REACH), v * width + Math.min(width - 1, x + REACH) + 1);
  }
  return even;
}

function isDot(area: readonly number[], outstanding: Uint8Array, width: number, height: number): boolean {
  if (area.length > LARGEST * LARGEST) return false;
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (const i of area) {
    left = Math.min(left, i % width);
    right = Math.max(right, i % width);
    top = Math.min(top, Math.floor(i / width));
    bottom = Math.max(bottom, Math.floor(i / width));
  }
  if (right - left >= LARGEST || bottom - top >= LARGEST) return false;
  // A ring two pixels wide, two pixels away: the soft rim of the dot itself does not count.
  let [ring, company] = [0, 0];
  for (let y = Math.max(0, top - 4); y <= Math.min(height - 1, bottom + 4); y++) {
    for (let x = Math.max(0, left - 4); x <= Math.min(width - 1, right + 4); x++) {
      const distance = Math.max(left - x, x - right, top - y, y - bottom);
      if (distance < 3) continue;
      ring++;
      company += outstanding[y * width + x]!;
    }
  }
  return company <= COMPANY * ring;
}

/**
 * Median of the (2·reach + 1)² pixels around each pixel, fewer at the borders, by Huang's moving histogram (Huang et al.
 * 1979): the window's histogram is brought up to date instead of sorted again.
 *
 * @param values [H·W], whole numbers in [0, 255].
 */
function localMedian(values: Uint8Array, width: number, reach: number): Uint8Array {
  const height = values.length / width;
  const medians = new Uint8Array(values.length);
  const counts = new Int32Array(256);
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, y - reach);
    const bottom = Math.min(height - 1, y + reach);
    counts.fill(0);
    let size = 0;
    let median = 0;
    /** How many of the window lie below `median`. */
    let below = 0;
    for (let x = -reach; x < width; x++) {
      const [entering, leaving] = [x + reach, x - reach - 1];
      if (entering < width)
        for (let v = top; v <= bottom; v++) {
          const value = values[v * width + entering]!;
          counts[value]!++;
          if (value < median) below++;
          size++;
        }
      if (leaving >= 0)
        for (let v = top; v <= bottom; v++) {
          const value = values[v * width + leaving]!;
          counts[value]!--;
          if (value < median) below--;
          size--;
        }
      if (x < 0) continue;
      const half = Math.floor(size / 2);
      while (below > half) below -= counts[--median]!;
      while (below + counts[median]! <= half) below += counts[median++]!;
      medians[y * width + x] = median;
    }
  }
  return medians;
}
