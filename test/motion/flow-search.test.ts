/** The search in vectors of four floats finds what the equations say, with borders and levels smaller than a patch. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPicture } from '../../src/data/image-file.ts';
import { movedPicture } from '../../src/data/motion.ts';
import { random, sensorNoise } from '../../src/data/random.ts';
import { FlowSearch } from '../../src/motion/flow-search.ts';
import { pyramid } from '../../src/motion/pyramid.ts';
import type { Picture } from '../../src/picture.ts';
import { plainFlow } from './plain-flow.ts';

const photo = await readPicture(fileURLToPath(new URL('../../samples/harbour.jpg', import.meta.url)), {
  longSide: 300,
});

/** Two frames of a camera that moves, with grain, so that all patches have texture. */
function frames(width: number, height: number): [Picture, Picture] {
  const [from, to] = [0, 1].map((i) => {
    const { pixels } = movedPicture(photo, { right: 2.4 * i, down: -1.3 * i, zoom: 1 + 0.01 * i }).picture;
    const grain = sensorNoise(3 * width * height, 3, random(9, i));
    const cut = Uint8ClampedArray.from({ length: 3 * width * height }, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
      return pixels[3 * (y * photo.width + x) + (at % 3)]! + grain[at]!;
    });
    return { pixels: new Uint8Array(cut.buffer), width, height };
  });
  return [from!, to!];
}

test('it finds what the equations say, at borders and in levels smaller than a patch, too', () => {
  for (const [width, height] of [
    ...[[168, 160] as const, [93, 71] as const, [50, 33] as const],
    ...[[16, 9] as const, [9, 8] as const, [7, 5] as const, [3, 12] as const, [1, 1] as const],
  ]) {
    const [from, to] = frames(width, height).map(pyramid) as [
      ReturnType<typeof pyramid>,
      ReturnType<typeof pyramid>,
    ];
    const { across, down } = new FlowSearch(from.levels[0]).flow(from, to);
    const expected = plainFlow(from, to);
    assert.equal(across.length, expected.length);
    const far = expected.filter(([u, v], i) => !(Math.hypot(across[i]! - u, down[i]! - v) < 0.01));
    assert.ok(far.length <= 0.002 * expected.length, `${width}×${height}: ${far.length} places differ`);
  }
});

test('it takes the same memory for all frames, and finds the same bytes each time', () => {
  const [from, to] = frames(168, 160).map(pyramid) as [
    ReturnType<typeof pyramid>,
    ReturnType<typeof pyramid>,
  ];
  const search = new FlowSearch(from.levels[0]);
  const { memory } = search;
  const first = search.flow(from, to);
  for (let i = 0; i < 25; i++) {
    search.flow(to, from);
    assert.deepEqual(search.flow(from, to), first);
  }
  assert.equal(search.memory, memory);
  assert.ok(memory < 60 * from.levels[0].values.length + 200_000, `${memory}`);
});
