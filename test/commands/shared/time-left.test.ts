import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeLeft } from '../../../src/commands/shared/progress-bar.ts';
import { duration } from '../../../src/system/duration.ts';

test('the first step, which compiles, does not count', () => {
  const left = new TimeLeft();
  assert.equal(left.secondsTo(2000), undefined);
  left.read(1, 60_000); // a minute for the first
  assert.equal(left.secondsTo(2000), undefined, 'one step tells nothing');
  left.read(2, 60_500);
  assert.equal(left.secondsTo(2000), 999);
  left.read(4, 61_500);
  assert.equal(left.secondsTo(2000), 998);
});

test('the pace is that of the last hundred readings', () => {
  const left = new TimeLeft();
  for (let i = 0; i <= 100; i++) left.read(i, 1000 * i);
  for (let i = 1; i <= 100; i++) left.read(100 + i, 100_000 + 100 * i);
  assert.ok(Math.abs(left.secondsTo(300)! - 10) < 1e-9);
  assert.equal(left.secondsTo(100), 0, 'more is done than was to be');
});

test('time left of a resumed run is not counted from its beginning', () => {
  const left = new TimeLeft();
  left.read(1500, 9000);
  left.read(1501, 9500);
  assert.equal(left.secondsTo(1601), 50);
});

test('times are shown in familiar units', () => {
  assert.deepEqual([4.4, 89, 91, 3600, 5400, 12_345].map(duration), [
    '4 s',
    '89 s',
    '2 min',
    '60 min',
    '1 h 30 min',
    '3 h 26 min',
  ]);
});
