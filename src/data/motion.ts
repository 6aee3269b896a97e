/** Known motions of a picture: what a camera that pans and zooms would show, exactly known for every pixel. */
import type { Picture } from '../picture.ts';

/** A pan and a zoom about the picture's middle. */
export interface Motion {
  /** Pixels by which the picture moves to the right and down; fractions too. */
  readonly right: number;
  readonly down: number;
  /** Enlargement: above 1 nearer. */
  readonly zoom: number;
}

/** Weights along one side: `count` neighbours of `size` places for each of `size` new places. */
export interface Taps {
  readonly size: number;
  readonly count: number;
  /** [size · count] places in the old row, mirrored at its ends, and their weights. */
  readonly places: Int32Array;
  readonly weights: Float32Array;
  /** [size] 1 where the new place lies inside the old row, 0 where it shows a mirrored part. */
  readonly inside: Float32Array;
}

/** Lobes of the Lanczos window. */
const LOBES = 3;

/**
 * How a row of `size` pixels is resampled when it moves by `shift` and is enlarged by `zoom` about its middle c:
 *
 *   new(i) = Σ_k w(s − k) old(k),   s = c + (i − c − shift) / zoom,   w(t) = sinc(t) · sinc(t / 3)
 *
 * the windowed sinc of Duchon (1979, 'Lanczos Filtering in One and Two Dimensions'), stretched where the picture shrinks, with
 * weights brought to a sum of 1. Not bilinear: that blurs by up to half of the finest detail wherever the shift is a fraction, and
 * what is compared with its result learns to be blurred. Places beyond the ends are mirrored about the last pixel.
 */
export function motionTaps(size: number, shift: number, zoom: number): Taps {
  const stretch = Math.max(1, 1 / zoom);
  const count = 2 * Math.ceil(LOBES * stretch) + 1;
  const middle = (size - 1) / 2;
  const places = new Int32Array(size * count);
  const weights = new Float32Array(size * count);
  const inside = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const source = middle + (i - middle - shift) / zoom;
    inside[i] = source >= 0 && source <= size - 1 ? 1 : 0;
    const first = Math.round(source) - (count - 1) / 2;
    const raw = Array.from({ length: count }, (_, k) => lanczos((source - first - k) / stretch));
    const sum = raw.reduce((total, weight) => total + weight, 0);
    raw.forEach((weight, k) => {
      places[i * count + k] = mirrored(first + k, size);
      weights[i * count + k] = weight / sum;
    });
  }
  return { size, count, places, weights, inside };
}

function lanczos(t: number): number {
  if (Math.abs(t) >= LOBES) return 0;
  return sinc(t) * sinc(t / LOBES);
}

// Whole numbers are exact: a shift by whole pixels is a copy.
const sinc = (t: number) => (t === 0 ? 1 : Number.isInteger(t) ? 0 : Math.sin(Math.PI * t) / (Math.PI * t));

function mirrored(place: number, size: number): number {
  const period = 2 * (size - 1);
  const at = ((place % period) + period) % period;
  return at < size ? at : period - at;
}

/** The same as a matrix, [size, size], row by row: new = matrix · old. */
export function motionMatrix({ size, count, places, weights }: Taps): Float32Array {
  const matrix = new Float32Array(size * size);
  for (let i = 0; i < size; i++)
    for (let k = i * count; k < (i + 1) * count; k++) matrix[i * size + places[k]!]! += weights[k]!;
  return matrix;
}

/** A picture after a motion, and where of it is known. */
export interface ShiftedPicture {
  readonly picture: Picture;
  /** [height · width]: 1 where the pixel was in the picture, 0 where a mirrored part fills what has come into view. */
  readonly inside: Uint8Array;
}

/** Moves a picture; values are rounded to 8 bits. @param picture at least 2 px in height and width. */
export function movedPicture(
  { pixels, width, height }: Picture,
  { right, down, zoom }: Motion,
): ShiftedPicture {
  const across = motionTaps(width, right, zoom);
  const along = motionTaps(height, down, zoom);
  const rows = new Float32Array(height * width * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = x * across.count; k < (x + 1) * across.count; k++)
          sum += across.weights[k]! * pixels[(y * width + across.places[k]!) * 3 + c]!;
        rows[(y * width + x) * 3 + c] = sum;
      }
  const moved = new Uint8ClampedArray(height * width * 3);
  const inside = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let at = 0; at < width * 3; at++) {
      let sum = 0;
      for (let k = y * along.count; k < (y + 1) * along.count; k++)
        sum += along.weights[k]! * rows[along.places[k]! * width * 3 + at]!;
      moved[y * width * 3 + at] = sum;
    }
    for (let x = 0; x < width; x++) inside[y * width + x] = along.inside[y]! * across.inside[x]!;
  }
  return { picture: { pixels: new Uint8Array(moved.buffer), width, height }, inside };
}
