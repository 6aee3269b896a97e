import assert from 'node:assert/strict';
import test from 'node:test';
import { ColorSums, colorMap, colorStatistics } from '../../../src/data/color-transfer.ts';
import { luminanceOf } from '../../../src/data/luminance.ts';
import { atSize } from '../../../src/infer/finish/at-size.ts';
import { CrispRows } from '../../../src/infer/finish/crisp-rows.ts';
import { asValues, FinishedRows, rowsOf } from '../../../src/infer/finish/finished-rows.ts';
import { ResampledRows } from '../../../src/infer/finish/resampled-rows.ts';
import type { PixelRows } from '../../../src/picture.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';

const drawn = (width: number, height: number, seed = 1) =>
  asValues(rowsOf(drawnPicture(width, height, seed)));
const whole = (rows: PixelRows<Float32Array>) => rows.read(0, rows.height);

/** A picture of a function of place. */
function painted(
  width: number,
  height: number,
  value: (x: number, y: number) => number,
): PixelRows<Float32Array> {
  const pixels = Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return value(pixel % width, Math.floor(pixel / width));
  });
  return { width, height, read: (from, to) => pixels.slice(3 * width * from, 3 * width * to) };
}

test('rows read band by band are those read at once', () => {
  for (const size of [
    { width: 57, height: 91 },
    { width: 20, height: 13 },
    { width: 130, height: 150 },
  ]) {
    const rows = atSize(drawn(31, 40), size);
    const all = whole(rows);
    assert.equal(all.length, 3 * size.width * size.height);
    for (let from = 0; from < size.height; from += 7) {
      const to = Math.min(size.height, from + 7);
      assert.deepEqual(rows.read(from, to), all.slice(3 * size.width * from, 3 * size.width * to));
    }
  }
});

test('resampling keeps flat areas, the identity at equal size, and positions', () => {
  const own = drawn(23, 17);
  assert.deepEqual(whole(new ResampledRows(own, own)), whole(own));
  const flat = new ResampledRows(
    painted(9, 7, () => 200),
    { width: 31, height: 3 },
  );
  for (const value of whole(flat)) assert.ok(Math.abs(value - 200) < 1e-3);
  // A ramp of pixel centres stays one, except near the border, where pixels repeat.
  const ramp = new ResampledRows(
    painted(40, 4, (x) => 2 * (x + 0.5)),
    { width: 100, height: 4 },
  );
  const shrunk = new ResampledRows(
    painted(100, 4, (x) => 2 * (x + 0.5)),
    { width: 40, height: 4 },
  );
  for (let x = 10; x < 90; x++) assert.ok(Math.abs(whole(ramp)[3 * x]! - 0.8 * (x + 0.5)) < 0.01);
  for (let x = 5; x < 35; x++) assert.ok(Math.abs(whole(shrunk)[3 * x]! - 5 * (x + 0.5)) < 0.05);
});

test('an enlarged edge is steep, without a rim', () => {
  const edge = painted(16, 16, (x) => (x < 8 ? 40 : 200));
  const steepest = (rows: PixelRows<Float32Array>) => {
    const line = Array.from({ length: rows.width }, (_, x) => rows.read(30, 31)[3 * x]!);
    assert.ok(Math.min(...line) >= 39.99 && Math.max(...line) <= 200.01, `${line}`);
    return Math.max(...line.slice(1).map((value, x) => value - line[x]!));
  };
  const soft = steepest(new ResampledRows(edge, { width: 64, height: 64 }));
  const crisp = steepest(atSize(edge, { width: 64, height: 64 }));
  assert.ok(crisp > 2 * soft, `${crisp} against ${soft}`);
});

test('sharpening never leaves the range of a pixel and its neighbours', () => {
  const source = drawn(20, 20);
  const [before, after] = [whole(source), whole(new CrispRows(source, 1))];
  // Twice a neighbourhood of 3×3.
  for (let y = 2; y < 18; y++) {
    for (let x = 2; x < 18; x++) {
      for (let c = 0; c < 3; c++) {
        const around = [-2, -1, 0, 1, 2].flatMap((dy) =>
          [-2, -1, 0, 1, 2].map((dx) => before[3 * (20 * (y + dy) + x + dx) + c]!),
        );
        const value = after[3 * (20 * y + x) + c]!;
        assert.ok(value >= Math.min(...around) - 1e-3 && value <= Math.max(...around) + 1e-3);
      }
    }
  }
  assert.notDeepEqual(after, before);
});

test('share and mask: exactly the photo at 0, exactly the painting at 1, a mixture between', () => {
  const [painting, photo] = [drawn(20, 12, 1), drawn(20, 12, 2)];
  const [p, q] = [whole(painting), whole(photo)];
  const finished = (share: number, mask?: PixelRows<Float32Array>) =>
    whole(new FinishedRows(painting, photo, { share, ...(mask === undefined ? {} : { mask }) }));
  assert.deepEqual(finished(0), q);
  assert.deepEqual(finished(1), p);
  for (const [i, value] of finished(0.25).entries())
    assert.ok(Math.abs(value - (0.25 * p[i]! + 0.75 * q[i]!)) < 1e-3);
  const half = finished(
    1,
    painted(20, 12, (x) => (x < 10 ? 255 : 0)),
  );
  for (const [i, value] of half.entries()) assert.equal(value, Math.floor(i / 3) % 20 < 10 ? p[i] : q[i]);
});

test("the photo's chroma with the painting's luminance", () => {
  const [painting, photo] = [drawn(20, 12, 1), drawn(20, 12, 2)];
  const result = whole(new FinishedRows(painting, photo, { share: 1, colors: 'luminance' }));
  const wanted = luminanceOf(whole(painting));
  for (const [i, value] of luminanceOf(result).entries()) assert.ok(Math.abs(value - wanted[i]!) < 0.01);
  const q = whole(photo);
  for (let i = 0; i < result.length; i += 3)
    assert.ok(Math.abs(result[i]! - result[i + 1]! - (q[i]! - q[i + 1]!)) < 0.01);
});

test("the photo's palette: mean and covariance are the photo's, gathered part by part", () => {
  const [painting, photo] = [drawn(40, 24, 1), drawn(40, 24, 2)];
  const sums = new ColorSums();
  for (let y = 0; y < 24; y += 5) sums.add(photo.read(y, Math.min(24, y + 5)));
  const wanted = colorStatistics(whole(photo));
  for (const [c, mean] of sums.statistics().mean.entries())
    assert.ok(Math.abs(mean - wanted.mean[c]!) < 1e-9);
  const colors = colorMap(colorStatistics(whole(painting)), sums.statistics());
  const result = colorStatistics(whole(new FinishedRows(painting, photo, { share: 1, colors })));
  for (let a = 0; a < 3; a++) {
    assert.ok(Math.abs(result.mean[a]! - wanted.mean[a]!) < 1e-3);
    for (let b = 0; b < 3; b++)
      assert.ok(Math.abs(result.covariance[a]![b]! - wanted.covariance[a]![b]!) < 0.05);
  }
});
