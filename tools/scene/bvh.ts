/** Boxes as six numbers each: lowest x, y, z, then highest x, y, z. */
export type Boxes = Float32Array;

/**
 * A tree of boxes. Node i spans `bounds[6i…6i+5]`; with `count[i] > 0` it is a leaf over
 * `order[first[i]…]`, else its children are nodes `first[i]` and `first[i] + 1`.
 */
export type Bvh = {
  bounds: Float32Array;
  first: Int32Array;
  count: Int32Array;
  order: Int32Array;
};

const BINS = 12;

/** Builds the tree top down, splitting by the surface area heuristic over binned centres (Wald 2007). */
export function buildBvh(boxes: Boxes, leafSize: number): Bvh {
  const total = boxes.length / 6;
  const bvh: Bvh = {
    bounds: new Float32Array(Math.max(1, 2 * total) * 6),
    first: new Int32Array(Math.max(1, 2 * total)),
    count: new Int32Array(Math.max(1, 2 * total)),
    order: Int32Array.from({ length: total }, (_, i) => i),
  };
  let used = 1;
  const pending: [node: number, from: number, to: number][] = [[0, 0, total]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [node, from, to] = next;
    spanBoxes(bvh, boxes, node, from, to);
    const middle = to - from > leafSize ? splitRange(bvh.order, boxes, from, to) : from;
    if (middle === from) {
      bvh.first[node] = from;
      bvh.count[node] = to - from;
      continue;
    }
    bvh.first[node] = used;
    pending.push([used, from, middle], [used + 1, middle, to]);
    used += 2;
  }
  return bvh;
}

function spanBoxes(bvh: Bvh, boxes: Boxes, node: number, from: number, to: number): void {
  for (let axis = 0; axis < 3; axis++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i++) {
      const box = bvh.order[i]! * 6 + axis;
      low = Math.min(low, boxes[box]!);
      high = Math.max(high, boxes[box + 3]!);
    }
    bvh.bounds[node * 6 + axis] = low;
    bvh.bounds[node * 6 + 3 + axis] = high;
  }
}

/** Sorts `order[from…to)` into two sides of the best plane found; returns where the second begins. */
function splitRange(order: Int32Array, boxes: Boxes, from: number, to: number): number {
  let bestCost = Number.POSITIVE_INFINITY;
  let bestAxis = -1;
  let bestPlane = 0;
  for (let axis = 0; axis < 3; axis++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i++) {
      const centre = boxes[order[i]! * 6 + axis]! + boxes[order[i]! * 6 + axis + 3]!;
      low = Math.min(low, centre);
      high = Math.max(high, centre);
    }
    if (high - low < 1e-6) continue;
    const costs = binCosts(order, boxes, from, to, axis, low, high);
    for (let plane = 0; plane < BINS - 1; plane++) {
      if (costs[plane]! < bestCost) {
        bestCost = costs[plane]!;
        bestAxis = axis;
        bestPlane = low + ((plane + 1) * (high - low)) / BINS;
      }
    }
  }
  if (bestAxis < 0) return from;
  let middle = from;
  for (let i = from; i < to; i++) {
    const item = order[i]!;
    if (boxes[item * 6 + bestAxis]! + boxes[item * 6 + bestAxis + 3]! < bestPlane) {
      order[i] = order[middle]!;
      order[middle++] = item;
    }
  }
  return middle === to ? from : middle;
}

/** Area times number of boxes, both sides added, for each plane between two bins. */
function binCosts(
  order: Int32Array,
  boxes: Boxes,
  from: number,
  to: number,
  axis: number,
  low: number,
  high: number,
): Float64Array {
  const counts = new Int32Array(BINS);
  const spans = new Float64Array(BINS * 6);
  for (let bin = 0; bin < BINS; bin++)
    spans.fill(1e30, bin * 6, bin * 6 + 3).fill(-1e30, bin * 6 + 3, bin * 6 + 6);
  for (let i = from; i < to; i++) {
    const box = order[i]! * 6;
    const centre = boxes[box + axis]! + boxes[box + axis + 3]!;
    const bin = Math.min(BINS - 1, Math.floor(((centre - low) / (high - low)) * BINS));
    counts[bin] = counts[bin]! + 1;
    growSpan(spans, bin * 6, boxes, box);
  }
  const costs = new Float64Array(BINS - 1);
  sweep(costs, counts, spans, 0, 1);
  sweep(costs, counts, spans, BINS - 1, -1);
  return costs;
}

function sweep(
  costs: Float64Array,
  counts: Int32Array,
  spans: Float64Array,
  start: number,
  step: number,
): void {
  const span = new Float64Array([1e30, 1e30, 1e30, -1e30, -1e30, -1e30]);
  let count = 0;
  for (let i = 0, bin = start; i < BINS - 1; i++, bin += step) {
    count += counts[bin]!;
    growSpan(span, 0, spans, bin * 6);
    const plane = step > 0 ? bin : bin - 1;
    const x = span[3]! - span[0]!;
    const y = span[4]! - span[1]!;
    const z = span[5]! - span[2]!;
    costs[plane] = costs[plane]! + (count === 0 ? 1e30 : count * (x * y + y * z + z * x));
  }
}

function growSpan(into: Float64Array, at: number, from: Float32Array | Float64Array, box: number): void {
  for (let k = 0; k < 3; k++) {
    into[at + k] = Math.min(into[at + k]!, from[box + k]!);
    into[at + 3 + k] = Math.max(into[at + 3 + k]!, from[box + 3 + k]!);
  }
}
