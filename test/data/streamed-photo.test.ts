import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { decodePicture, readPicture } from '../../src/data/image-file.ts';
import { decodePhoto, openPhoto } from '../../src/data/photo/read-photo.ts';
import { StreamedWriter, streamPhoto } from '../../src/data/photo/streamed-photo.ts';
import { encodeWhole } from '../../src/data/photo/write-photo.ts';
import { photoFormat } from '../../src/data/picture-format.ts';
import { interleaved } from '../../src/picture.ts';
import { FileError, ImageError } from '../../src/system/errors.ts';
import { withSmallDisk } from '../helpers/small-disk.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { drawnPhoto, drawnPicture } from '../helpers/tiny-dataset.ts';

test('a streamed picture has the pixels of one that is read whole: formats, odd sizes, orientation, alpha', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  await drawnPhoto(at('a.png'), 37, 53);
  await drawnPhoto(at('b.jpg'), 64, 33, { format: 'jpeg' });
  await drawnPhoto(at('c.webp'), 16, 16, { format: 'webp' });
  await sharp(at('a.png')).withMetadata({ orientation: 6 }).jpeg().toFile(at('turned.jpg'));
  await sharp(at('a.png')).ensureAlpha(0.5).png().toFile(at('alpha.png'));
  await sharp(at('a.png')).toColourspace('cmyk').tiff().toFile(at('cmyk.tif'));
  await sharp(at('a.png')).toColourspace('rgb16').png().toFile(at('deep.png'));
  await sharp(at('a.png')).greyscale().png().toFile(at('grey.png'));
  const scratch = await temporaryFolder(t);
  await sharp(at('a.png')).toColourspace('rgb16').ensureAlpha(0.5).png().toFile(at('deep-alpha.png'));
  for (const name of await readdir(folder)) {
    const photo = await openPhoto(at(name));
    const wanted = await decodePhoto(photo);
    const samples = interleaved(wanted.pixels, wanted.alpha);
    const streamed = await streamPhoto(photo, scratch);
    assert.deepEqual([streamed.width, streamed.height], [wanted.width, wanted.height], name);
    assert.deepEqual(
      [streamed.channels, streamed.bits],
      [name.includes('alpha') ? 4 : 3, name.startsWith('deep') ? 16 : 8],
      name,
    );
    const row = wanted.width * streamed.channels;
    for (const [from, to] of [
      [0, streamed.height],
      [5, 9],
      [streamed.height - 1, streamed.height],
    ] as const) {
      assert.deepEqual(
        [...streamed.read(from, to)],
        [...samples.subarray(from * row, to * row)],
        `${name} ${from}`,
      );
    }
    streamed.close();
  }
  assert.deepEqual(await readdir(scratch), []);
});

test('a picture written row by row is the one that is written whole', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  for (const [width, height] of [
    [37, 53],
    [16, 16],
    [1, 17],
    [33, 7],
  ] as const) {
    const picture = drawnPicture(width, height);
    for (const extension of ['png', 'tif', 'jpg', 'webp']) {
      const output = { format: photoFormat(`a.${extension}`), depth: 8 } as const;
      await encodeWhole(picture, output, at(`whole.${extension}`));
      const writer = new StreamedWriter(picture, folder);
      const row = width * 3;
      for (let y = 0; y < height; y += 5) {
        writer.write(picture.pixels.subarray(y * row, Math.min(height, y + 5) * row));
      }
      await writer.encode(at(`rows.${extension}`), output);
      writer.close();
      const [whole, rows] = await Promise.all([
        readPicture(at(`whole.${extension}`)),
        readPicture(at(`rows.${extension}`)),
      ]);
      assert.deepEqual(rows, whole, `${extension} ${width}×${height}`);
    }
  }
});

test('half a picture is not encoded', async (t) => {
  const folder = await temporaryFolder(t);
  const there = join(folder, 'there.png');
  const output = { format: 'png', depth: 8 } as const;
  const writer = new StreamedWriter({ width: 4, height: 2 }, folder);
  writer.write(new Uint8Array(12));
  await assert.rejects(writer.encode(there, output), /not whole/);
  writer.write(new Uint8Array(12));
  await writer.encode(there, output);
  assert.equal((await decodePicture(await readFile(there), there)).width, 4);
  writer.close();
  assert.deepEqual(await readdir(folder), ['there.png']);
});

test('a damaged picture and a full disk get one line and leave nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const photo = await drawnPhoto(join(folder, 'photo.png'), 300, 200);
  await writeFile(join(folder, 'cut.png'), (await readFile(photo)).subarray(0, 2000));
  await assert.rejects(
    streamPhoto(await openPhoto(join(folder, 'cut.png')), folder),
    (error) => error instanceof ImageError && /cut\.png is damaged or cut short/.test(error.message),
  );
  await withSmallDisk(t, 64, async (disk) => {
    await assert.rejects(
      streamPhoto(await openPhoto(photo), disk),
      (error) => error instanceof FileError && /no room is left/.test(error.message),
    );
    const writer = new StreamedWriter({ width: 1000, height: 100 }, disk);
    assert.throws(
      () => writer.write(new Uint8Array(300_000)),
      (error) => error instanceof FileError && /no room is left/.test(error.message),
    );
    writer.close();
    assert.deepEqual(await readdir(disk), []);
  });
});
