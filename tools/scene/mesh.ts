import { type Bvh, buildBvh } from './bvh.ts';

export type Colour = readonly [red: number, green: number, blue: number];
export type Point = readonly [x: number, y: number, z: number];

/** How a flat piece fills the span of its two edges. */
export const SHAPE = { triangle: 0, quad: 1, leaf: 2 } as const;
export type Shape = (typeof SHAPE)[keyof typeof SHAPE];

/** What a piece is made of; light.ts gives each its look. */
export const MATERIAL = {
  plain: 0,
  plaster: 1,
  tiles: 2,
  glass: 3,
  leaf: 4,
  bark: 5,
  stone: 6,
  wood: 7,
  rock: 8,
} as const;
export type Material = (typeof MATERIAL)[keyof typeof MATERIAL];

/** Flat pieces, each a corner and two edges (nine numbers), with a linear colour and a box tree over all. */
export type Mesh = {
  corners: Float32Array;
  shapes: Uint8Array;
  materials: Uint8Array;
  colours: Float32Array;
  bvh: Bvh;
};

/** Collects pieces, in metres, under a movable frame (turned about the vertical, then shifted). */
export class MeshBuilder {
  private readonly corners: number[] = [];
  private readonly shapes: number[] = [];
  private readonly materials: number[] = [];
  private readonly colours: number[] = [];
  private frame = { x: 0, y: 0, z: 0, cos: 1, sin: 0 };

  moveTo(x: number, y: number, z: number, turn: number): void {
    this.frame = { x, y, z, cos: Math.cos(turn), sin: Math.sin(turn) };
  }

  add(shape: Shape, material: Material, colour: Colour, corner: Point, edge1: Point, edge2: Point): void {
    const { x, y, z, cos, sin } = this.frame;
    this.corners.push(
      x + cos * corner[0] + sin * corner[2],
      y + corner[1],
      z - sin * corner[0] + cos * corner[2],
    );
    for (const edge of [edge1, edge2]) {
      this.corners.push(cos * edge[0] + sin * edge[2], edge[1], cos * edge[2] - sin * edge[0]);
    }
    this.shapes.push(shape);
    this.materials.push(material);
    this.colours.push(...colour);
  }

  quad(material: Material, colour: Colour, corner: Point, edge1: Point, edge2: Point): void {
    this.add(SHAPE.quad, material, colour, corner, edge1, edge2);
  }

  /** An upright block between two opposite corners, without its floor. */
  block(material: Material, colour: Colour, low: Point, high: Point): void {
    const [x, y, z] = low;
    const dx = high[0] - x;
    const dy = high[1] - y;
    const dz = high[2] - z;
    this.quad(material, colour, low, [dx, 0, 0], [0, dy, 0]);
    this.quad(material, colour, [x, y, high[2]], [dx, 0, 0], [0, dy, 0]);
    this.quad(material, colour, low, [0, 0, dz], [0, dy, 0]);
    this.quad(material, colour, [high[0], y, z], [0, 0, dz], [0, dy, 0]);
    this.quad(material, colour, [x, high[1], z], [dx, 0, 0], [0, 0, dz]);
  }

  /** A tapering stem of flat sides from one point to another. */
  stem(
    material: Material,
    colour: Colour,
    from: Point,
    to: Point,
    r0: number,
    r1: number,
    sides: number,
  ): void {
    const axis: Point = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
    const [p, q] = crossAxes(axis);
    for (let i = 0; i < sides; i++) {
      const a = (2 * Math.PI * i) / sides;
      const b = (2 * Math.PI * (i + 1)) / sides;
      const rim = (centre: Point, radius: number, angle: number): Point => [
        centre[0] + radius * (Math.cos(angle) * p[0] + Math.sin(angle) * q[0]),
        centre[1] + radius * (Math.cos(angle) * p[1] + Math.sin(angle) * q[1]),
        centre[2] + radius * (Math.cos(angle) * p[2] + Math.sin(angle) * q[2]),
      ];
      this.triangle(material, colour, rim(from, r0, a), rim(from, r0, b), rim(to, r1, a));
      this.triangle(material, colour, rim(from, r0, b), rim(to, r1, b), rim(to, r1, a));
    }
  }

  triangle(material: Material, colour: Colour, a: Point, b: Point, c: Point): void {
    this.add(SHAPE.triangle, material, colour, a, subtract(b, a), subtract(c, a));
  }

  build(): Mesh {
    const corners = Float32Array.from(this.corners);
    const boxes = new Float32Array((corners.length / 9) * 6);
    for (let piece = 0; piece < corners.length / 9; piece++) {
      const triangle = this.shapes[piece] === SHAPE.triangle;
      for (let axis = 0; axis < 3; axis++) {
        const corner = corners[piece * 9 + axis]!;
        const one = corners[piece * 9 + 3 + axis]!;
        const two = corners[piece * 9 + 6 + axis]!;
        const far = triangle ? 0 : one + two;
        boxes[piece * 6 + axis] = corner + Math.min(0, one, two, far) - 1e-4;
        boxes[piece * 6 + 3 + axis] = corner + Math.max(0, one, two, far) + 1e-4;
      }
    }
    return {
      corners,
      shapes: Uint8Array.from(this.shapes),
      materials: Uint8Array.from(this.materials),
      colours: Float32Array.from(this.colours),
      bvh: buildBvh(boxes, 4),
    };
  }
}

export function subtract(a: Point, b: Point): Point {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

/** Two unit vectors square to the axis and to each other. */
export function crossAxes(axis: Point): [Point, Point] {
  const length = Math.hypot(...axis) || 1;
  const [x, y, z] = [axis[0] / length, axis[1] / length, axis[2] / length];
  const side: Point = Math.abs(y) < 0.9 ? [z, 0, -x] : [0, -z, y];
  const size = Math.hypot(...side);
  const p: Point = [side[0] / size, side[1] / size, side[2] / size];
  return [p, [y * p[2] - z * p[1], z * p[0] - x * p[2], x * p[1] - y * p[0]]];
}
