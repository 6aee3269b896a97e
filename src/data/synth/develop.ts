/** From light to a picture: lens, exposure, the camera's curve, colour, grain. */
import type { Picture } from '../../picture.ts';
import { type Random, sensorNoise } from '../random.ts';
import type { Canvas } from './canvas.ts';
import { bell, between, chance } from './draw.ts';

/** Develops a canvas, which it changes. */
export function develop(canvas: Canvas, next: Random): Picture {
  const { width, height, red, green, blue } = canvas;
  const softness = chance(0.3, next) ? 0.12 * next() : 0;
  const planes = [red, green, blue] as const;
  if (softness > 0) for (const plane of planes) soften(plane, width, height, softness);
  // So bright that the mean comes to a middle grey, more or less: exposure as a camera finds it.
  const mean = Math.max(1e-3, meanLight(canvas));
  const exposure = (0.27 * Math.max(0.35, 1 + 0.35 * bell(next))) / mean;
  // Light that is taken off everywhere: blacks are black in most pictures.
  const black = between(0.4, 1, next) * darkest(canvas, mean);
  const contrast = between(0.6, 1.6, next);
  const saturation = chance(0.04, next) ? 0 : Math.max(0.2, 0.66 + 0.2 * bell(next));
  const cast = 0.025 * bell(next);
  // Rounds, and cuts off what is too dark or too bright.
  const pixels = new Uint8ClampedArray(width * height * 3);
  const grain = sensorNoise(width * height, between(0.2, 2, next), next);
  const coarse = 0.5 * next();
  for (let i = 0; i < width * height; i++) {
    const [r, g, b] = [
      (red[i]! - black) * exposure * (1 + cast),
      (green[i]! - black) * exposure,
      (blue[i]! - black) * exposure * (1 - cast),
    ];
    const grey = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    const noise = grain[i]!;
    const stray = coarse * grain[(7 * i + 3) % grain.length]!;
    pixels[3 * i] = level(grey + saturation * (r - grey), contrast) + noise + stray;
    pixels[3 * i + 1] = level(grey + saturation * (g - grey), contrast) + noise;
    pixels[3 * i + 2] = level(grey + saturation * (b - grey), contrast) + noise - stray;
  }
  return { pixels: new Uint8Array(pixels.buffer), width, height };
}

/**
 * Light to a grey level: a shoulder that lets highlights run out softly (Reinhard et al. 2002, equation 4, white at 4 times
 * middle), the square root for sRGB's curve (`colours.ts`), and an S-curve.
 */
function level(light: number, contrast: number): number {
  const value = Math.max(0, light);
  const shown = Math.sqrt(Math.min(1, (1.35 * value * (1 + value / 3)) / (1 + value)));
  const curved = shown * shown * (3 - 2 * shown);
  return 255 * (shown + contrast * (curved - shown));
}

function meanLight({ red, green, blue }: Canvas): number {
  let sum = 0;
  for (let i = 0; i < red.length; i++) sum += 0.2126 * red[i]! + 0.7152 * green[i]! + 0.0722 * blue[i]!;
  return sum / red.length;
}

/** Light that a twentieth of the pixels fall below, in hundredths of the mean. */
function darkest({ green }: Canvas, mean: number): number {
  const counts = new Uint32Array(101);
  for (const value of green) counts[Math.max(0, Math.min(100, Math.floor((100 * value) / mean)))]! += 1;
  let step = 0;
  for (let below = counts[0]!; below < green.length / 20 && step < 100; below += counts[step]!) step++;
  return (step * mean) / 100;
}

/** A lens's blur: three pixels in a row, then in a column, those next to the middle with this weight. */
function soften(plane: Float32Array, width: number, height: number, weight: number): void {
  const pass = (from: number, step: number, count: number) => {
    let before = plane[from]!;
    for (let i = 1; i < count - 1; i++) {
      const at = from + i * step;
      const here = plane[at]!;
      plane[at] = here + weight * (before + plane[at + step]! - 2 * here);
      before = here;
    }
  };
  for (let row = 0; row < height; row++) pass(row * width, 1, width);
  for (let column = 0; column < width; column++) pass(column, width, height);
}
