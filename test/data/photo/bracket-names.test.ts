/** A name's end is no option: libvips would take what is in brackets for one, and open another file. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { readPicture } from '../../../src/data/image-file.ts';
import { decodePhoto, openPhoto } from '../../../src/data/photo/read-photo.ts';
import { sharp } from '../../../src/data/sharp.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const plain = (background: string) =>
  sharp({ create: { width: 20, height: 16, channels: 3, background } })
    .png()
    .toBuffer();

test('a name that ends in brackets is opened, and no similar one', async (t) => {
  const folder = await temporaryFolder(t);
  const green =
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="16"><rect width="20" height="16" fill="#00ff00"/></svg>';
  await writeFile(join(folder, 'x.svg'), green);
  await writeFile(join(folder, 'y.png'), await plain('#00ff00'));
  for (const name of ['x.svg[unlimited]', 'y.png[shrink=2]', 'y.png[]', 'photo[1].jpg', '[x]', 'a]']) {
    const path = join(folder, name);
    await writeFile(path, await plain('#ff0000'));
    const { pixels } = await readPicture(path);
    assert.deepEqual([...pixels.subarray(0, 3)], [255, 0, 0], name);
    const photo = await decodePhoto(await openPhoto(path));
    assert.deepEqual([photo.width, photo.height, ...photo.pixels.subarray(0, 3)], [20, 16, 255, 0, 0], name);
  }
});
