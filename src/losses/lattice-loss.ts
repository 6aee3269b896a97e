import * as tf from '../engine/tensorflow.ts';
import { meanOf, type Reduction } from './reduction.ts';
import { type Term, valuedBy } from './term.ts';

/** Pixels after which a network that halves twice and enlarges twice repeats what it does. */
const PERIOD = 4;
/** Side of the filters, and the least of a picture: two periods under a Hann window, blind to flats and all but blind to ramps. */
const SIDE = 2 * PERIOD;
/** Side in periods of the windows over which the lattice is followed. */
const CELLS = 16;

/**
 * Mean square of what a picture repeats every 4 px, locked to the grid: the weave that enlarging networks lay over
 * flats (Odena et al. 2016), measured where it is made. Texture of the same frequencies is spared: it is in
 * step with the grid nowhere for long, and its amplitudes cancel within a window.
 *
 *   a_k(cell) = Σ_{x,y} w(x) w(y) b_k(x, y) · pixel,   L = Σ_k mean( (mean over a window of cells a_k)² )
 *
 * with w a Hann window over 8 px whose place moves by 4 px from cell to cell, b_k the 15 real waves of periods 4 and 2 px
 * (and both, in each direction), scaled so that L of such a wave alone is its mean square.
 *
 * @param images [N, H, W, C], pixels in [0, 255], H and W at least 8: the unit is squared grey levels.
 * @returns scalar; [N] of each. Caller disposes.
 */
export function latticeLoss(images: tf.Tensor4D, of: Reduction = 'all'): tf.Tensor {
  const [count, height, width, channels] = images.shape;
  if (height < SIDE || width < SIDE)
    throw new RangeError(
      `The lattice loss needs at least ${SIDE}×${SIDE} pixels but got ${width}×${height}.`,
    );
  return tf.tidy(() => {
    // Without the mean, filters rounded to bf16 respond to waves only.
    const centred = tf.sub(images, tf.mean(images, [1, 2], true));
    const planes = tf.reshape(tf.transpose(centred, [0, 3, 1, 2]), [count * channels, height, width, 1]);
    const amplitudes = tf.conv2d(planes as tf.Tensor4D, waves(), PERIOD, 'valid');
    const [, rows, columns] = amplitudes.shape;
    const window: [number, number] = [Math.min(CELLS, rows), Math.min(CELLS, columns)];
    const coherent = tf.avgPool(amplitudes, window, CELLS / 2, 'valid');
    const [, , , filters] = coherent.shape;
    const squares = tf.square(coherent);
    const ofImages = of === 'all' ? squares : tf.reshape(squares, [count, -1]);
    return tf.mul(meanOf(of, ofImages), filters);
  });
}

export interface LatticeWeights {
  /** Defaults to 0. */
  readonly latticeWeight?: number;
}

/** Where it has no weight it is 0: a picture may then be too small for it. */
export function latticeTerm({ latticeWeight = 0 }: LatticeWeights): Term {
  return {
    name: 'lattice',
    weight: latticeWeight,
    layers: {},
    leastSide: SIDE,
    ...valuedBy((of, picture) => (latticeWeight > 0 ? latticeLoss(picture, of) : tf.scalar(0))),
  };
}

/** The 15 filters, [8, 8, 1, 15]. Caller disposes. */
function waves(): tf.Tensor4D {
  const filters: number[][] = [];
  for (let v = 0; v < PERIOD; v++) {
    for (let u = 0; u < PERIOD; u++) {
      // (u, v) and (−u, −v) are one wave.
      const [mu, mv] = [(PERIOD - u) % PERIOD, (PERIOD - v) % PERIOD];
      if ((u === 0 && v === 0) || mv < v || (mv === v && mu < u)) continue;
      const isReal = mu === u && mv === v;
      filters.push(filter(u, v, Math.cos, isReal ? 1 : Math.SQRT2));
      if (!isReal) filters.push(filter(u, v, Math.sin, Math.SQRT2));
    }
  }
  const values = Array.from({ length: SIDE * SIDE }, (_, i) => filters.map((one) => one[i]!)).flat();
  return tf.tensor4d(Float32Array.from(values), [SIDE, SIDE, 1, filters.length]);
}

function filter(u: number, v: number, wave: (x: number) => number, scale: number): number[] {
  const hann = (i: number) => Math.sin((Math.PI * (i + 0.5)) / SIDE) ** 2 / (SIDE / 2);
  return Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    return scale * hann(x) * hann(y) * wave((2 * Math.PI * (u * x + v * y)) / PERIOD);
  });
}
