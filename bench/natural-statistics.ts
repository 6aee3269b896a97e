/** What is known of photos' statistics, as numbers of a picture. Pure functions on pixels. */
import type { Picture } from '../src/picture.ts';

/** Side of the windows whose spectrum is taken, px; a power of two. */
const WINDOW = 128;
/** Cycles per window between which the slope is fitted: free of the window's own spectrum and of the pixels' grid. */
const BAND = [3, 45] as const;

export interface NaturalStatistics {
  /** α of power ∝ 1 / f^α, radially averaged (Field 1987; Torralba and Oliva 2003: about 2). */
  readonly slope: number;
  /** Fourth moment over squared second of differences of neighbouring grey levels: 3 if normal, 10 and more in photos. */
  readonly kurtosis: number;
  /** Standard deviation of lightness, blue-yellow and red-green, grey levels (Ruderman, Cronin and Chiao 1998). */
  readonly deviations: readonly [lightness: number, blueYellow: number, redGreen: number];
  /** Mean grey level. */
  readonly mean: number;
  /** Share of pixels whose neighbour differs by less than 2 grey levels: how much is smooth. */
  readonly smooth: number;
}

/** @param picture at least 128 px on each side; of its middle the spectrum is taken. */
export function naturalStatistics(picture: Picture): NaturalStatistics {
  const grey = greyLevels(picture);
  const { width, height } = picture;
  let [second, fourth, smooth, count] = [0, 0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 1; x < width; x++) {
      const difference = grey[y * width + x]! - grey[y * width + x - 1]!;
      second += difference ** 2;
      fourth += difference ** 4;
      if (Math.abs(difference) < 2) smooth++;
      count++;
    }
  }
  return {
    slope: spectralSlope(middle(grey, width, height)),
    kurtosis: (fourth * count) / second ** 2,
    deviations: opponentDeviations(picture),
    mean: grey.reduce((sum, value) => sum + value, 0) / grey.length,
    smooth: smooth / count,
  };
}

/** Exponent α of the power spectrum of [128, 128] values: least squares of log power over log frequency, ring by ring. */
export function spectralSlope(values: Float64Array): number {
  const real = windowed(values);
  const imaginary = new Float64Array(real.length);
  for (let i = 0; i < WINDOW; i++) transform(real, imaginary, i * WINDOW, 1);
  for (let i = 0; i < WINDOW; i++) transform(real, imaginary, i, WINDOW);
  const power = new Float64Array(WINDOW);
  const members = new Float64Array(WINDOW);
  for (let y = 0; y < WINDOW; y++) {
    for (let x = 0; x < WINDOW; x++) {
      const [fx, fy] = [Math.min(x, WINDOW - x), Math.min(y, WINDOW - y)];
      const ring = Math.round(Math.hypot(fx, fy));
      const at = y * WINDOW + x;
      power[ring]! += real[at]! ** 2 + imaginary[at]! ** 2;
      members[ring]! += 1;
    }
  }
  const points: (readonly [x: number, y: number])[] = [];
  for (let ring = BAND[0]; ring <= BAND[1]; ring++)
    points.push([Math.log(ring), Math.log(power[ring]! / members[ring]! + 1e-9)]);
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [mx, my] = [mean(0), mean(1)];
  const sum = (term: (x: number, y: number) => number) =>
    points.reduce((total, [x, y]) => total + term(x - mx, y - my), 0);
  return -sum((x, y) => x * y) / sum((x) => x * x);
}

/** Without its mean, and going out to nothing at its borders (Hann), so that they are no edges. */
function windowed(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const hann = Float64Array.from(
    { length: WINDOW },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW),
  );
  return values.map((value, i) => (value - mean) * hann[i % WINDOW]! * hann[Math.floor(i / WINDOW)]!);
}

/** Fourier transform of one line in place (Cooley and Tukey 1965). */
function transform(real: Float64Array, imaginary: Float64Array, from: number, step: number): void {
  const at = (i: number) => from + i * step;
  for (let i = 1, j = 0; i < WINDOW; i++) {
    let bit = WINDOW >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    for (const values of [real, imaginary]) {
      const held = values[at(i)]!;
      values[at(i)] = values[at(j)]!;
      values[at(j)] = held;
    }
  }
  for (let length = 2; length <= WINDOW; length *= 2) {
    for (let k = 0; k < length / 2; k++) {
      const [c, s] = [Math.cos((2 * Math.PI * k) / length), -Math.sin((2 * Math.PI * k) / length)];
      for (let start = k; start < WINDOW; start += length) {
        const [a, b] = [at(start), at(start + length / 2)];
        const [r, i] = [real[b]! * c - imaginary[b]! * s, real[b]! * s + imaginary[b]! * c];
        real[b] = real[a]! - r;
        imaginary[b] = imaginary[a]! - i;
        real[a]! += r;
        imaginary[a]! += i;
      }
    }
  }
}

function greyLevels({ pixels, width, height }: Picture): Float64Array {
  return Float64Array.from(
    { length: width * height },
    (_, i) => 0.2126 * pixels[3 * i]! + 0.7152 * pixels[3 * i + 1]! + 0.0722 * pixels[3 * i + 2]!,
  );
}

function middle(grey: Float64Array, width: number, height: number): Float64Array {
  const [left, top] = [(width - WINDOW) >> 1, (height - WINDOW) >> 1];
  return Float64Array.from(
    { length: WINDOW * WINDOW },
    (_, i) => grey[(top + Math.floor(i / WINDOW)) * width + left + (i % WINDOW)]!,
  );
}

function opponentDeviations({ pixels }: Picture): NaturalStatistics['deviations'] {
  const axes = [
    [1, 1, 1],
    [1, 1, -2],
    [1, -1, 0],
  ] as const;
  const [lightness, blueYellow, redGreen] = axes.map((axis) => {
    const length = Math.hypot(...axis);
    let [sum, squares] = [0, 0];
    for (let i = 0; i < pixels.length; i += 3) {
      const value = (axis[0] * pixels[i]! + axis[1] * pixels[i + 1]! + axis[2] * pixels[i + 2]!) / length;
      sum += value;
      squares += value ** 2;
    }
    const count = pixels.length / 3;
    return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
  }) as [number, number, number];
  return [lightness, blueYellow, redGreen];
}
