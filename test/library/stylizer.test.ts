import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { decodePicture } from '../../src/data/image-file.ts';
import { CheckpointError, ConfigError, ImageError, type PaintedPixels, Stylizer } from '../../src/index.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto, drawnPicture } from '../helpers/tiny-dataset.ts';

const NET = 'c3s1-4,d5,R5,u4,c3s1-3';

test('pixels, bytes and paths come out as the network itself paints them', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), NET);
  const path = await drawnPhoto(join(folder, 'photo.png'), 45, 33);
  const picture = drawnPicture(45, 33);
  const network = await StyleNetwork.load(style);
  const wanted = network.stylize(picture);
  network.dispose();
  await expectNoLeak(async () => {
    const stylizer = await Stylizer.load(style, { precision: 'f32' });
    assert.equal(stylizer.description.name, 'tiny');
    for (const input of [picture, path, await readFile(path)]) {
      const painted = await stylizer.stylize(input);
      assert.deepEqual([painted.width, painted.height, painted.alpha], [45, 33, undefined]);
      assert.deepEqual(Buffer.from(painted.pixels), Buffer.from(wanted.pixels));
    }
    const file = await stylizer.stylize(picture, { format: 'png' });
    assert.ok(Buffer.isBuffer(file));
    assert.deepEqual(Buffer.from((await decodePicture(file, 'file')).pixels), Buffer.from(wanted.pixels));
    const alpha = Uint8Array.from({ length: 45 * 33 }, (_, i) => i % 256);
    const seen = await stylizer.stylize({ ...picture, alpha });
    assert.deepEqual(Buffer.from(seen.alpha!), Buffer.from(alpha));
    // Nothing of the style is the photo; the mask leaves half of it.
    assert.deepEqual(
      Buffer.from((await stylizer.stylize(picture, { amount: 0 })).pixels),
      Buffer.from(picture.pixels),
    );
    const half = Uint8Array.from(picture.pixels, (_, i) => (i < picture.pixels.length / 2 ? 0 : 255));
    const masked = await stylizer.stylize(picture, { mask: { ...picture, pixels: half } });
    assert.deepEqual(masked.pixels.subarray(0, 135), picture.pixels.subarray(0, 135));
    assert.deepEqual(masked.pixels.subarray(-135), wanted.pixels.subarray(-135));
    await stylizer.dispose();
  });
});

test('many calls at once give what each gives alone, and one failure does not affect the others', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), NET);
  const stylizer = await Stylizer.load(style, { precision: 'f32' });
  const pictures = Array.from({ length: 12 }, (_, i) => drawnPicture(20 + 7 * i, 64 - 3 * i, i));
  const alone: PaintedPixels[] = [];
  for (const picture of pictures) alone.push(await stylizer.stylize(picture));
  const [together, faulty] = await Promise.all([
    Promise.all(pictures.map((picture) => stylizer.stylize(picture))),
    assert.rejects(stylizer.stylize(Buffer.from('<svg/>')), ImageError),
  ]);
  assert.equal(faulty, undefined);
  together.forEach((painted, i) => {
    assert.deepEqual(painted, alone[i]);
  });
  assert.equal(stylizer.pending, 0);

  const ends = new AbortController();
  const aborted = stylizer.stylize(pictures[0]!, { signal: ends.signal });
  ends.abort(new Error('gone'));
  await assert.rejects(aborted, /gone/);
  const waiting = pictures.map((picture) => stylizer.stylize(picture));
  assert.equal(stylizer.pending, 12);
  const settled = Promise.allSettled(waiting);
  await stylizer.dispose();
  await stylizer.dispose();
  const refused = (await settled).filter(({ status }) => status === 'rejected');
  assert.ok(refused.length >= 9, `${refused.length} of 12 refused`);
  await assert.rejects(stylizer.stylize(pictures[0]!), /disposed of/);
});

test('a picture larger than the memory allowed is painted in bands, to the same result', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), NET);
  const picture = drawnPicture(2600, 1800);
  // First, as estimates begin at what the process holds, and painting in one piece leaves it large.
  const plans = (await StyleNetwork.load(style)).plans(picture);
  const least = Math.min(...plans.map(({ peak }) => peak));
  const untiled = plans.find(({ placement }) => placement === 'untiled')!.peak;
  const tight = await Stylizer.load(style, { precision: 'f32', memory: (least + untiled) / 2 });
  const notes: string[] = [];
  const file = await tight.stylize(picture, { format: 'png', onNote: (note) => notes.push(note) });
  assert.match(notes.join(), /in bands/);
  const banded = await decodePicture(file, 'file');
  const roomy = await Stylizer.load(style, { precision: 'f32' });
  const whole = await roomy.stylize(picture);
  assert.ok(banded.pixels.every((value, i) => Math.abs(value - whole.pixels[i]!) <= 1));
  const none = await Stylizer.load(style, { memory: 1e6 });
  await assert.rejects(none.stylize(picture), ConfigError);
  await Promise.all([roomy, tight, none].map((stylizer) => stylizer.dispose()));
});

test('invalid input throws its class of error', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), NET);
  await assert.rejects(Stylizer.load(join(folder, 'none.safetensors')), CheckpointError);
  const stylizer = await Stylizer.load(style);
  const picture = drawnPicture(20, 20);
  const wrong = (options: object, message: RegExp) =>
    assert.rejects(stylizer.stylize(picture, options), (error: Error) => {
      return error instanceof ConfigError && message.test(error.message);
    });
  await wrong({ format: 'bmp' }, /for format but received bmp/);
  await wrong({ format: 'jpeg', quality: 0 }, /1 to 100 for quality/);
  await wrong({ format: 'jpeg', depth: 16 }, /PNG or TIFF/);
  await wrong({ format: 'jpeg', background: 'blurple' }, /a colour for background/);
  await wrong({ amount: 2 }, /amount/);
  await wrong({ colors: 'mine' }, /for colors/);
  await wrong({ damaged: 'mend' }, /one of refuse, accept for damaged/);
  const bad = [
    [{ ...picture, width: 21 }, /width × height × 3 samples/],
    [{ ...picture, alpha: new Uint8Array(3) }, /alpha of width × height/],
    [drawnPicture(8, 40), /at least/],
    [Buffer.alloc(0), /the picture is empty/],
    [join(folder, 'none.jpg'), /no such file/],
  ] as const;
  for (const [input, message] of bad) {
    await assert.rejects(stylizer.stylize(input), (error: Error) => {
      return error instanceof ImageError && message.test(error.message);
    });
  }
  const whole = await sharp(picture.pixels, { raw: { width: 20, height: 20, channels: 3 } })
    .jpeg()
    .toBuffer();
  const cut = whole.subarray(0, whole.length - 60);
  await assert.rejects(stylizer.stylize(cut), ImageError);
  const notes: string[] = [];
  const onNote = (note: string) => notes.push(note);
  await stylizer.stylize(cut, { damaged: 'accept', format: 'png', onNote });
  assert.match(notes.join(), /the picture is damaged or cut short .*; what can be read of it is taken/);
  await assert.rejects(stylizer.stylize(picture, { maxPixels: 399 }), /at most 399 pixels/);
  await stylizer.dispose();
});
