import assert from 'node:assert/strict';
import test from 'node:test';
import { meanAndDeviation } from '../../src/data/luminance.ts';
import { startPicture } from '../../src/optimize/start-picture.ts';
import type { StartConfig } from '../../src/optimize/start-setting.ts';

const COUNT = 3 * 4000;
const content = Float32Array.from(
  { length: COUNT },
  (_, i) => [200, 100, 30][i % 3]! + (i % 2 === 0 ? 20 : -20),
);
const style = new Float32Array(COUNT).fill(11);
const given = new Float32Array(COUNT).fill(22);
const start = (config: StartConfig, seed = 1) =>
  startPicture(config, { channels: 3, content, style, given }, seed);
const ofChannel = (values: Float32Array, c: number) => meanAndDeviation(values.filter((_, i) => i % 3 === c));

test('the photo, a painting, a given picture or grey, as copies', () => {
  assert.deepEqual(start({ kind: 'content' }), content);
  assert.notEqual(start({ kind: 'content' }), content);
  assert.ok(start({ kind: 'style' }).every((value) => value === 11));
  assert.ok(start({ kind: 'given' }).every((value) => value === 22));
  assert.ok(start({ kind: 'grey' }).every((value) => value === 127.5));
});

test('noise is a function of the seed', () => {
  for (const config of [{ kind: 'uniform' }, { kind: 'normal', mean: 0, deviation: 255 }] as const) {
    assert.deepEqual(start(config, 3), start(config, 3));
    assert.notDeepEqual(start(config, 3), start(config, 4));
  }
});

test('noise has the given mean and deviation', () => {
  const near = (value: number, wanted: number, by: number) =>
    assert.ok(Math.abs(value - wanted) < by, `${value}, not ${wanted}`);
  const uniform = meanAndDeviation(start({ kind: 'uniform' }));
  near(uniform.mean, 127.5, 3);
  near(uniform.deviation, 255 / Math.sqrt(12), 2);
  const wide = meanAndDeviation(start({ kind: 'normal', mean: 0, deviation: 255 }));
  near(wide.mean, 0, 10);
  near(wide.deviation, 255, 6);
  const faint = start({ kind: 'normal', mean: 'content', deviation: { shareOfContent: 0.1 } });
  const share = 0.1 * meanAndDeviation(content).deviation;
  [200, 100, 30].forEach((mean, c) => {
    near(ofChannel(faint, c).mean, mean, 1);
    near(ofChannel(faint, c).deviation, share, 0.5);
  });
  near(ofChannel(start({ kind: 'normal', mean: [123, 116, 103], deviation: 5 }), 2).mean, 103, 0.5);
});

test('a blend is a share of noise and a share of picture', () => {
  const half = startPicture({ kind: 'blend', share: 0.25 }, { channels: 3, content }, 1);
  half.forEach((value, i) => {
    assert.ok(value >= 0.75 * content[i]! - 1e-3 && value <= 0.75 * content[i]! + 0.25 * 255 + 1e-3);
  });
  assert.deepEqual(start({ kind: 'blend', share: 0 }), given);
});

test('a start that needs a missing picture is refused', () => {
  for (const kind of ['style', 'given'] as const)
    assert.throws(
      () => startPicture({ kind }, { channels: 3, content }, 1),
      /Expected a .*picture for the start/,
    );
});
