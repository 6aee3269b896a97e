import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { readPicture, resizePicture } from '../../../src/data/image-file.ts';
import { findStyle } from '../../../src/infer/find-style.ts';
import { rowsOf } from '../../../src/infer/finish/finished-rows.ts';
import { type Look, requireStroke, withAmount, workingSize } from '../../../src/infer/finish/look.ts';
import { LookPainter } from '../../../src/infer/finish/look-painter.ts';
import { StyleNetwork } from '../../../src/infer/style-network.ts';
import { loadCheckpoint } from '../../../src/networks/checkpoint.ts';
import type { Picture, Samples } from '../../../src/picture.ts';
import { ConfigError, ImageError } from '../../../src/system/errors.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';

const plain: Look = { amount: 1, colors: 'style' };

async function paintedInBands(painter: LookPainter, photo: Picture): Promise<Uint8Array> {
  const parts: Samples[] = [];
  const plan = painter.plans(photo).find(({ placement }) => placement === 'spilled')!;
  await painter.stylizeBands(rowsOf(photo), (rows) => void parts.push(rows), { ...plan, bandRows: () => 16 });
  return new Uint8Array(Buffer.concat(parts as Uint8Array[]));
}

test('every look comes out in bands as in one piece, exactly as large as the photo', async (t) => {
  const checkpoint = await loadCheckpoint(
    await writeTinyCheckpoint(join(await temporaryFolder(t), 'tiny.safetensors')),
  );
  const photo = drawnPicture(61, 47);
  // Grey levels of rounding, which edges drawn again and a palette stretched multiply.
  const looks: readonly (Look & { readonly off: number })[] = [
    { ...plain, stroke: 13, off: 3 },
    { ...plain, stroke: 6.1, off: 1 },
    { ...plain, colors: 'histogram', mask: drawnPicture(9, 9, 3), invertMask: true, off: 16 },
    { stroke: 9, amount: 0.4, colors: 'photo', off: 3 },
  ];
  await expectNoLeak(async () => {
    for (const { off, ...look } of looks) {
      const painter = new LookPainter(new StyleNetwork(withAmount(checkpoint, look.amount)), look);
      const whole = painter.stylize(photo);
      const bands = await paintedInBands(painter, photo);
      assert.deepEqual([whole.width, whole.height, whole.pixels.length], [61, 47, 61 * 47 * 3]);
      const far = bands.reduce((most, value, i) => Math.max(most, Math.abs(value - whole.pixels[i]!)), 0);
      assert.ok(bands.length === whole.pixels.length && far <= off, `${look.stroke} ${look.colors}: ${far}`);
      painter.dispose();
    }
  });
});

test('amount 0 is the photo, 1 the style, bit by bit', async (t) => {
  const checkpoint = await loadCheckpoint(
    await writeTinyCheckpoint(join(await temporaryFolder(t), 'tiny.safetensors')),
  );
  const photo = drawnPicture(40, 30);
  const paint = (amount: number) => {
    const stylizer = new StyleNetwork(withAmount(checkpoint, amount));
    const painter = new LookPainter(stylizer, { ...plain, amount });
    const { pixels } = painter.stylize(photo);
    painter.dispose();
    return pixels;
  };
  const style = new StyleNetwork(checkpoint);
  assert.deepEqual(paint(1), style.stylize(photo).pixels);
  style.dispose();
  assert.deepEqual(Uint8Array.from(paint(0)), photo.pixels);
  const distance = (pixels: Uint8Array) =>
    pixels.reduce((sum, value, i) => sum + Math.abs(value - photo.pixels[i]!), 0);
  const way = [0.2, 0.5, 0.8, 1].map((amount) => distance(paint(amount)));
  assert.deepEqual(
    [...way].sort((a, b) => a - b),
    way,
    'farther from the photo step by step',
  );
  assert.throws(() => withAmount(checkpoint, 1.5), ConfigError);
});

test('the working size is 512 pixels over the stroke, for any photo', () => {
  assert.deepEqual(workingSize({ width: 4000, height: 3000 }, { stroke: 1 }), { width: 512, height: 384 });
  assert.deepEqual(workingSize({ width: 300, height: 400 }, { stroke: 2 }), { width: 192, height: 256 });
  assert.deepEqual(workingSize({ width: 300, height: 400 }, {}), { width: 300, height: 400 });
  assert.throws(() => workingSize({ width: 300, height: 400 }, { stroke: 30 }), ImageError);
  for (const stroke of [0, -1, Number.NaN, 1e6]) assert.throws(() => requireStroke(stroke), ConfigError);
});

test('with a stroke, a small preview looks like the large picture; without one, it does not', async () => {
  const checkpoint = await loadCheckpoint(await findStyle('great-wave'));
  const large = await readPicture(fileURLToPath(new URL('../../../samples/harbour.jpg', import.meta.url)));
  const small = await resizePicture(large, 300, 200);
  const similarity = async (look: Look) => {
    const painter = new LookPainter(new StyleNetwork(checkpoint), look);
    const preview = painter.stylize(small);
    const final = await resizePicture(painter.stylize(large) as Picture, 300, 200);
    painter.dispose();
    return psnr(preview.pixels, final.pixels);
  };
  const [stroke, without] = [await similarity({ ...plain, stroke: 2 }), await similarity(plain)];
  assert.ok(stroke > 26 && stroke > without + 8, `${stroke} dB, without ${without} dB`);
});

/** Peak signal-to-noise ratio, in decibels. */
function psnr(a: Uint8Array, b: Uint8Array): number {
  const squares = a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
  return 10 * Math.log10(255 ** 2 / (squares / a.length));
}
