import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { mapInOrder } from '../../src/data/map-in-order.ts';

test('gives results in order, several at a time and never more than allowed', async () => {
  let under = 0;
  let most = 0;
  const results: number[] = [];
  const slow = async (item: number) => {
    most = Math.max(most, ++under);
    // The first of each three takes longest: results must wait for it.
    await wait(item % 3 === 0 ? 12 : 2);
    under--;
    return item * item;
  };
  for await (const result of mapInOrder(Array(30).keys(), 4, slow)) results.push(result);
  assert.deepEqual(
    results,
    Array.from({ length: 30 }, (_, i) => i * i),
  );
  assert.equal(most, 4);
});

test('throws a failure in order, and waits for what is running', async () => {
  let finished = 0;
  const results: number[] = [];
  const consume = async () => {
    const mapped = mapInOrder([0, 1, 2, 3, 4, 5], 3, async (item) => {
      await wait(item === 2 ? 1 : 10);
      finished++;
      if (item === 2) throw new Error('two');
      return item;
    });
    for await (const result of mapped) results.push(result);
  };
  await assert.rejects(consume(), /two/);
  assert.deepEqual(results, [0, 1]);
  assert.equal(
    finished,
    5,
    'three, two of them after the failure was there, and none begun after it was thrown',
  );
});
