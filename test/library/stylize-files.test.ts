import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodePicture } from '../../src/data/image-file.ts';
import {
  ConfigError,
  FileError,
  ImageError,
  InterruptedError,
  type StylizedFile,
  stylizeFiles,
  watchFolder,
} from '../../src/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';

async function photosAndStyle(folder: string) {
  const photo = join(folder, 'photos');
  await mkdir(join(photo, 'sub'), { recursive: true });
  await drawnPhoto(join(photo, 'a.png'), 32, 24);
  await drawnPhoto(join(photo, 'sub/b.png'), 24, 32);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  return { photo, style, out: join(folder, 'out') };
}

test('a folder is painted, each photo by its own result; what exists is kept', async (t) => {
  const folder = await temporaryFolder(t);
  const call = await photosAndStyle(folder);
  const { photo, out } = call;
  await writeFile(join(photo, 'faulty.png'), 'no picture');
  const [painted, steps] = [[] as StylizedFile[], [] as string[]];
  const { files, skipped } = await stylizeFiles(
    { ...call, format: 'jpeg', quality: 80, sheet: join(folder, 'sheet.png') },
    {
      onPainted: (file) => painted.push(file),
      onProgress: ({ done, total }) => steps.push(`${done} of ${total}`),
    },
  );
  assert.deepEqual(painted, files);
  assert.deepEqual(steps, ['0 of 3', '1 of 3', '2 of 3', '3 of 3']);
  assert.equal(skipped, 0);
  const [a, faulty, b] = files;
  assert.equal(files.length, 3);
  assert.deepEqual([a!.file, a!.style, a!.width], [join(out, 'a-noise.jpg'), 'noise', 32]);
  assert.ok(faulty!.error instanceof ImageError && faulty!.photo === join(photo, 'faulty.png'));
  assert.equal(b!.file, join(out, 'sub/b-noise.jpg'));
  assert.equal((await decodePicture(await readFile(b!.file), 'b')).height, 32);
  assert.ok((await decodePicture(await readFile(join(folder, 'sheet.png')), 'sheet')).width > 32);
  const again = { ...call, format: 'jpeg' } as const;
  await assert.rejects(
    stylizeFiles(again),
    (error: Error) => error instanceof FileError && /pass overwrite, or skipExisting for/.test(error.message),
  );
  const rest = await stylizeFiles({ ...again, skipExisting: true });
  assert.deepEqual([rest.skipped, rest.files.map((file) => file.photo)], [2, [join(photo, 'faulty.png')]]);
});

test('an aborted call says how to continue; options are checked by the names of the library', async (t) => {
  const folder = await temporaryFolder(t);
  const call = await photosAndStyle(folder);
  for (let i = 0; i < 6; i++)
    await writeFile(join(call.photo, `${i}.png`), await readFile(join(call.photo, 'a.png')));
  const [stop, reason] = [new AbortController(), new Error('enough')];
  await assert.rejects(
    stylizeFiles(call, { signal: stop.signal, onPainted: () => stop.abort(reason) }),
    (error: Error) => {
      assert.ok(error instanceof InterruptedError && error.cause === reason, error.stack);
      assert.match(error.message, /^Stopped: \d of 8 painted; the same call with skipExisting: true/);
      return true;
    },
  );
  assert.ok((await readdir(call.out)).length < 8);
  for (const [given, message] of [
    [{ colour: 1 }, /colour/],
    [{ photo: [] }, /photo/],
    [{ out: undefined }, /a file or folder for out but received none/],
    [{ quality: 0 }, /for quality but received 0/],
    [{ overwrite: true, skipExisting: true }, /one of skipExisting and overwrite but received both/],
    [{ blend: 'a:1,b:1', style: ['a', 'b'] }, /one style with blend/],
  ] as const)
    await assert.rejects(stylizeFiles({ ...call, ...given } as never), (error: Error) => {
      assert.ok(error instanceof ConfigError, error.stack);
      assert.match(error.message, message);
      return true;
    });
});

test('a watched folder: photos that are there, then one that arrives in pieces; an abort ends it', async (t) => {
  const folder = await temporaryFolder(t);
  const { photo: watch, ...call } = await photosAndStyle(folder);
  const bytes = await readFile(await drawnPhoto(join(folder, 'new.png'), 40, 20));
  const stop = new AbortController();
  const painted: string[] = [];
  /** Of the same event loop as the watching: however slow the machine is, the next piece comes before 400 ms of quiet are over. */
  const arrive = () => {
    let piece = 0;
    const arriving = setInterval(() => {
      appendFileSync(
        join(watch, 'new.png'),
        bytes.subarray((piece * bytes.length) / 8, (++piece * bytes.length) / 8),
      );
      if (piece === 8) clearInterval(arriving);
    }, 100);
  };
  await watchFolder(
    { ...call, watch },
    {
      signal: stop.signal,
      onPainted({ photo, error }) {
        assert.equal(error, undefined);
        painted.push(photo);
        if (painted.length === 2) arrive();
        if (painted.length === 3) stop.abort();
      },
    },
  );
  assert.deepEqual(
    painted.sort(),
    ['a.png', 'new.png', 'sub/b.png'].map((name) => join(watch, name)),
  );
  assert.deepEqual((await readdir(call.out)).sort(), ['a-noise.png', 'new-noise.png', 'sub']);
  const { signal } = new AbortController();
  await assert.rejects(
    watchFolder({ ...call, watch: join(folder, 'none') }, { signal }),
    /a folder for watch but received/,
  );
  await assert.rejects(watchFolder({ ...call, watch }, {} as never), /an AbortSignal as signal/);
});
