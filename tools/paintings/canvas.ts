import type { Picture } from '../../src/picture.ts';

export type Colour = readonly [red: number, green: number, blue: number];

/** A square canvas, 8 bit RGB. */
export class Canvas {
  readonly side: number;
  readonly #pixels: Uint8ClampedArray;

  constructor(side: number, colour: Colour) {
    this.side = side;
    this.#pixels = new Uint8ClampedArray(side * side * 3);
    for (let i = 0; i < side * side; i++) this.#pixels.set(colour, 3 * i);
  }

  /** Lays colour over a pixel; `cover` from 0 to 1. Outside the canvas nothing happens. */
  lay(x: number, y: number, colour: Colour, cover: number): void {
    if (x < 0 || y < 0 || x >= this.side || y >= this.side) return;
    const at = (y * this.side + x) * 3;
    for (let c = 0; c < 3; c++) {
      const under = this.#pixels[at + c]!;
      this.#pixels[at + c] = under + cover * (colour[c]! - under);
    }
  }

  /** A disc with a soft rim of one pixel. */
  disc(cx: number, cy: number, radius: number, colour: Colour, cover: number): void {
    for (let y = Math.floor(cy - radius); y <= cy + radius + 1; y++)
      for (let x = Math.floor(cx - radius); x <= cx + radius + 1; x++) {
        const inside = Math.max(0, Math.min(1, radius - Math.hypot(x - cx, y - cy) + 0.5));
        if (inside > 0) this.lay(x, y, colour, cover * inside);
      }
  }

  picture(): Picture {
    return { pixels: new Uint8Array(this.#pixels.buffer), width: this.side, height: this.side };
  }
}
