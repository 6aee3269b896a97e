import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPicture } from '../../src/data/image-file.ts';
import type { Picture } from '../../src/picture.ts';
import { develop } from '../../tools/scene/film.ts';
import { plans } from '../../tools/scene/plans.ts';
import { prepare, work } from '../../tools/scene/render.ts';

const THUMBNAIL = { width: 60, height: 40, rays: 6, detail: 0.35 };

/** The whole way of a picture, small and on one thread. */
function photograph(name: keyof typeof plans): Uint8Array {
  const plan = plans[name];
  const studio = prepare(plan, THUMBNAIL);
  work(plan, studio);
  return develop(studio.light, THUMBNAIL.width, THUMBNAIL.height, plan.development);
}

function sample(name: string): string {
  return fileURLToPath(new URL(`../../samples/${name}.jpg`, import.meta.url));
}

function greys(picture: Picture): Float64Array {
  const { pixels } = picture;
  return Float64Array.from(
    { length: picture.width * picture.height },
    (_, i) => 0.299 * pixels[3 * i]! + 0.587 * pixels[3 * i + 1]! + 0.114 * pixels[3 * i + 2]!,
  );
}

function meanAndDeviation(values: ArrayLike<number>): [mean: number, deviation: number] {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!;
    squares += values[i]! ** 2;
  }
  const mean = sum / values.length;
  return [mean, Math.sqrt(squares / values.length - mean * mean)];
}

/** The mean colours of twelve by eight blocks. */
function blocks(pixels: Uint8Array, width: number): Float64Array {
  const side = width / 12;
  const means = new Float64Array(12 * 8 * 3);
  pixels.forEach((value, i) => {
    const pixel = Math.floor(i / 3);
    const block = 12 * Math.floor(Math.floor(pixel / width) / side) + Math.floor((pixel % width) / side);
    means[3 * block + (i % 3)] = means[3 * block + (i % 3)]! + value / side ** 2;
  });
  return means;
}

/** Pearson's correlation of two rows of numbers. */
function likeness(a: Float64Array, b: Float64Array): number {
  const [meanA, deviationA] = meanAndDeviation(a);
  const [meanB, deviationB] = meanAndDeviation(b);
  let together = 0;
  for (let i = 0; i < a.length; i++) together += (a[i]! - meanA) * (b[i]! - meanB);
  return together / (a.length * deviationA * deviationB);
}

/**
 * How the power of a square of grey falls with frequency: the slope of log power over log frequency, fitted from
 * 3 to size/4 cycles. Photographs of scenes lie near -2 (Field 1987).
 */
function spectrumSlope(grey: Float64Array, width: number, left: number, top: number, size: number): number {
  const window = Float64Array.from(
    { length: size },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / size),
  );
  const cut = new Float64Array(size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) cut[y * size + x] = grey[(top + y) * width + left + x]!;
  }
  const [mean] = meanAndDeviation(cut);
  for (let i = 0; i < cut.length; i++)
    cut[i] = (cut[i]! - mean) * window[i % size]! * window[Math.floor(i / size)]!;
  const rows = transformRows(cut, new Float64Array(size * size), size);
  const [re, im] = transformRows(turned(rows[0], size), turned(rows[1], size), size);
  const bands = Math.floor(size / 4);
  const power = new Float64Array(bands + 1);
  const counts = new Float64Array(bands + 1);
  for (let v = 0; v < size; v++) {
    for (let u = 0; u < size; u++) {
      const band = Math.round(Math.hypot(Math.min(u, size - u), Math.min(v, size - v)));
      if (band > bands) continue;
      power[band] = power[band]! + re[v * size + u]! ** 2 + im[v * size + u]! ** 2;
      counts[band] = counts[band]! + 1;
    }
  }
  let [n, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0];
  for (let band = 3; band <= bands; band++) {
    const x = Math.log(band);
    const y = Math.log(power[band]! / counts[band]!);
    n++;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

/** The Fourier sum of each row, written out. */
function transformRows(re: Float64Array, im: Float64Array, size: number): [Float64Array, Float64Array] {
  const cos = Float64Array.from({ length: size }, (_, i) => Math.cos((2 * Math.PI * i) / size));
  const sin = Float64Array.from({ length: size }, (_, i) => Math.sin((2 * Math.PI * i) / size));
  const outRe = new Float64Array(size * size);
  const outIm = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < size; k++) {
      let [a, b] = [0, 0];
      for (let i = 0; i < size; i++) {
        const phase = (i * k) % size;
        a += re[row * size + i]! * cos[phase]! + im[row * size + i]! * sin[phase]!;
        b += im[row * size + i]! * cos[phase]! - re[row * size + i]! * sin[phase]!;
      }
      outRe[row * size + k] = a;
      outIm[row * size + k] = b;
    }
  }
  return [outRe, outIm];
}

function turned(values: Float64Array, size: number): Float64Array {
  return Float64Array.from(values, (_, i) => values[(i % size) * size + Math.floor(i / size)]!);
}

test('the same scene gives the same bytes, whichever time it is rendered', () => {
  assert.deepEqual(photograph('harbour'), photograph('harbour'));
});

for (const name of Object.keys(plans) as (keyof typeof plans)[]) {
  test(`samples/${name}.jpg is what its scene looks like, at the declared size`, async () => {
    const kept = await readPicture(sample(name));
    assert.deepEqual([kept.width, kept.height], [plans[name].width, plans[name].height]);
    // Few rays and thinned-out plants differ from the full picture in detail, not in what lies where; the
    // other scene would come out near 0.6.
    const alike = likeness(blocks(photograph(name), THUMBNAIL.width), blocks(kept.pixels, kept.width));
    assert.ok(alike > 0.85, `correlation ${alike.toFixed(3)}`);
  });

  test(`samples/${name}.jpg has the brightness, contrast and spectrum of a photograph`, async () => {
    const picture = await readPicture(sample(name));
    const grey = greys(picture);
    const [mean, deviation] = meanAndDeviation(grey);
    assert.ok(mean > 75 && mean < 150, `mean ${mean.toFixed(1)}`);
    assert.ok(deviation > 35 && deviation < 85, `standard deviation ${deviation.toFixed(1)}`);
    const clipped = grey.filter((value) => value > 253 || value < 2).length / grey.length;
    assert.ok(clipped < 0.02, `${(100 * clipped).toFixed(2)} % pure black or white`);
    const slopes = [120, 760].map((left) => spectrumSlope(grey, picture.width, left, 350, 256));
    const slope = slopes.reduce((sum, value) => sum + value, 0) / slopes.length;
    assert.ok(slope > -3.2 && slope < -1.5, `spectrum slope ${slope.toFixed(2)}`);
  });
}
