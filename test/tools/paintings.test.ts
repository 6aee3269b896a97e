import assert from 'node:assert/strict';
import test from 'node:test';
import { colourSpread } from '../../src/quality/colour-spread.ts';
import { toLab } from '../../src/quality/lab.ts';
import { dots } from '../../tools/paintings/dots.ts';
import { hatching } from '../../tools/paintings/hatching.ts';
import { mosaic } from '../../tools/paintings/mosaic.ts';

test('the drawn paintings are the same each time and of different kind', () => {
  const spreads = [dots, hatching, mosaic].map((paint) => {
    const picture = paint(96);
    assert.deepEqual(paint(96), picture);
    return colourSpread(toLab(picture));
  });
  const [dotted, hatched, stones] = spreads;
  assert.ok(hatched!.chroma < 8 && hatched!.lightness > 10, 'ink on paper');
  assert.ok(dotted!.hues > 30, 'pure colours');
  assert.ok(stones!.lightness > 15 && stones!.hues > 20, 'stones of all tones');
});
