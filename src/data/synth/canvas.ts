/** What pictures are composed on: linear light, of which a window is kept. */

export interface Canvas {
  /** Pixels of the window. */
  readonly width: number;
  readonly height: number;
  /** Where the window lies in the scene, px. */
  readonly left: number;
  readonly top: number;
  /** Side of the whole, square scene, px. */
  readonly side: number;
  /** Light, [height, width] each; 1 is white in the sun, more is brighter. */
  readonly red: Float32Array;
  readonly green: Float32Array;
  readonly blue: Float32Array;
}

export function createCanvas(size: number, left: number, top: number, side: number): Canvas {
  const plane = () => new Float32Array(size * size);
  return { width: size, height: size, left, top, side, red: plane(), green: plane(), blue: plane() };
}

/** Pixels of the window that a box of the scene touches; empty ones have `right` ≤ `left` or `bottom` ≤ `top`. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function pixelBox(canvas: Canvas, x: number, y: number, reachX: number, reachY: number): PixelBox {
  return {
    left: Math.max(0, Math.floor(x - reachX - canvas.left)),
    top: Math.max(0, Math.floor(y - reachY - canvas.top)),
    right: Math.min(canvas.width, Math.ceil(x + reachX - canvas.left)),
    bottom: Math.min(canvas.height, Math.ceil(y + reachY - canvas.top)),
  };
}

/** Whether nothing within `reach` px of a point of the scene is in the window: then it need not be drawn. */
export function isOutside(
  { left, top, width, height }: Canvas,
  x: number,
  y: number,
  reach: number,
): boolean {
  const isBeside = x + reach < left || x - reach > left + width;
  return isBeside || y + reach < top || y - reach > top + height;
}

/** Lays light of a colour over a pixel. @param cover share of the pixel that it covers, 0 to 1. */
export function lay(canvas: Canvas, at: number, r: number, g: number, b: number, cover: number): void {
  const { red, green, blue } = canvas;
  red[at] = red[at]! + cover * (r - red[at]!);
  green[at] = green[at]! + cover * (g - green[at]!);
  blue[at] = blue[at]! + cover * (b - blue[at]!);
}

/** Darkens or brightens a pixel. */
export function dim(canvas: Canvas, at: number, factor: number): void {
  const { red, green, blue } = canvas;
  red[at] = red[at]! * factor;
  green[at] = green[at]! * factor;
  blue[at] = blue[at]! * factor;
}
