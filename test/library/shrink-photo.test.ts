import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodePicture } from '../../src/data/image-file.ts';
import { ConfigError, ImageError, shrinkPhoto } from '../../src/index.ts';
import { heicFile } from '../helpers/heic-file.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';

test('photos of any kind become small pictures that a browser shows', async (t) => {
  const folder = await temporaryFolder(t);
  const path = await drawnPhoto(join(folder, 'sea.tif'), 90, 60, { format: 'tiff' });
  const { bytes, photo } = await shrinkPhoto(path, { side: 30 });
  assert.deepEqual(photo, { width: 90, height: 60 });
  assert.deepEqual([...bytes.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  const { width, height } = await decodePicture(bytes, 'shrunk');
  assert.deepEqual([width, height], [30, 20]);
  // What is smaller keeps its size.
  const whole = await shrinkPhoto(path, { side: 500, format: 'png' });
  assert.equal((await decodePicture(whole.bytes, 'whole')).width, 90);
  await writeFile(join(folder, 'phone.heic'), heicFile({}));
  const heic = await shrinkPhoto(join(folder, 'phone.heic'), { side: 32 });
  assert.deepEqual(heic.photo, { width: 64, height: 64 });
  assert.equal((await decodePicture(heic.bytes, 'heic')).width, 32);
});

test('what cannot be shrunk is refused', async () => {
  await assert.rejects(shrinkPhoto(Buffer.from('no picture'), { side: 30 }), ImageError);
  await assert.rejects(shrinkPhoto('none.jpg', { side: 30 }), ImageError);
  for (const options of [
    { side: 0 },
    { side: 3.5 },
    { side: 30, quality: 0 },
    { side: 30, format: 'gif' },
    { side: 1, sides: 2 },
  ])
    await assert.rejects(shrinkPhoto('none.jpg', options as { side: number }), ConfigError);
});
