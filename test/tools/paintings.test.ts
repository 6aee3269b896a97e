import assert from 'node:assert/strict';
import test from 'node:test';
import { meanAndDeviation } from '../../src/data/luminance.ts';
import { colourSpread } from '../../src/quality/colour-distance.ts';
import { toLab } from '../../src/quality/lab.ts';
import { dots } from '../../tools/paintings/dots.ts';
import { hatching } from '../../tools/paintings/hatching.ts';
import { lilies } from '../../tools/paintings/lilies.ts';
import { mosaic } from '../../tools/paintings/mosaic.ts';
import { wheatfield } from '../../tools/paintings/wheatfield.ts';

const SIDE = 96;
const PAINTINGS = [dots, hatching, mosaic, wheatfield, lilies].map((paint) => ({
  paint,
  picture: paint(SIDE),
}));

test('the drawn paintings are the same each time and of different kind', () => {
  const spreads = PAINTINGS.map(({ paint, picture }) => {
    assert.deepEqual(paint(SIDE), picture);
    return colourSpread(toLab(picture));
  });
  const [dotted, hatched, stones, field, pond] = spreads;
  assert.ok(hatched!.chroma < 8 && hatched!.lightness > 10, 'ink on paper');
  assert.ok(dotted!.hues > 30, 'pure colours');
  assert.ok(stones!.lightness > 15 && stones!.hues > 20, 'stones of all tones');
  assert.ok(field!.lightness > 15 && field!.hues > 35, 'yellow against blue');
  assert.ok(pond!.lightness > 15 && pond!.chroma < 30, 'pale and dark, softer colours');
});

test('paintings in oil have no empty place: every tile of them has strokes', () => {
  for (const { paint, picture } of PAINTINGS.slice(-2)) {
    const { lightness } = toLab(picture);
    for (let top = 0; top < SIDE; top += 12)
      for (let left = 0; left < SIDE; left += 12) {
        const tile = Float32Array.from(
          { length: 144 },
          (_, i) => lightness[(top + Math.floor(i / 12)) * SIDE + left + (i % 12)]!,
        );
        const { deviation } = meanAndDeviation(tile);
        assert.ok(deviation > 2, `${paint.name}: ${deviation.toFixed(1)} at ${left}, ${top}`);
      }
  }
});
