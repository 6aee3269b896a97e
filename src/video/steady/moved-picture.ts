import type { Flow } from '../../motion/flow.ts';
import { flowOfRow } from '../../motion/warp.ts';

/** Rows of a picture moved along a flow, one after the other: nothing of the picture's size is made. */
export class MovedPicture {
  /** The row last read, [width, 3]; where it is not inside, what is there means nothing. */
  readonly row: Float32Array;
  readonly #across: Float32Array;
  readonly #down: Float32Array;
  readonly #width: number;
  readonly #height: number;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.row = new Float32Array(3 * width);
    [this.#across, this.#down] = [new Float32Array(width), new Float32Array(width)];
  }

  /**
   * Reads a row: by Catmull and Rom's cubic, as `warped` does, in the unit of the picture.
   *
   * @param from [height, width, 3]. @param weights [width]: pixels of weight 0 are skipped, and those that come from beyond the
   *   border get it.
   */
  read(from: Uint16Array, flow: Flow, y: number, weights: Float32Array): void {
    const width = this.#width;
    const height = this.#height;
    const across = this.#across;
    const down = this.#down;
    const row = this.row;
    const stride = 3 * width;
    flowOfRow(flow, y, across, down);
    for (let x = 0, to = 0; x < width; x++, to += 3) {
      if (weights[x] === 0) continue;
      const atX = x + across[x]!;
      const atY = y + down[x]!;
      if (!(atX >= 0 && atY >= 0 && atX <= width - 1 && atY <= height - 1)) {
        weights[x] = 0;
        continue;
      }
      const left = Math.floor(atX);
      const top = Math.floor(atY);
      const t = atX - left;
      const s = atY - top;
      const a0 = t * (-0.5 + t * (1 - 0.5 * t));
      const a1 = 1 + t * t * (1.5 * t - 2.5);
      const a2 = t * (0.5 + t * (2 - 1.5 * t));
      const a3 = t * t * (0.5 * t - 0.5);
      // At the border the outermost pixel is repeated.
      const p1 = 3 * left;
      const p0 = left < 1 ? p1 : p1 - 3;
      const p2 = left > width - 2 ? p1 : p1 + 3;
      const p3 = left > width - 3 ? p2 : p1 + 6;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let j = 0; j < 4; j++) {
        const wanted = top - 1 + j;
        const line = (wanted < 0 ? 0 : wanted >= height ? height - 1 : wanted) * stride;
        const weight =
          j === 0
            ? s * (-0.5 + s * (1 - 0.5 * s))
            : j === 1
              ? 1 + s * s * (1.5 * s - 2.5)
              : j === 2
                ? s * (0.5 + s * (2 - 1.5 * s))
                : s * s * (0.5 * s - 0.5);
        const q0 = line + p0;
        const q1 = line + p1;
        const q2 = line + p2;
        const q3 = line + p3;
        red += weight * (a0 * from[q0]! + a1 * from[q1]! + a2 * from[q2]! + a3 * from[q3]!);
        green += weight * (a0 * from[q0 + 1]! + a1 * from[q1 + 1]! + a2 * from[q2 + 1]! + a3 * from[q3 + 1]!);
        blue += weight * (a0 * from[q0 + 2]! + a1 * from[q1 + 2]! + a2 * from[q2 + 2]! + a3 * from[q3 + 2]!);
      }
      row[to] = red;
      row[to + 1] = green;
      row[to + 2] = blue;
    }
  }
}
