import { type Bvh, buildBvh } from './bvh.ts';
import type { Colour, Mesh } from './mesh.ts';

/** A mesh set into the world: scaled, turned about the vertical, shifted; its leaves and rocks coloured by `tint`. */
export type Placement = {
  mesh: number;
  x: number;
  y: number;
  z: number;
  turn: number;
  scale: number;
  tint: Colour;
};

/** Where a ray met a piece; `distance` is infinite where it met none. */
export type Hit = { distance: number; placement: number; piece: number; u: number; v: number };

/** Everything made of pieces: trees, houses, boats. */
export type World = {
  meshes: Mesh[];
  placements: Placement[];
  /** The nearest piece along the ray before `limit`; with `any` the first one found. */
  trace(o: Float64Array, d: Float64Array, limit: number, any: boolean, hit: Hit): boolean;
};

/** Puts the placements of meshes under one box tree, so that a forest costs the memory of one tree. */
export function createWorld(meshes: Mesh[], placements: Placement[]): World {
  const top = buildBvh(placementBoxes(meshes, placements), 2);
  const frames = Float64Array.from(
    placements.flatMap((p) => [p.x, p.y, p.z, Math.cos(p.turn), Math.sin(p.turn), 1 / p.scale]),
  );
  const meshOf = Int32Array.from(placements, (p) => p.mesh);
  const topStack = new Int32Array(96);
  const stack = new Int32Array(96);

  function trace(o: Float64Array, d: Float64Array, limit: number, any: boolean, hit: Hit): boolean {
    hit.distance = limit;
    let found = false;
    const ox = o[0]!;
    const oy = o[1]!;
    const oz = o[2]!;
    const dx = d[0]!;
    const dy = d[1]!;
    const dz = d[2]!;
    const ix = 1 / dx;
    const iy = 1 / dy;
    const iz = 1 / dz;
    let depth = 0;
    if (placements.length === 0 || entry(top.bounds, 0, ox, oy, oz, ix, iy, iz, limit) < 0) return false;
    topStack[depth++] = 0;
    while (depth > 0) {
      const node = topStack[--depth]!;
      if (entry(top.bounds, node * 6, ox, oy, oz, ix, iy, iz, hit.distance) < 0) continue;
      const first = top.first[node]!;
      const count = top.count[node]!;
      if (count === 0) {
        depth = pushChildren(top.bounds, first, ox, oy, oz, ix, iy, iz, hit.distance, topStack, depth);
        continue;
      }
      for (let i = first; i < first + count; i++) {
        const placement = top.order[i]!;
        const at = placement * 6;
        const cos = frames[at + 3]!;
        const sin = frames[at + 4]!;
        const shrink = frames[at + 5]!;
        const px = ox - frames[at]!;
        const pz = oz - frames[at + 2]!;
        const lx = (cos * px - sin * pz) * shrink;
        const ly = (oy - frames[at + 1]!) * shrink;
        const lz = (sin * px + cos * pz) * shrink;
        const ex = (cos * dx - sin * dz) * shrink;
        const ey = dy * shrink;
        const ez = (sin * dx + cos * dz) * shrink;
        if (traceMesh(meshes[meshOf[placement]!]!, lx, ly, lz, ex, ey, ez, any, hit, stack)) {
          hit.placement = placement;
          found = true;
          if (any) return true;
        }
      }
    }
    return found;
  }

  return { meshes, placements, trace };
}

function traceMesh(
  mesh: Mesh,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
  any: boolean,
  hit: Hit,
  stack: Int32Array,
): boolean {
  const { corners, shapes } = mesh;
  const { bounds, first, count, order } = mesh.bvh;
  const ix = 1 / dx;
  const iy = 1 / dy;
  const iz = 1 / dz;
  let found = false;
  let depth = 0;
  stack[depth++] = 0;
  while (depth > 0) {
    const node = stack[--depth]!;
    if (entry(bounds, node * 6, ox, oy, oz, ix, iy, iz, hit.distance) < 0) continue;
    const start = first[node]!;
    const pieces = count[node]!;
    if (pieces === 0) {
      depth = pushChildren(bounds, start, ox, oy, oz, ix, iy, iz, hit.distance, stack, depth);
      continue;
    }
    for (let i = start; i < start + pieces; i++) {
      const piece = order[i]!;
      const c = piece * 9;
      const ax = corners[c + 3]!;
      const ay = corners[c + 4]!;
      const az = corners[c + 5]!;
      const bx = corners[c + 6]!;
      const by = corners[c + 7]!;
      const bz = corners[c + 8]!;
      const px = dy * bz - dz * by;
      const py = dz * bx - dx * bz;
      const pz = dx * by - dy * bx;
      const det = ax * px + ay * py + az * pz;
      if (det > -1e-12 && det < 1e-12) continue;
      const inverse = 1 / det;
      const tx = ox - corners[c]!;
      const ty = oy - corners[c + 1]!;
      const tz = oz - corners[c + 2]!;
      const u = (tx * px + ty * py + tz * pz) * inverse;
      if (u < 0 || u > 1) continue;
      const qx = ty * az - tz * ay;
      const qy = tz * ax - tx * az;
      const qz = tx * ay - ty * ax;
      const v = (dx * qx + dy * qy + dz * qz) * inverse;
      if (v < 0 || v > 1) continue;
      const shape = shapes[piece]!;
      if (shape === 0 ? u + v > 1 : shape === 2 && (u - 0.5) * (u - 0.5) + (v - 0.5) * (v - 0.5) > 0.25)
        continue;
      const t = (bx * qx + by * qy + bz * qz) * inverse;
      if (t <= 0 || t >= hit.distance) continue;
      hit.distance = t;
      hit.piece = piece;
      hit.u = u;
      hit.v = v;
      found = true;
      if (any) return true;
    }
  }
  return found;
}

/** Pushes the two children that the ray meets, the nearer on top; returns the new height of the stack. */
function pushChildren(
  bounds: Float32Array,
  child: number,
  ox: number,
  oy: number,
  oz: number,
  ix: number,
  iy: number,
  iz: number,
  limit: number,
  stack: Int32Array,
  depth: number,
): number {
  const near = entry(bounds, child * 6, ox, oy, oz, ix, iy, iz, limit);
  const far = entry(bounds, child * 6 + 6, ox, oy, oz, ix, iy, iz, limit);
  if (near >= 0 && far >= 0) {
    stack[depth++] = near < far ? child + 1 : child;
    stack[depth++] = near < far ? child : child + 1;
  } else if (near >= 0) stack[depth++] = child;
  else if (far >= 0) stack[depth++] = child + 1;
  return depth;
}

/** The distance at which the ray enters the box (0 from inside), or -1 where it misses it before `limit`. */
function entry(
  bounds: Float32Array,
  at: number,
  ox: number,
  oy: number,
  oz: number,
  ix: number,
  iy: number,
  iz: number,
  limit: number,
): number {
  const x0 = (bounds[at]! - ox) * ix;
  const x1 = (bounds[at + 3]! - ox) * ix;
  const y0 = (bounds[at + 1]! - oy) * iy;
  const y1 = (bounds[at + 4]! - oy) * iy;
  const z0 = (bounds[at + 2]! - oz) * iz;
  const z1 = (bounds[at + 5]! - oz) * iz;
  let near = x0;
  let far = x1;
  if (x1 < x0) {
    near = x1;
    far = x0;
  }
  if (y0 < y1) {
    if (y0 > near) near = y0;
    if (y1 < far) far = y1;
  } else {
    if (y1 > near) near = y1;
    if (y0 < far) far = y0;
  }
  if (z0 < z1) {
    if (z0 > near) near = z0;
    if (z1 < far) far = z1;
  } else {
    if (z1 > near) near = z1;
    if (z0 < far) far = z0;
  }
  if (near < 0) near = 0;
  return near <= far && near < limit ? near : -1;
}

function placementBoxes(meshes: Mesh[], placements: Placement[]): Float32Array {
  const boxes = new Float32Array(placements.length * 6);
  placements.forEach((p, i) => {
    const { bounds } = meshes[p.mesh]!.bvh as Bvh;
    let reach = 0;
    for (const x of [bounds[0]!, bounds[3]!]) {
      for (const z of [bounds[2]!, bounds[5]!]) reach = Math.max(reach, Math.hypot(x, z));
    }
    const turned = p.turn !== 0;
    const s = p.scale;
    boxes.set(
      [
        p.x + s * (turned ? -reach : bounds[0]!),
        p.y + s * bounds[1]!,
        p.z + s * (turned ? -reach : bounds[2]!),
        p.x + s * (turned ? reach : bounds[3]!),
        p.y + s * bounds[4]!,
        p.z + s * (turned ? reach : bounds[5]!),
      ],
      i * 6,
    );
  });
  return boxes;
}
