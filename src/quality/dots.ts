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
  const evenCount = even.reduce((sum, value) => sum + value, 0);
  if (evenCount < SMALLEST_EVEN * even.length) return undefined;
  const values = Uint8Array.from(lightness, (l) => Math.round(2.55 * l));
  const medians = localMedian(values, width, REACH);
  const threshold = 2.55 * STANDS_OUT;
  let dots = 0;
  const outstanding = Uint8Array.from(values, (value, i) =>
    Math.abs(value - medians[i]!) > threshold / 2 ? 1 : 0,
  );
  for (const sign of [1, -1]) {
    const mask = Uint8Array.from(values, (value, i) => (sign * (value - medians[i]!) > threshold ? 1 : 0));
    for (const area of connectedAreas(mask, width)) {
      if (even[area[0]!] === 1 && isDot(area, outstanding, width, height)) dots++;
    }
  }
  return (dots * 10_000) / evenCount;
}

/** Less than this share of even area is too little to count dots on. */
const SMALLEST_EVEN = 0.02;

/** 1 where no pixel of the photo within the median's reach stands out. */
function evenAreas({ lightness, width, height }: LabPicture): Uint8Array {
  const values = Uint8Array.from(lightness, (l) => Math.round(2.55 * l));
  const medians = localMedian(values, width, REACH);
  const even = new Uint8Array(values.length).fill(1);
  values.forEach((value, i) => {
    if (Math.abs(value - medians[i]!) <= 2.55 * EVEN) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    for (let v = Math.max(0, y - REACH); v <= Math.min(height - 1, y + REACH); v++)
      even.fill(0, v * width + Math.max(0, x - REACH), v * width + Math.min(width - 1, x + REACH) + 1);
  });
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
    const change = (x: number, by: 1 | -1) => {
      for (let v = top; v <= bottom; v++) {
        const value = values[v * width + x]!;
        counts[value]! += by;
        if (value < median) below += by;
        size += by;
      }
    };
    for (let x = 0; x < Math.min(reach, width); x++) change(x, 1);
    for (let x = 0; x < width; x++) {
      if (x + reach < width) change(x + reach, 1);
      if (x - reach - 1 >= 0) change(x - reach - 1, -1);
      const half = Math.floor(size / 2);
      while (below > half) below -= counts[--median]!;
      while (below + counts[median]! <= half) below += counts[median++]!;
      medians[y * width + x] = median;
    }
  }
  return medians;
}
