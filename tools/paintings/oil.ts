import type { Random } from '../../src/data/random.ts';
import type { Picture } from '../../src/picture.ts';
import type { Colour } from './canvas.ts';
import { noise2 } from './noise.ts';

/** Places and lengths are in sides of the picture, as those of all drawings here; x to the right, y downwards. */
export type Point = readonly [x: number, y: number];

/** What a brush does with paint. */
export interface Brush {
  readonly width: number;
  /** Height of the paint it leaves. 0 is a stain, 1 thick impasto that casts light and shade. */
  readonly relief: number;
  /** Share of the hairs' tracks that breaks off before the stroke ends, 0 to 1. */
  readonly dryness: number;
  /** Opacity of the paint, 0 to 1. */
  readonly cover: number;
}

/** What a brush picked up at once, one colour at one edge of the hairs more than at the other, and did not mix. */
export type Load = readonly [Colour, Colour];

/** Height of thick paint, which makes its slopes: in sides, as widths are, so that a larger picture is lit alike. */
const DEPTH = 1 / 614;
/** Length of a path's straight pieces. */
const STEP = 1 / 220;
/** Tracks of hairs a stroke has at least; wide strokes have more. */
const FEWEST_HAIRS = 4;
const HAIR_WIDTH = 1 / 330;
/** Bumps of the canvas along a side, on which a dry brush catches. */
const BUMPS = 240;
/** Towards the light: from the upper left, as in most paintings. */
const LIGHT: Point = [-0.55, -0.83];

/** Oil paint on a square canvas: its colour, and its height. */
export class OilCanvas {
  readonly side: number;
  readonly #colour: Float32Array;
  readonly #height: Float32Array;
  /** What a dry hair catches on: 1 on bumps of the canvas, 0 in its hollows. */
  readonly #tooth: Float32Array;
  /** Of the pixels near the stroke that is being laid: where in it they are, in pixels. */
  readonly #along: Float32Array;
  readonly #across: Float32Array;
  /** The last stroke that came near a pixel, by its number. */
  readonly #stamp: Int32Array;
  #strokes = 0;

  constructor(side: number, ground: Colour) {
    this.side = side;
    this.#colour = new Float32Array(3 * side * side);
    for (let i = 0; i < side * side; i++) this.#colour.set(ground, 3 * i);
    this.#height = new Float32Array(side * side);
    const bumps = BUMPS / side;
    this.#tooth = Float32Array.from({ length: side * side }, (_, i) =>
      clamp01(0.5 + 0.6 * noise2(bumps * (i % side), bumps * Math.floor(i / side))),
    );
    this.#along = new Float32Array(side * side);
    this.#across = new Float32Array(side * side);
    this.#stamp = new Int32Array(side * side);
  }

  /**
   * Draws a brush along a path. Each hair has its own mixture of the two colours, its own groove in the paint, and its own
   * place where it touches the canvas and where it runs dry. Paint pushed aside rises at the edges.
   */
  stroke(path: readonly Point[], brush: Brush, [one, other]: Load, next: Random): void {
    const half = (brush.width * this.side) / 2;
    const { pixels, length } = this.#near(path, half);
    const hairs = Math.max(FEWEST_HAIRS, Math.round(brush.width / HAIR_WIDTH));
    const mixture = Array.from({ length: hairs + 2 }, next);
    const groove = Array.from({ length: hairs + 2 }, next);
    const ragged = Array.from({ length: hairs + 2 }, next);
    const lean = 0.5 * (next() < 0.5 ? 1 : -1);
    for (const i of pixels) {
      const v = this.#across[i]! / half;
      const s = this.#along[i]!;
      const t = clamp01(0.18 + (0.75 * s) / length);
      const belly = 0.72 + 1.12 * t * (1 - t);
      const edge = (belly - Math.abs(v)) * half + 0.5;
      if (edge <= 0) continue;
      const hair = (0.5 + 0.5 * Math.max(-1, Math.min(1, v))) * hairs;
      const torn = between(ragged, hair);
      const round = half * Math.sqrt(Math.max(0, 1 - v * v));
      const begun = s + 0.7 * round - 0.5 * half * torn;
      const left = length + 0.7 * round - s - brush.dryness * length * torn * torn * torn - 0.5 * half * torn;
      const inside = Math.min(1, edge) * clamp01(begun + 0.5) * clamp01(left + 0.5);
      if (inside <= 0) continue;
      const part = clamp01(0.5 + lean * v * 0.7 + 1.1 * (between(mixture, hair) - 0.5));
      // Towards the end paint stays on bumps only, the sooner the drier the hair.
      const spent = brush.dryness * (0.25 + (0.75 * s) / length) * (0.4 + torn);
      const caught = clamp01(0.5 + 5 * (this.#tooth[i]! + 0.35 - spent));
      const opacity = inside * caught * brush.cover;
      for (let c = 0; c < 3; c++) {
        const at = 3 * i + c;
        const paint = one[c]! + part * (other[c]! - one[c]!);
        this.#colour[at] = this.#colour[at]! + opacity * (paint - this.#colour[at]!);
      }
      const bank = Math.max(0, 1 - ((Math.abs(v) / belly - 0.78) / 0.24) ** 2);
      const bead = clamp01(1 - left / (half + 1));
      const height = brush.relief * (0.45 + 0.65 * between(groove, hair) + 0.45 * bank + 0.5 * bead);
      this.#height[i] =
        this.#height[i]! + inside * caught * (height + 0.3 * this.#height[i]! - this.#height[i]!);
    }
  }

  /** The canvas under a lamp: slopes that face it lighter, those that turn away darker, crests with a shine of oil. */
  picture(): Picture {
    const { side } = this;
    const pixels = new Uint8ClampedArray(3 * side * side);
    const steepness = DEPTH * side;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const slope = steepness * (LIGHT[0] * this.#slope(x, y, 1, 0) + LIGHT[1] * this.#slope(x, y, 0, 1));
        // Facing the light is going down towards it.
        const lit = Math.tanh(-slope);
        const shine = 46 * Math.max(0, lit - 0.35) ** 1.5;
        const at = 3 * (y * side + x);
        for (let c = 0; c < 3; c++)
          pixels[at + c] = this.#colour[at + c]! * (1 + (lit > 0 ? 0.22 : 0.42) * lit) + shine;
      }
    }
    return { pixels: new Uint8Array(pixels.buffer), width: side, height: side };
  }

  /**
   * Slope of the paint's height towards (dx, dy), one of them 0, by Sobel's operator: the mean over three lines side by side keeps
   * the steps of pixels along a slanting stroke out of the light. At a border the nearest pixel stands for the missing one.
   */
  #slope(x: number, y: number, dx: number, dy: number): number {
    let sum = 0;
    for (let line = -1; line <= 1; line++) {
      const [u, v] = [x + line * dy, y + line * dx];
      sum += (2 - Math.abs(line)) * (this.#heightAt(u + dx, v + dy) - this.#heightAt(u - dx, v - dy));
    }
    return sum / 4;
  }

  #heightAt(x: number, y: number): number {
    const last = this.side - 1;
    return this.#height[Math.max(0, Math.min(last, y)) * this.side + Math.max(0, Math.min(last, x))]!;
  }

  /** Marks pixels within reach of the path with their place along and across the nearest piece of it. */
  #near(path: readonly Point[], half: number): { pixels: number[]; length: number } {
    const { side } = this;
    const pixels: number[] = [];
    const stamp = ++this.#strokes;
    const reach = half + 1;
    let length = 0;
    for (let n = 1; n < path.length; n++) {
      const [ax, ay] = [path[n - 1]![0] * side, path[n - 1]![1] * side];
      const [bx, by] = [path[n]![0] * side, path[n]![1] * side];
      const piece = Math.hypot(bx - ax, by - ay);
      if (piece === 0) continue;
      const [ux, uy] = [(bx - ax) / piece, (by - ay) / piece];
      const [first, last] = [n === 1, n === path.length - 1];
      const [left, right] = [
        Math.max(0, Math.floor(Math.min(ax, bx) - reach)),
        Math.min(side - 1, Math.ceil(Math.max(ax, bx) + reach)),
      ];
      const [top, bottom] = [
        Math.max(0, Math.floor(Math.min(ay, by) - reach)),
        Math.min(side - 1, Math.ceil(Math.max(ay, by) + reach)),
      ];
      for (let y = top; y <= bottom; y++) {
        for (let x = left; x <= right; x++) {
          const t = (x - ax) * ux + (y - ay) * uy;
          const v = (y - ay) * ux - (x - ax) * uy;
          // Inner pieces overlap by a pixel, so that no gap opens at the outside of a bend.
          if (t < (first ? -reach : -1) || t > piece + (last ? reach : 1) || Math.abs(v) > reach) continue;
          const i = y * side + x;
          if (this.#stamp[i] !== stamp) {
            this.#stamp[i] = stamp;
            pixels.push(i);
          } else if (Math.abs(v) >= Math.abs(this.#across[i]!)) continue;
          this.#along[i] = length + t;
          this.#across[i] = v;
        }
      }
      length += piece;
    }
    return { pixels, length };
  }
}

/** A part of the picture that is covered with strokes of one kind. */
export interface Passage {
  /** Strokes begin and stay where this holds. */
  holds(x: number, y: number): boolean;
  /** The way strokes run, in radians: 0 is to the right, a quarter turn is downwards. */
  direction(x: number, y: number): number;
  load(x: number, y: number): Load;
  /** Size of strokes there, 1 without it. */
  readonly size?: (x: number, y: number) => number;
}

export interface Layer extends Brush {
  /** Distance between neighbouring strokes' middles. */
  readonly spacing: number;
  readonly length: number;
  /** Share of places that get a stroke; 1 without it. */
  readonly share?: number;
}

/** Covers a passage with strokes about evenly apart, in random order. */
export function cover(canvas: OilCanvas, passage: Passage, layer: Layer, next: Random): void {
  const count = Math.ceil(1 / layer.spacing);
  const places: { x: number; y: number; order: number }[] = [];
  for (let v = -1; v <= count; v++)
    for (let u = -1; u <= count; u++)
      places.push({ x: (u + next()) / count, y: (v + next()) / count, order: next() });
  places.sort((a, b) => a.order - b.order);
  for (const { x, y } of places) {
    if (next() > (layer.share ?? 1) || !passage.holds(x, y)) continue;
    const size = passage.size?.(x, y) ?? 1;
    const path = follow([x, y], size * layer.length * (0.7 + 0.6 * next()), passage);
    if (path.length < 3) continue;
    const width = size * layer.width * (0.75 + 0.5 * next());
    canvas.stroke(path, { ...layer, width }, passage.load(x, y), next);
  }
}

/** The path through a place that runs with the passage's direction, both ways, until it would leave the passage. */
export function follow(
  middle: Point,
  length: number,
  passage: Pick<Passage, 'holds' | 'direction'>,
): Point[] {
  const walk = (sign: 1 | -1): Point[] => {
    const points: Point[] = [];
    let [x, y] = middle;
    for (let gone = 0; gone < length / 2; gone += STEP) {
      const angle = passage.direction(x, y);
      x += sign * STEP * Math.cos(angle);
      y += sign * STEP * Math.sin(angle);
      if (!passage.holds(x, y)) break;
      points.push([x, y]);
    }
    return points;
  };
  return [...walk(-1).reverse(), middle, ...walk(1)];
}

/** A colour of a palette whose neighbours blend, `place` from 0 to 1, next to another close by, both a little off. */
export function loadFrom(palette: readonly Colour[], place: number, next: Random, spread = 0.12): Load {
  const pick = (at: number): Colour => {
    const step = clamp01(at) * (palette.length - 1);
    const low = palette[Math.floor(step)]!;
    const high = palette[Math.ceil(step)]!;
    const light = 0.84 + 0.32 * next();
    return low.map((value, c) => {
      const mixed = value + (step % 1) * (high[c]! - value);
      return Math.min(255, mixed * light + 14 * (next() - 0.5));
    }) as unknown as Colour;
  };
  const at = place + spread * (next() + next() - 1);
  return [pick(at), pick(at + 2 * spread * (next() - 0.5))];
}

function between(values: readonly number[], place: number): number {
  const low = Math.floor(place);
  return values[low]! + (place - low) * (values[low + 1]! - values[low]!);
}

function clamp01(value: number): number {
  return Math.max(0, Math.min(1, value));
}
