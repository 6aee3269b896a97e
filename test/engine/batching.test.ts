import assert from 'node:assert/strict';
import test from 'node:test';
import { batchingOfDevice } from '../../src/engine/batching.ts';
import { device } from '../../src/engine/versions.ts';

test('a GPU computes the whole batch at once, a CPU photo by photo, and both do as they are asked', () => {
  const ofDevice = device() === 'GPU' ? 'whole-batch' : 'per-photo';
  for (const [asked, found] of [
    ['', ofDevice],
    ['per-photo', 'per-photo'],
    ['whole-batch', 'whole-batch'],
  ] as const)
    assert.equal(batchingOfDevice(asked), found);
  assert.throws(() => batchingOfDevice('each'), {
    name: 'ConfigError',
    message:
      'Expected per-photo or whole-batch for FAST_STYLE_BATCHING but received each; choose one or unset it.',
  });
});
