import assert from 'node:assert/strict';
import test from 'node:test';
import { memoryAtHand, memoryPlans, parseMemory, showMemory } from '../../../src/infer/bands/memory-plan.ts';
import { stagesOf } from '../../../src/infer/bands/stages.ts';
import { choosePlan } from '../../../src/infer/choose-plan.ts';
import { FULL_WIDTH, parseArchitecture } from '../../../src/networks/architecture.ts';
import { ConfigError } from '../../../src/system/errors.ts';

const stages = stagesOf(parseArchitecture(FULL_WIDTH));
const RESIDENT = 450e6;
const plansFor = (width: number, height: number) => memoryPlans(stages, { width, height }, () => 2, RESIDENT);
const peaks = (width: number, height: number) => plansFor(width, height).map(({ peak }) => peak);

test('amounts of memory are read as people write them', () => {
  assert.equal(parseMemory('1GB'), 1e9);
  assert.equal(parseMemory('1.5 GiB'), 1.5 * 2 ** 30);
  assert.equal(parseMemory('800m'), 8e8);
  assert.equal(parseMemory('512MiB'), 2 ** 29);
  assert.equal(parseMemory('900000000'), 9e8);
  for (const text of ['', 'much', '-1GB', '0', '1GBB', '1 XB', 'NaN']) {
    assert.throws(() => parseMemory(text), ConfigError, text);
  }
  assert.equal(showMemory(1.25e9), '1.3 GB');
  assert.equal(showMemory(63.2e6), '64 MB');
  assert.ok(memoryAtHand() > process.memoryUsage.rss());
});

test('in bands a picture takes less, with files always the same', () => {
  for (const [width, height] of [
    [3840, 2160],
    [7680, 4320],
  ] as const) {
    const all = peaks(width, height);
    assert.deepEqual(
      all,
      all.toSorted((a, b) => b - a),
      `${width}×${height}`,
    );
  }
  const [large, larger] = [10_000, 60_000].map((height) => peaks(10_000, height).at(-1)!) as [number, number];
  assert.equal(large, larger);
  assert.ok(large < 1e9);
});

test('the fastest plan that fits is taken; if none fits, the error says what is needed', () => {
  const plans = plansFor(3840, 2160);
  const chosen = (budget: number, tiles: 'auto' | 'off' | 'exact' = 'auto') =>
    choosePlan(plans, budget, tiles).placement;
  assert.equal(chosen(8e9), 'untiled');
  assert.equal(chosen(1e9), 'tiled');
  assert.equal(chosen(plans.at(-2)!.peak), 'spilled');
  assert.equal(chosen(8e9, 'exact'), 'tiled');
  assert.equal(chosen(plans[0]!.peak, 'off'), 'untiled');
  assert.throws(
    () => chosen(plans[0]!.peak - 1, 'off'),
    /at least .* of memory for this picture in one piece/,
  );
  assert.throws(() => chosen(2e8), /Expected at least \d+ MB of memory for this picture but received 200 MB/);
});
