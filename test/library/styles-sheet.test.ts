import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodePicture } from '../../src/data/image-file.ts';
import { ConfigError, FileError, listStyles, stylesSheet } from '../../src/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { drawnPicture } from '../helpers/tiny-dataset.ts';

// A whole one: test/library/docs.test.ts.
test('the sheet of styles is painted from pixels, stops without a file, and replaces none', async (t) => {
  const folder = await temporaryFolder(t);
  const out = join(folder, 'sheet.png');
  const photo = drawnPicture(40, 32);
  const [stop, reason, seen] = [new AbortController(), new Error('enough'), [] as string[]];
  const aborted = stylesSheet(
    { photo, out },
    {
      signal: stop.signal,
      onProgress({ done, total }) {
        seen.push(`${done} of ${total}`);
        stop.abort(reason);
      },
    },
  );
  await assert.rejects(aborted, reason);
  const available = (await listStyles()).map(({ name }) => name);
  assert.deepEqual(seen, [`1 of ${available.length}`]);
  assert.deepEqual(await readdir(folder), []);
  await writeFile(out, '');
  await assert.rejects(stylesSheet({ photo, out }), FileError);
  await assert.rejects(stylesSheet({ photo: 7 as never }), /for photo but received 7/);
  await assert.rejects(stylesSheet({ photo, out: join(folder, 'sheet.doc') }), ConfigError);
});

test('a listed style has its painting', async () => {
  const [{ name, style, thumbnail, path } = assert.fail('there are styles')] = await listStyles();
  assert.match(path, new RegExp(`${name}\\.safetensors$`));
  assert.ok((style.title ?? style.file)!.length > 0);
  assert.ok((await decodePicture(Buffer.from(thumbnail!, 'base64'), 'thumbnail')).width > 16);
});
