import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromBfloat16, fromHalf, fromHalves, LARGEST_HALF, toHalf } from '../../src/networks/half-float.ts';

test('every half that is a number survives a round trip', () => {
  for (let pattern = 0; pattern < 65536; pattern++) {
    const value = fromHalf(pattern);
    if (Number.isNaN(value)) assert.equal(toHalf(value) & 0x7c00, 0x7c00);
    else assert.equal(toHalf(value), pattern, `pattern ${pattern}`);
  }
});

test('many at once are as each alone', () => {
  const patterns = Uint16Array.from({ length: 65536 }, (_, pattern) => pattern);
  assert.deepEqual([...fromHalves(patterns)], [...patterns].map(fromHalf));
});

test('known halves', () => {
  assert.equal(fromHalf(0x3c00), 1);
  assert.equal(fromHalf(0xc000), -2);
  assert.equal(fromHalf(0x7bff), LARGEST_HALF);
  assert.equal(fromHalf(0x0001), 2 ** -24);
  assert.equal(fromHalf(0x3555), 0.333251953125);
  assert.equal(fromHalf(0xfc00), Number.NEGATIVE_INFINITY);
});

test('between two neighbours the nearer one is taken, and the even one of a tie', () => {
  for (let pattern = 0; pattern < 0x7bff; pattern++) {
    const low = fromHalf(pattern);
    const high = fromHalf(pattern + 1);
    const middle = (low + high) / 2;
    const even = pattern % 2 === 0 ? pattern : pattern + 1;
    assert.equal(toHalf(middle), even, `tie above pattern ${pattern}`);
    assert.equal(toHalf(-middle), even | 0x8000);
    assert.equal(toHalf(Math.fround(low + (high - low) * 0.49)), pattern);
    assert.equal(toHalf(Math.fround(low + (high - low) * 0.51)), pattern + 1);
  }
});

test('too large becomes an infinity, too small a zero of its sign', () => {
  assert.equal(toHalf(65519), 0x7bff);
  assert.equal(toHalf(65520), 0x7c00);
  assert.equal(toHalf(-1e30), 0xfc00);
  assert.equal(toHalf(2 ** -25), 0);
  assert.equal(toHalf(-(2 ** -26)), 0x8000);
});

test('bfloat16 is the upper half of a float32', () => {
  assert.equal(fromBfloat16(0x3f80), 1);
  assert.equal(fromBfloat16(0xc049), -3.140625);
  assert.equal(fromBfloat16(0x7f80), Number.POSITIVE_INFINITY);
});
