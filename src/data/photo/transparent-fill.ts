/**
 * Colours behind what cannot be seen. Editors leave black, white or rests there, and a network paints what it is given: a
 * dark fringe around everything cut out. So transparent places take on the colours of what is visible around
 * them, spread by a pyramid (pull and push: Gortler et al. 1996, 'The Lumigraph', §3.4) over cells of 8×8 pixels.
 */
import type { PictureSize, Samples } from '../../picture.ts';

/** Side of a cell in pixels. */
const CELL = 8;
/** From this opacity on a pixel's own colour stays; below, it is mixed with what lies around. */
const VISIBLE = 1 / 8;

interface Level {
  readonly width: number;
  readonly height: number;
  /** [height, width, 4]: red, green, blue and how well they are known, 0 to 1. */
  readonly cells: Float32Array;
}

export class TransparentFill {
  readonly #size: PictureSize;
  readonly #most: number;
  readonly #sums: Level;
  #filled: Level | undefined;

  /** @param most the value of an opaque pixel's alpha: 255 or 65535. */
  constructor(size: PictureSize, most: number) {
    this.#size = size;
    this.#most = most;
    this.#sums = level(Math.ceil(size.width / CELL), Math.ceil(size.height / CELL));
  }

  /** Takes rows to account, in any order. @param pixels [rows, width, 3] @param alpha [rows, width] @param from the first row's place. */
  add(pixels: Samples, alpha: Samples, from: number): void {
    const { width } = this.#size;
    const { cells, width: across } = this.#sums;
    for (let i = 0; i < alpha.length; i++) {
      const weight = alpha[i]! / this.#most;
      if (weight === 0) continue;
      const y = from + Math.floor(i / width);
      const cell = 4 * (Math.floor(y / CELL) * across + Math.floor((i % width) / CELL));
      for (let c = 0; c < 3; c++) cells[cell + c]! += weight * pixels[3 * i + c]!;
      cells[cell + 3]! += weight;
    }
  }

  /** Spreads the colours; call it when all rows have been taken. */
  spread(): void {
    const { cells } = this.#sums;
    for (let i = 0; i < cells.length; i += 4) {
      const weight = cells[i + 3]!;
      if (weight === 0) continue;
      for (let c = 0; c < 3; c++) cells[i + c]! /= weight;
      cells[i + 3] = Math.min(1, weight);
    }
    this.#filled = pushed(this.#sums, this.#most);
  }

  /** Puts colours behind what is transparent, in place. */
  apply(pixels: Samples, alpha: Samples, from: number): void {
    if (this.#filled === undefined) throw new Error('Colours have not been spread yet.');
    const { width } = this.#size;
    const colour = new Float32Array(4);
    for (let i = 0; i < alpha.length; i++) {
      const own = alpha[i]! / this.#most / VISIBLE;
      if (own >= 1) continue;
      const y = from + Math.floor(i / width);
      sample(this.#filled, (i % width) / CELL - 0.5 + 0.5 / CELL, y / CELL - 0.5 + 0.5 / CELL, colour);
      for (let c = 0; c < 3; c++) {
        pixels[3 * i + c] = Math.round(own * pixels[3 * i + c]! + (1 - own) * colour[c]!);
      }
    }
  }
}

function level(width: number, height: number): Level {
  return { width, height, cells: new Float32Array(4 * width * height) };
}

/** Every cell with a colour: its own as far as it has one, else that of the level above. Where nothing is visible, white. */
function pushed(own: Level, white: number): Level {
  const { width, height, cells } = own;
  if (width === 1 && height === 1) {
    const known = cells[3]!;
    for (let c = 0; c < 3; c++) cells[c] = known * cells[c]! + (1 - known) * white;
    return own;
  }
  const above = pushed(pulled(own), white);
  const colour = new Float32Array(4);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      const known = cells[i + 3]!;
      if (known === 1) continue;
      sample(above, x / 2 - 0.25, y / 2 - 0.25, colour);
      for (let c = 0; c < 3; c++) cells[i + c] = known * cells[i + c]! + (1 - known) * colour[c]!;
    }
  }
  return own;
}

/** Means of two by two cells, weighted by how well they are known. */
function pulled({ width, height, cells }: Level): Level {
  const above = level(Math.ceil(width / 2), Math.ceil(height / 2));
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      const to = 4 * ((y >> 1) * above.width + (x >> 1));
      const known = cells[i + 3]!;
      for (let c = 0; c < 3; c++) above.cells[to + c]! += known * cells[i + c]!;
      above.cells[to + 3]! += known;
    }
  }
  for (let i = 0; i < above.cells.length; i += 4) {
    const known = above.cells[i + 3]!;
    if (known === 0) continue;
    for (let c = 0; c < 3; c++) above.cells[i + c]! /= known;
    above.cells[i + 3] = Math.min(1, known);
  }
  return above;
}

/** The colour between cells, bilinear; beyond the border that of the border. */
function sample({ width, height, cells }: Level, x: number, y: number, colour: Float32Array): void {
  const [left, top] = [Math.max(0, Math.min(width - 1, x)), Math.max(0, Math.min(height - 1, y))];
  const [x0, y0] = [Math.floor(left), Math.floor(top)];
  const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
  const [u, v] = [left - x0, top - y0];
  for (let c = 0; c < 3; c++) {
    const above = (1 - u) * cells[4 * (y0 * width + x0) + c]! + u * cells[4 * (y0 * width + x1) + c]!;
    const below = (1 - u) * cells[4 * (y1 * width + x0) + c]! + u * cells[4 * (y1 * width + x1) + c]!;
    colour[c] = (1 - v) * above + v * below;
  }
}
