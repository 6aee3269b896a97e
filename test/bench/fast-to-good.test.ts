import assert from 'node:assert/strict';
import test from 'node:test';
import { type HeldOut, secondsUpTo, stepsWithin, table } from '../../bench/fast-to-good-report.ts';
import { costOf, SHORT, VARIANTS } from '../../bench/fast-to-good-variants.ts';
import { DEFAULT_TRAIN_CONFIG, parseTrainConfig } from '../../src/train/config.ts';
import { checkWarmStart, readWarmStart } from '../../src/train/warm-start.ts';

test('small crops count with their own time, before and after the change', () => {
  const config = { ...DEFAULT_TRAIN_CONFIG, imageSize: 256, smallCrops: 0.75, steps: 400 };
  assert.equal(secondsUpTo(100, [0.1, 0.4], config), 10);
  assert.equal(secondsUpTo(300, [0.1, 0.4], config), 30);
  assert.equal(Math.round(secondsUpTo(400, [0.1, 0.4], config)), 70);
  assert.equal(stepsWithin(70, [0.1, 0.4], 0.75), 400);
  assert.equal(stepsWithin(40, [0.4], 0), 100);
  assert.equal(secondsUpTo(50, [0.4], { ...config, smallCrops: 0 }), 20);
});

test('every variant is a valid training; only variants of equal cost share a time', async () => {
  for (const { config, from } of VARIANTS) {
    const whole = parseTrainConfig({ ...SHORT, ...config });
    if (from !== undefined) checkWarmStart(await readWarmStart(from), whole.architecture);
  }
  const cost = (name: string) => {
    const { config } = VARIANTS.find((one) => one.name === name)!;
    return costOf({ config: { ...SHORT, ...config } });
  };
  assert.equal(cost('batch 1, rate 2e-3'), cost('from great-wave'));
  assert.equal(
    new Set(['batch 1', 'batch 4', 'quarter width', 'half the steps on small crops'].map(cost)).size,
    4,
  );
});

test('the table has one row per variant, with losses at their times', () => {
  const at = (step: number, total: number): HeldOut => ({
    name: 'batch 1',
    step,
    images: step,
    config: { ...DEFAULT_TRAIN_CONFIG, steps: 20 },
    precision: 'f32',
    cpuSeconds: 1,
    total,
    content: 0.5,
    style: 0.25,
    tv: 10,
    lattice: 1,
  });
  const text = table([at(10, 1.5), at(20, 1), { ...at(20, 9), name: 'not timed' }], (name) =>
    name === 'batch 1' ? [0.5] : undefined,
  );
  assert.equal(
    text,
    '| training | s a step | photos | loss | loss |\n| --- | ---: | ---: | ---: | ---: |\n' +
      '| batch 1 | 0.50 | 20 | 1.500 (0.500, 0.250) at 5 s | 1.000 (0.500, 0.250) at 10 s |\n',
  );
});
