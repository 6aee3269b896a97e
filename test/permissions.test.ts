/** Folders that cannot be read or written: said in the words of permission, and one of many stops nothing. */
import assert from 'node:assert/strict';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { replaceFileAtomically } from '../src/atomic-file.ts';
import { findInputs } from '../src/commands/photo-inputs.ts';
import { encodeWhole } from '../src/data/photo/photo-file.ts';
import { findPhotos } from '../src/data/photo-files.ts';
import { FileError } from '../src/errors.ts';
import { asNobody } from './helpers/as-nobody.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';
import { drawnPhoto } from './helpers/tiny-dataset.ts';

const skip = process.platform === 'win32' && 'Windows has other permissions';

test('a folder that cannot be written to is told as such, whoever writes', { skip }, async (t) => {
  const folder = await temporaryFolder(t);
  await chmod(folder, 0o555);
  const picture = { width: 16, height: 16, pixels: new Uint8Array(768) };
  const write = (path: string) => encodeWhole(picture as never, { format: 'png', depth: 8 } as never, path);
  await asNobody(() =>
    assert.rejects(replaceFileAtomically(join(folder, 'x.png'), write), (error: Error) => {
      assert.ok(error instanceof FileError, error.stack);
      assert.match(error.message, /^Cannot write .*x\.png: permission denied\.$/);
      return true;
    }),
  );
  await chmod(folder, 0o755);
  assert.deepEqual(await readdir(folder), []);
});

test('a subfolder that cannot be read is passed over with a word; the folder itself must be readable', {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  await chmod(folder, 0o755);
  const secret = join(folder, 'secret');
  await mkdir(secret);
  await drawnPhoto(join(folder, 'a.jpg'), 40, 30, { format: 'jpeg' });
  await drawnPhoto(join(secret, 'b.jpg'), 40, 30, { format: 'jpeg' });
  await chmod(secret, 0);
  const said: string[] = [];
  const note = (line: string) => void said.push(line);
  const told = `Cannot read the folder ${secret}: permission denied; the photos in it are passed over.`;
  await asNobody(async () => {
    assert.deepEqual(
      (await findPhotos([folder], note)).map(({ name }) => name),
      ['a.jpg'],
    );
    assert.deepEqual(
      (await findInputs([folder], 'out', note)).map(({ name }) => name),
      ['a.jpg'],
    );
    assert.deepEqual(said, [told, told]);
    await assert.rejects(findPhotos([secret], note), /Cannot read the folder .*secret: permission denied\.$/);
  });
  await chmod(secret, 0o755);
});
