import type { Picture } from '../picture.ts';

/** Share of channel values at the ends of their range, 0 or 255: colour that the picture could not hold. */
export function clippedShare({ pixels }: Picture): number {
  let clipped = 0;
  for (const value of pixels) if (value === 0 || value === 255) clipped++;
  return clipped / pixels.length;
}

/** Pure white or black: every channel within this of the end. */
const PURE = 2;
/** What of the photo is as good as white or black may stay so. */
const NEARLY = 10;
/** Smallest area that counts as a blob, as a share of the picture, and in px. */
const SMALLEST_SHARE = 0.0005;
const SMALLEST = 48;

/**
 * Share of a picture that is pure white or black in connected areas of 0.05 % of it (48 px) or more, where its photo is
 * not: the blobs of a network whose last layer is saturated.
 *
 * @param photo of the same size; without one, areas of the picture's own white and black count, too.
 */
export function blobShare(picture: Picture, photo?: Picture): number {
  const { width, height } = picture;
  const count = width * height;
  const smallest = Math.max(SMALLEST, Math.ceil(SMALLEST_SHARE * count));
  let inBlobs = 0;
  for (const white of [true, false]) {
    const mask = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const own = photo !== undefined && isAtEnd(photo.pixels, i, white, NEARLY);
      if (isAtEnd(picture.pixels, i, white, PURE) && !own) mask[i] = 1;
    }
    for (const area of connectedAreas(mask, width)) if (area.length >= smallest) inBlobs += area.length;
  }
  return inBlobs / count;
}

function isAtEnd(pixels: Uint8Array, pixel: number, white: boolean, reach: number): boolean {
  for (let c = 0; c < 3; c++) {
    const value = pixels[3 * pixel + c]!;
    if (white ? value < 255 - reach : value > reach) return false;
  }
  return true;
}

/**
 * Connected areas of a mask, over edges and corners (8 neighbours).
 *
 * @param mask [H·W], not 0 where set. @returns the pixels of each area, as indices.
 */
export function connectedAreas(mask: Uint8Array, width: number): readonly (readonly number[])[] {
  const height = mask.length / width;
  const seen = new Uint8Array(mask.length);
  const areas: number[][] = [];
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || seen[start] === 1) continue;
    const area = [start];
    seen[start] = 1;
    for (let i = 0; i < area.length; i++) {
      const at = area[i]!;
      const [x, y] = [at % width, Math.floor(at / width)];
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u;
          if (mask[next] === 0 || seen[next] === 1) continue;
          seen[next] = 1;
          area.push(next);
        }
      }
    }
    areas.push(area);
  }
  return areas;
}
