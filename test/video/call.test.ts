import assert from 'node:assert/strict';
import test from 'node:test';
import { parseTime } from '../../src/data/video/probe.ts';
import { parseRate, scaledSize } from '../../src/video/run/call.ts';

test('sizes as they are typed', () => {
  const size = { width: 1920, height: 1080 };
  const of = (scale: string) => {
    const { width, height } = scaledSize(size, scale);
    return `${width}x${height}`;
  };
  assert.deepEqual(['0.5', '1280x', 'x361', '853x480', '.3'].map(of), [
    '960x540',
    '1280x720',
    '642x361',
    '853x480',
    '576x324',
  ]);
  assert.deepEqual(scaledSize({ width: 31, height: 17 }, undefined), { width: 31, height: 17 });
  for (const scale of ['x', '0', '-1', 'big', '0x10'])
    assert.throws(() => scaledSize(size, scale), /--scale/, scale);
});

test('rates and times as they are typed', () => {
  assert.deepEqual(parseRate('24'), { num: 24, den: 1 });
  assert.deepEqual(parseRate('23.976'), { num: 24000, den: 1001 });
  assert.deepEqual(parseRate('29.97'), { num: 30000, den: 1001 });
  assert.deepEqual(parseRate('12.5'), { num: 12500, den: 1000 });
  assert.deepEqual(parseRate('30000/1001'), { num: 30000, den: 1001 });
  for (const rate of ['0', 'fast', '-2', '1e9']) assert.throws(() => parseRate(rate), /--fps/, rate);
  assert.deepEqual(
    ['90', '1:30', '0:01:30', '12.5'].map((text) => parseTime(text, '--start')),
    [90, 90, 90, 12.5],
  );
  for (const time of ['', 'x', '1:2:3:4', '-1'])
    assert.throws(() => parseTime(time, '--start'), /--start/, time);
});
