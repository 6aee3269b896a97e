import type { Picture } from '../picture.ts';

/** Energy that stands out at the frequencies of one period. */
export interface LatticeEnergy {
  /** Root mean square of what stands out over neighbouring frequencies, in grey levels: ±A on a checkerboard is A. */
  readonly rms: number;
  /** Energy at the period's frequencies over what neighbouring frequencies would put there; 1 is none of its own. */
  readonly ratio: number;
}

/** Half the width of a peak in bins: a Hann window spreads a line over three. */
const PEAK = 2;
/** Neighbouring frequencies: from this far, in bins, … */
const NEAR = 4;
/** … to this far. */
const FAR = 10;

/**
 * Checkerboards and weaves: energy of a picture's spectrum at the periods of up-sampling. A network that enlarges twice by
 * 2 repeats itself every 2 and 4 px, and what it does wrong shows as lines in the spectrum at multiples of 1/2 and 1/4
 * cycles per pixel (Odena et al. 2016, 'Deconvolution and Checkerboard Artifacts'; Durall et al. 2020). Lines are distinguished
 * from texture by their neighbours in frequency:
 *
 *   P(f) = Σ_{|k − f| ≤ 2} |X_k|²,   B(f) = the same number of bins at the mean of those 4 to 10 bins away
 *   rms² = Σ_f max(0, P − B) / (N² Σ w²),   ratio = Σ_f P / Σ_f B
 *
 * with X the transform of the picture's central square under a Hann window w, a channel at a time, the mean of three.
 *
 * @param picture at least 64 px in height and width; meant for what is painted of flat and gently graded pictures.
 * @throws {RangeError} it is smaller.
 */
export function latticeEnergy(picture: Picture): Readonly<Record<2 | 4, LatticeEnergy>> {
  const size = Math.floor(Math.min(picture.width, picture.height, 256) / 4) * 4;
  if (size < 64) throw new RangeError(`Expected 64 px or more, got ${picture.width}×${picture.height}.`);
  const waves = wavesAt(size);
  const window = Float64Array.from({ length: size }, (_, i) => Math.sin((Math.PI * (i + 0.5)) / size) ** 2);
  const windowEnergy = window.reduce((sum, w) => sum + w * w, 0) ** 2;
  const sums = { 2: { peak: 0, background: 0, excess: 0 }, 4: { peak: 0, background: 0, excess: 0 } };
  for (let channel = 0; channel < 3; channel++) {
    const power = powerAt(windowed(picture, channel, size, window), size, waves);
    for (let v = 0; v < 4; v++) {
      for (let u = 0; u < 4; u++) {
        if (u === 0 && v === 0) continue;
        const { peak, background } = peakAndBackground(power, u, v);
        const sum = sums[u % 2 === 0 && v % 2 === 0 ? 2 : 4];
        sum.peak += peak;
        sum.background += background;
        sum.excess += Math.max(0, peak - background);
      }
    }
  }
  const energy = ({ peak, background, excess }: (typeof sums)[2]): LatticeEnergy => ({
    rms: Math.sqrt(excess / 3 / (size * size * windowEnergy)),
    // A picture without any texture has nothing that could stand out.
    ratio: background > 0 ? peak / background : peak > 0 ? Number.POSITIVE_INFINITY : 1,
  });
  return { 2: energy(sums[2]), 4: energy(sums[4]) };
}

/** The central square of a channel without its mean, under the window. */
function windowed(
  { pixels, width, height }: Picture,
  channel: number,
  size: number,
  window: Float64Array,
): Float64Array {
  const left = Math.floor((width - size) / 2);
  const top = Math.floor((height - size) / 2);
  const values = new Float64Array(size * size);
  let mean = 0;
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const value = pixels[((top + y) * width + left + x) * 3 + channel]!;
      values[y * size + x] = value;
      mean += value / (size * size);
    }
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      values[y * size + x] = (values[y * size + x]! - mean) * window[x]! * window[y]!;
  return values;
}

/** Peak at a quarter-frequency and what its neighbours would put there. */
function peakAndBackground(power: readonly Float64Array[], u: number, v: number) {
  let [peak, peakBins, around, aroundBins] = [0, 0, 0, 0];
  const width = 2 * FAR + 1;
  for (let dv = -FAR; dv <= FAR; dv++) {
    for (let du = -FAR; du <= FAR; du++) {
      const distance = Math.max(Math.abs(du), Math.abs(dv));
      const value = power[v * width + dv + FAR]![u * width + du + FAR]!;
      if (distance <= PEAK) {
        peak += value;
        peakBins++;
      } else if (distance >= NEAR) {
        around += value;
        aroundBins++;
      }
    }
  }
  return { peak, background: (around / aroundBins) * peakBins };
}

/** Of the last size: a style is judged on several pictures of one. */
let kept: { readonly size: number; readonly waves: readonly Series[] } | undefined;

/** Waves of the frequencies around multiples of a quarter of the size, one multiple after the other. */
function wavesAt(size: number): readonly Series[] {
  if (kept?.size !== size) kept = { size, waves: makeWaves(size) };
  return kept.waves;
}

function makeWaves(size: number): readonly Series[] {
  const bins = [0, 1, 2, 3].flatMap((quarter) =>
    Array.from({ length: 2 * FAR + 1 }, (_, i) => (quarter * size) / 4 + i - FAR),
  );
  return bins.map((bin) => {
    const angles = Float64Array.from({ length: size }, (_, at) => {
      const phase = (((bin + size) % size) * at) % size;
      return (2 * Math.PI * phase) / size;
    });
    return { re: angles.map(Math.cos), im: angles.map((angle) => -Math.sin(angle)) };
  });
}

/**
 * |X|² at the waves' frequencies, rows v by columns u: the Fourier sum written out, first along rows, then along columns. That of a
 * real picture is the same at (−u, −v), so half of the columns are enough.
 */
function powerAt(values: Float64Array, size: number, waves: readonly Series[]): Float64Array[] {
  const power = waves.map(() => new Float64Array(waves.length));
  waves.forEach((wave, u) => {
    const opposite = negative(u);
    if (opposite < u) return;
    const column = { re: new Float64Array(size), im: new Float64Array(size) };
    for (let y = 0; y < size; y++) alongRow(values, y * size, wave, column, y);
    waves.forEach((down, v) => {
      power[negative(v)]![opposite] = power[v]![u] = powerOf(column, down);
    });
  });
  return power;
}

/** Place among the waves of the frequency −f of the one at a place: the waves around a quarter lie around the negative quarter in turn. */
function negative(place: number): number {
  const width = 2 * FAR + 1;
  const quarter = Math.floor(place / width);
  return ((4 - quarter) % 4) * width + width - 1 - (place % width);
}

/** Complex numbers. */
interface Series {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

// Each inner loop in a function of its own: within closures V8 runs them four times as long.

/** Σ_x value(x)·wave(x) over the real values from `start`, into `to` at `y`. */
function alongRow(values: Float64Array, start: number, { re, im }: Series, to: Series, y: number): void {
  let [a, b] = [0, 0];
  for (let x = 0; x < re.length; x++) {
    const value = values[start + x]!;
    a += value * re[x]!;
    b += value * im[x]!;
  }
  to.re[y] = a;
  to.im[y] = b;
}

/** |Σ_y column(y)·wave(y)|². */
function powerOf({ re, im }: Series, wave: Series): number {
  const { re: cos, im: sin } = wave;
  let [a, b] = [0, 0];
  for (let y = 0; y < re.length; y++) {
    a += re[y]! * cos[y]! - im[y]! * sin[y]!;
    b += im[y]! * cos[y]! + re[y]! * sin[y]!;
  }
  return a * a + b * b;
}
