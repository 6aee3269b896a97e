import assert from 'node:assert/strict';
import test from 'node:test';
import { SmoothedStyleNetwork } from '../../src/infer/smoothed/smoothed-style-network.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import { parseArchitecture } from '../../src/networks/architecture.ts';
import type { Checkpoint } from '../../src/networks/checkpoint.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { tinyParameters } from '../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

const TINY = 'c3s1-4,d6,R6,u4,c3s1-3';
const tiny: Checkpoint = {
  ...{ architecture: TINY, layers: parseArchitecture(TINY), parameters: tinyParameters(TINY), margin: 4 },
  ...{ name: 'tiny', style: { file: 'tiny.png' }, training: {}, lossNetwork: { source: 'none' } },
  ...{ steps: 1, images: 1, losses: {}, software: {} },
};
const frames = [1, 2, 3].map((seed) => drawnPicture(37, 29, seed));

test("at a rate of 1, and for a film's first frame, it is the plain network, with a margin, too", async () => {
  await expectNoLeak(() => {
    const plain = new StyleNetwork(tiny);
    const [whole, slow] = [new SmoothedStyleNetwork(tiny, 1), new SmoothedStyleNetwork(tiny, 0.25)];
    for (const frame of frames) assert.deepEqual(whole.stylize(frame), plain.stylize(frame));
    assert.deepEqual(slow.stylize(frames[0]!), plain.stylize(frames[0]!));
    assert.notDeepEqual(slow.stylize(frames[1]!), plain.stylize(frames[1]!));
    slow.forget();
    assert.deepEqual(slow.stylize(frames[1]!), plain.stylize(frames[1]!));
    // The statistics go over to frames of 16 bits, which another graph paints.
    const deep = frames.map((frame) => ({
      ...frame,
      pixels: Uint16Array.from(frame.pixels, (value) => 257 * value),
    }));
    slow.forget();
    slow.stylize(frames[0]!);
    const second = slow.stylize(frames[1]!);
    slow.forget();
    slow.stylize(deep[0]!, 16);
    assert.deepEqual(slow.stylize(deep[1]!, 8), second);
    for (const one of [plain, whole, slow]) one.dispose();
  });
});

test("statistics go towards the frame's by the rate", () => {
  const own = frames.map((frame) => {
    const stylizer = new SmoothedStyleNetwork(tiny, 1);
    stylizer.stylize(frame);
    const found = stylizer.statistics();
    stylizer.dispose();
    return found;
  });
  const stylizer = new SmoothedStyleNetwork(tiny, 0.25);
  stylizer.stylize(frames[0]!);
  assert.deepEqual(stylizer.statistics(), own[0]);
  stylizer.stylize(frames[1]!);
  // Of the first normalisation, which sees what no other has changed: 4 means, 4 variances.
  const mixed = stylizer.statistics();
  for (let i = 0; i < 8; i++)
    assert.ok(Math.abs(mixed[i]! - (0.75 * own[0]![i]! + 0.25 * own[1]![i]!)) < 1e-5, `${i}`);
  // Of one and the same frame they come to be its own, and so does the picture.
  for (let i = 0; i < 60; i++) stylizer.stylize(frames[2]!);
  const plain = new StyleNetwork(tiny);
  const [a, b] = [stylizer.stylize(frames[2]!), plain.stylize(frames[2]!)];
  assert.ok(a.pixels.every((value, i) => Math.abs(value - b.pixels[i]!) <= 1));
  assert.throws(() => stylizer.recall(new Float32Array(3)), /statistics/);
  for (const one of [stylizer, plain]) one.dispose();
});
