/** Blending in vectors of four floats shows what the equations say, in films of any size. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { random } from '../../src/data/random.ts';
import type { Flow } from '../../src/motion/flow.ts';
import type { PictureSize } from '../../src/picture.ts';
import { Blender, type FrameMotion } from '../../src/video/steady/blend.ts';
import { plainBlend } from './plain-blend.ts';

const SHARE = 0.9;

/** Smooth motion of some pixels, partly from beyond the border, with a corner that is hidden. */
function motionOf({ width, height }: PictureSize, factor: 1 | 2): FrameMotion {
  const size = { width: Math.floor(width / factor), height: Math.floor(height / factor) };
  const next = random(3);
  const plane = (value: (x: number, y: number) => number) =>
    Float32Array.from({ length: size.width * size.height }, (_, i) =>
      value(i % size.width, Math.floor(i / size.width)),
    );
  const flow: Flow = {
    ...{ ...size, factor },
    across: plane((_, y) => 2.3 + Math.sin(y / 4)),
    down: plane((x) => -1.4 * Math.cos(x / 5)),
  };
  const grain = () => ({ ...size, values: plane((x, y) => 100 + 40 * Math.sin((x + y) / 6) + 25 * next()) });
  const seen = Uint8Array.from(plane((x, y) => (x < 6 && y < 5 ? 0 : 1)));
  return { flow, seen, now: grain(), before: grain() };
}

const SIZES = [
  [165, 161, 2] as const,
  ...[[64, 48, 2] as const, [51, 37, 2] as const, [33, 20, 1] as const, [7, 9, 1] as const],
  ...[[6, 2, 2] as const, [3, 5, 1] as const, [2, 2, 2] as const, [1, 4, 1] as const, [1, 1, 1] as const],
];

test('what is shown is what the equations say, frame after frame', () => {
  for (const [width, height, factor] of SIZES) {
    const size = { width, height };
    const motion = motionOf(size, factor);
    const next = random(8);
    const paint = () =>
      Uint8Array.from({ length: 3 * width * height }, (_, i) => 60 + (i % 90) + 100 * next());
    const blender = new Blender(width, height);
    blender.begin(paint());
    for (let frame = 0; frame < (width > 100 ? 1 : 3); frame++) {
      const shown = Float32Array.from(blender.shown(), (value) => value / 256);
      const painted = paint();
      const expected = plainBlend(painted, shown, SHARE, size, motion);
      const whole = blender.blend(painted, SHARE, motion);
      const fine = blender.shown();
      const where = `${width}×${height}, frame ${frame}`;
      const far = expected.findIndex((value, i) => !(Math.abs(fine[i]! / 256 - value) < 0.05));
      assert.equal(far, -1, `${where}, value ${far}: ${fine[far]! / 256}, ${expected[far]}`);
      assert.deepEqual(
        whole,
        Uint8Array.from(fine, (value) => (value + 128) >> 8),
        where,
      );
    }
  }
});

test('it takes the same memory for all frames, and shows the same bytes each time', () => {
  const [width, height] = [64, 48];
  const motion = motionOf({ width, height }, 2);
  const painted = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 7919) % 251);
  const [one, other] = [new Blender(width, height), new Blender(width, height)];
  const { memory } = one;
  for (const blender of [one, other]) blender.begin(painted);
  for (let frame = 0; frame < 50; frame++)
    assert.deepEqual(one.blend(painted, SHARE, motion), other.blend(painted, SHARE, motion));
  const last = new Blender(width, height);
  last.goOnFrom(one.shown());
  assert.deepEqual(last.blend(painted, SHARE, motion), one.blend(painted, SHARE, motion));
  assert.equal(one.memory, memory);
  assert.ok(memory < 80 * width * height + 200_000, `${memory}`);
});

test('a frame too large for its memory is refused in one line', () => {
  assert.throws(
    () => new Blender(20_000, 10_000),
    /^FastStyleError: Expected frames .* 4 GiB but received [\d.]+ GiB/,
  );
});
