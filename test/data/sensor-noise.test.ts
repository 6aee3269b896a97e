import assert from 'node:assert/strict';
import test from 'node:test';
import { random, sensorNoise } from '../../src/data/random.ts';

test('noise has the given deviation, no mean, no pattern, and is the same for the same seed', () => {
  const count = 100_000;
  const noise = sensorNoise(count, 3, random(4));
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(Math.abs(mean(noise)) < 0.05, `${mean(noise)}`);
  const deviation = Math.sqrt(mean(noise.map((value) => value * value)));
  assert.ok(Math.abs(deviation / 3 - 1) < 0.01, `${deviation}`);
  const neighbours = mean(noise.map((value, i) => value * (noise[i + 1] ?? 0)));
  assert.ok(Math.abs(neighbours) < 0.1, `${neighbours}`);
  // Normal numbers: 31.7 % beyond one deviation, 4.6 % beyond two.
  const beyond = (many: number) => noise.filter((value) => Math.abs(value) > 3 * many).length / count;
  assert.ok(Math.abs(beyond(1) - 0.317) < 0.02 && Math.abs(beyond(2) - 0.046) < 0.01);
  assert.ok(noise.every((value) => Math.abs(value) < 3 * 3.5));
  assert.deepEqual(sensorNoise(count, 3, random(4)), noise);
  assert.ok(sensorNoise(50, 0, random(4)).every((value) => value === 0));
});
