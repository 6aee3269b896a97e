import assert from 'node:assert/strict';
import test from 'node:test';
import { cropSideAt, cropsFrom, smallCropSteps } from '../../src/train/crop-schedule.ts';

const of = (smallCrops: number, imageSize = 256, steps = 1000) => ({ smallCrops, imageSize, steps });

test('crops have half the side for their share of the steps, and all of it from just then on', () => {
  assert.equal(smallCropSteps(of(0.3)), 300);
  assert.equal(cropSideAt(0, of(0.3)), 128);
  assert.equal(cropSideAt(299, of(0.3)), 128);
  assert.equal(cropSideAt(300, of(0.3)), 256);
  assert.equal(cropSideAt(0, of(0)), 256);
  assert.equal(cropSideAt(999, of(1)), 128);
  assert.equal(cropSideAt(0, of(0.5, 33)), 17);
  assert.equal(smallCropSteps(of(0.5, 256, 7)), 4);
});

test('what is left of a run in parts, from any step on', () => {
  const [small, large] = [
    { side: 128, from: 0, steps: 300 },
    { side: 256, from: 300, steps: 700 },
  ];
  assert.deepEqual(cropsFrom(0, of(0.3)), [small, large]);
  assert.deepEqual(cropsFrom(299, of(0.3)), [{ side: 128, from: 299, steps: 1 }, large]);
  assert.deepEqual(cropsFrom(300, of(0.3)), [large]);
  assert.deepEqual(cropsFrom(900, of(0.3)), [{ side: 256, from: 900, steps: 100 }]);
  assert.deepEqual(cropsFrom(0, of(0)), [{ side: 256, from: 0, steps: 1000 }]);
  assert.deepEqual(cropsFrom(0, of(1)), [{ side: 128, from: 0, steps: 1000 }]);
});
