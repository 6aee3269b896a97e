import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { blendCheckpoints } from '../../src/infer/blend.ts';
import {
  isOverTime,
  openBlendOverTime,
  parseBlendOverTime,
  shareAt,
} from '../../src/infer/blend-over-time.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import { changingPainter, FramePainter } from '../../src/video/frame-painter.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyStyles } from '../helpers/tiny-checkpoint.ts';

const FRAME = {
  width: 32,
  height: 24,
  pixels: Uint8Array.from({ length: 32 * 24 * 3 }, (_, i) => (i * 37) % 251),
};

test('a style that changes is each style alone at its time, and their mixture between', async (t) => {
  const folder = await temporaryFolder(t);
  const file = await writeTinyStyles(join(folder, 'duo.safetensors'), ['a', 'b'], 'c3s1-4,d6,R6,u4,c3s1-3');
  const blend = await openBlendOverTime(file, 'a@1s,b@3s');
  const [a, b] = blend.checkpoints as [(typeof blend.checkpoints)[0], (typeof blend.checkpoints)[0]];
  const half = blendCheckpoints(
    [
      { style: 'a', share: 0.5 },
      { style: 'b', share: 0.5 },
    ],
    [a, b],
  );
  await expectNoLeak(() => {
    const { painter, clock } = changingPainter(blend, 1, undefined, {});
    const film = new FramePainter(painter, clock);
    const wanted = (
      [
        [0, a],
        [2, half],
        [7, b],
        [1, a],
      ] as const
    ).map(([seconds, checkpoint]) => {
      const stylizer = new StyleNetwork(checkpoint);
      const { pixels } = stylizer.stylize(FRAME);
      stylizer.dispose();
      return { seconds, pixels };
    });
    for (const { seconds, pixels } of wanted) {
      const painted = film.paint(FRAME, seconds).pixels;
      const worst = Math.max(...pixels.map((value, i) => Math.abs(value - painted[i]!)));
      assert.ok(worst <= 1, `at ${seconds} s: ${worst}`);
    }
    assert.notDeepEqual(wanted[0]!.pixels, wanted[2]!.pixels);
    film.dispose();
  });
});

test('shares grow evenly; what is no blend over time is refused', () => {
  const keys = parseBlendOverTime('wave@0s,scream@1:00,wave@90');
  assert.deepEqual(
    keys.map(({ seconds }) => seconds),
    [0, 60, 90],
  );
  assert.deepEqual(shareAt(keys, 15), { from: 0, to: 1, share: 0.25 });
  assert.deepEqual(shareAt(keys, 75), { from: 1, to: 2, share: 0.5 });
  assert.deepEqual(shareAt(keys, 1000), { from: 2, to: 2, share: 0 });
  assert.ok(isOverTime('a@0s,b@1s') && !isOverTime('a:0.5,b:0.5'));
  for (const text of ['a@0s', 'a@2s,b@1s', 'a@0s,b', 'a@x,b@1'])
    assert.throws(() => parseBlendOverTime(text), /growing times/, text);
});
