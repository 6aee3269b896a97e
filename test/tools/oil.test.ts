import assert from 'node:assert/strict';
import test from 'node:test';
import { random } from '../../src/data/random.ts';
import type { Colour } from '../../tools/paintings/canvas.ts';
import { type Brush, cover, follow, type Load, OilCanvas, type Point } from '../../tools/paintings/oil.ts';

const SIDE = 200;
const GROUND: Colour = [10, 10, 10];
const RED: Load = [
  [200, 40, 40],
  [200, 40, 40],
];
const BRUSH: Brush = { width: 0.1, relief: 0, dryness: 0, cover: 1 };
const ACROSS: readonly Point[] = [
  [0.2, 0.5],
  [0.5, 0.5],
  [0.8, 0.5],
];

/** Mean red over columns and rows, in sides of the picture. */
function red(canvas: OilCanvas, [left, right]: Point, [top, bottom]: Point): number {
  const { pixels } = canvas.picture();
  let [sum, count] = [0, 0];
  for (let y = Math.round(top * SIDE); y < bottom * SIDE; y++)
    for (let x = Math.round(left * SIDE); x < right * SIDE; x++, count++) sum += pixels[3 * (y * SIDE + x)]!;
  return sum / count;
}

function stroked(brush: Brush): OilCanvas {
  const canvas = new OilCanvas(SIDE, GROUND);
  canvas.stroke(ACROSS, brush, RED, random(1));
  return canvas;
}

test('a stroke covers its path as wide as the brush, and nothing beyond', () => {
  const canvas = stroked(BRUSH);
  assert.equal(red(canvas, [0.3, 0.7], [0.48, 0.52]), 200);
  assert.equal(red(canvas, [0, 1], [0, 0.44]), 10);
  assert.equal(red(canvas, [0, 1], [0.56, 1]), 10);
  assert.equal(red(canvas, [0, 0.14], [0, 1]), 10);
  assert.equal(red(canvas, [0.86, 1], [0, 1]), 10);
});

test('thick paint is lit from above: light at its upper edge, dark at its lower one', () => {
  const canvas = stroked({ ...BRUSH, relief: 1 });
  const flat = stroked(BRUSH);
  const edge = (of: OilCanvas, top: number) => red(of, [0.3, 0.7], [top, top + 0.01]);
  assert.ok(edge(canvas, 0.45) > edge(flat, 0.45) + 5);
  assert.ok(edge(canvas, 0.545) < edge(flat, 0.545) - 5);
});

test('a dry brush breaks off before the end of its path, not at the start', () => {
  const [wet, dry] = [stroked(BRUSH), stroked({ ...BRUSH, dryness: 0.9 })];
  assert.ok(red(dry, [0.65, 0.8], [0.47, 0.53]) < 0.8 * red(wet, [0.65, 0.8], [0.47, 0.53]));
  assert.ok(red(dry, [0.25, 0.35], [0.47, 0.53]) > 0.9 * red(wet, [0.25, 0.35], [0.47, 0.53]));
});

test('a path follows the direction, both ways, and ends where the passage does', () => {
  const circle = {
    holds: (_: number, y: number) => y < 0.6,
    direction: (x: number, y: number) => Math.atan2(y - 0.5, x - 0.5) + Math.PI / 2,
  };
  const path = follow([0.5, 0.2], 3, circle);
  for (const [x, y] of path) {
    assert.ok(Math.abs(Math.hypot(x - 0.5, y - 0.5) - 0.3) < 0.015);
    assert.ok(y < 0.6);
  }
  const [[startX], [endX]] = [path[0]!, path.at(-1)!];
  assert.ok(startX < 0.3 && endX > 0.7, 'from the left to the right end of the arc');
});

test('a passage is covered where it holds; strokes reach over its border by half their width at most', () => {
  const canvas = new OilCanvas(SIDE, GROUND);
  const left = { holds: (x: number) => x < 0.5, direction: () => 0.3, load: () => RED };
  cover(canvas, left, { ...BRUSH, width: 0.04, spacing: 0.03, length: 0.2 }, random(2));
  assert.ok(red(canvas, [0, 0.45], [0, 1]) > 195);
  assert.equal(red(canvas, [0.54, 1], [0, 1]), 10);
});
