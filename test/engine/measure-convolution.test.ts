import assert from 'node:assert/strict';
import test from 'node:test';
import { measureConvolution } from '../../src/engine/measure-convolution.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';

test('the speed of a batch of any size is measured, and nothing is left', async () => {
  await expectNoLeak(() => {
    const { f32, bf16 } = measureConvolution(false, { images: 3, side: 16, channels: 8 });
    assert.ok(f32 > 0 && Number.isFinite(f32), `${f32}`);
    assert.equal(bf16, undefined);
  });
});
