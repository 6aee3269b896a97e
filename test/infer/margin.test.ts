/** Styles with a margin: pictures are mirrored around them before they are painted, and cut after. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { MarginCutter, withMargin } from '../../src/infer/margin.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import { parseArchitecture } from '../../src/networks/architecture.ts';
import type { Samples } from '../../src/picture.ts';
import { tinyParameters } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

const ARCHITECTURE = 'c3s1-4,d5,d6,R6,u5,u4,c3s1-3';

function stylizer(margin?: number): StyleNetwork {
  return new StyleNetwork({
    ...{ architecture: ARCHITECTURE, layers: parseArchitecture(ARCHITECTURE), name: 'tiny', style: {} },
    ...{ training: {}, lossNetwork: {}, steps: 0, images: 0, losses: {}, software: {} },
    ...(margin === undefined ? {} : { margin }),
    parameters: tinyParameters(ARCHITECTURE),
  });
}

/** A picture as rows that can be read in any order. */
const rowsOf = ({ pixels, width, height }: { pixels: Samples; width: number; height: number }) => ({
  width,
  height,
  read: (from: number, to: number) => pixels.slice(3 * width * from, 3 * width * to),
});

test('a margin mirrors about the outermost pixels, repeatedly if it is wider than the picture', () => {
  // Columns 0, 1, 2 in red, rows 0, 1 in green.
  const pixels = Uint8Array.from(
    { length: 18 },
    (_, i) => [Math.floor(i / 3) % 3, Math.floor(i / 9), 7][i % 3]!,
  );
  const larger = withMargin(rowsOf({ pixels, width: 3, height: 2 }), 3);
  assert.deepEqual([larger.width, larger.height], [9, 8]);
  const all = larger.read(0, 8);
  const red = Array.from({ length: 9 }, (_, x) => all[3 * x]);
  const green = Array.from({ length: 8 }, (_, y) => all[27 * y + 1]);
  assert.deepEqual(red, [1, 2, 1, 0, 1, 2, 1, 0, 1]);
  assert.deepEqual(green, [1, 0, 1, 0, 1, 0, 1, 0]);
  assert.deepEqual(larger.read(2, 5), all.slice(2 * 27, 5 * 27));
  for (const parts of [[8], [1, 2, 1, 4], [4, 4], [3, 2, 3]]) {
    const cutter = new MarginCutter({ width: 3, height: 2 }, 3);
    let from = 0;
    const cut = parts.flatMap((count) => {
      from += count;
      return [...cutter.cut(larger.read(from - count, from))];
    });
    assert.deepEqual(cut, [...pixels], String(parts));
  }
});

test('a style with a margin paints the inside of the mirrored picture, in 8 and 16 bit, whole and in bands', async () => {
  const margin = 5;
  const [plain, own] = [stylizer(), stylizer(margin)];
  try {
    const photo = drawnPicture(37, 30);
    const larger = withMargin(rowsOf(photo), margin);
    const mirrored = { pixels: larger.read(0, larger.height), width: larger.width, height: larger.height };
    for (const bits of [8, 16] as const) {
      const inside = new MarginCutter(photo, margin).cut(plain.stylize(mirrored, bits).pixels);
      const painted = own.stylize(photo, bits);
      assert.deepEqual([painted.width, painted.height], [37, 30]);
      assert.deepEqual(painted.pixels, inside);
      assert.notDeepEqual(painted.pixels, plain.stylize(photo, bits).pixels);
    }
    const whole = own.stylize(photo).pixels;
    for (const plan of own.plans(photo).filter(({ placement }) => placement !== 'untiled')) {
      const rows: number[] = [];
      await own.stylizeBands(rowsOf(photo), (part) => void rows.push(...part), plan);
      assert.equal(rows.length, whole.length, plan.placement);
      const furthest = Math.max(...rows.map((value, i) => Math.abs(value - whole[i]!)));
      assert.ok(furthest <= (plan.placement === 'sampled' ? 60 : 1), `${plan.placement}: ${furthest}`);
    }
  } finally {
    plain.dispose();
    own.dispose();
  }
});
