import type { PaintedPixels, RgbaPixels } from './options.ts';

/** A painting as a canvas takes it. */
export function rgbaOf({ pixels, alpha, width, height }: PaintedPixels): RgbaPixels {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let i = 0, from = 0, to = 0; i < width * height; i++) {
    data[to++] = pixels[from++]!;
    data[to++] = pixels[from++]!;
    data[to++] = pixels[from++]!;
    data[to++] = alpha?.[i] ?? 255;
  }
  return { data, width, height, colorSpace: 'srgb' };
}
