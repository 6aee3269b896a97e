import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { access, copyFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { openDataset } from '../../src/data/dataset.ts';
import { ConfigError, DatasetError, FileError } from '../../src/system/errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { build, filesOf, interrupted, photosAndOut } from './build-fixtures.ts';
import { noisy, put } from './photo-fixtures.ts';

test('an interrupted build continues to the same bytes', async (t) => {
  const [photos, out] = await photosAndOut(t, 17);
  await copyFile(join(photos, '0001.jpg'), join(photos, '0005b.jpg'));
  await copyFile(join(photos, '0001.jpg'), join(photos, '0016b.jpg'));
  await writeFile(join(photos, '0007b.jpg'), 'no picture');
  await build(photos, out);
  const wanted = await filesOf(out);
  for (const after of [1, 5, 6, 8, 13, 19]) {
    await rm(out, { recursive: true });
    await interrupted(photos, out, after);
    await assert.rejects(openDataset(out), /is not finished; run the same 'dataset build' again/);
    // What a killed process leaves of the shard it was at.
    for (const half of ['small-00099.tfrecord.part', 'index.json.999999-0123abcd.part'])
      await writeFile(join(out, half), 'half a file');
    const { resumedAfter, photos: done, index } = await build(photos, out);
    assert.equal(resumedAfter + done, 20);
    assert.ok(
      resumedAfter <= after && after - resumedAfter <= 7,
      `interrupted after ${after}, resumed after ${resumedAfter}`,
    );
    assert.deepEqual(index.setAside, { duplicate: 2, unreadable: 1 });
    assert.deepEqual(await filesOf(out), wanted, `interrupted after ${after}`);
  }
});

test('a build that failed between the last shard and the index only writes the index', async (t) => {
  const [photos, out] = await photosAndOut(t, 10);
  await build(photos, out);
  const wanted = await filesOf(out);
  await rm(out, { recursive: true });
  // Something that cannot be written over, in the way of the first file after the shards.
  const inTheWay = join(out, 'set-aside.json');
  const failed = build(photos, out, { onProgress: ({ done }) => void (done === 1 && mkdirSync(inTheWay)) });
  await assert.rejects(failed, FileError);
  await rm(inTheWay, { recursive: true });
  const { resumedAfter, photos: done } = await build(photos, out);
  assert.deepEqual([resumedAfter, done], [10, 0]);
  assert.deepEqual(await filesOf(out), wanted);
});

test('the same build again does nothing; another is refused, or replaces it with overwrite', async (t) => {
  const [photos, out] = await photosAndOut(t, 6);
  await build(photos, out);
  const before = await stat(join(out, 'index.json'));
  const again = await build(photos, out);
  assert.deepEqual([again.photos, again.index.count], [0, 6]);
  assert.equal((await stat(join(out, 'index.json'))).mtimeMs, before.mtimeMs);

  const refused = (pattern: RegExp) => (error: Error) => {
    assert.ok(error instanceof ConfigError, error.stack);
    assert.match(error.message, pattern);
    assert.match(error.message, /--overwrite/);
    return true;
  };
  await assert.rejects(build(photos, out, { size: 70 }), refused(/\(--size\)/));
  await assert.rejects(
    build(photos, out, { quality: 80, shardSize: { amount: 9, unit: 'records' } }),
    refused(/\(--quality, --shard-size\)/),
  );
  await put(join(photos, 'new.jpg'), noisy(100, 100, 128).jpeg());
  await assert.rejects(build(photos, out), refused(/\(other photos\)/));

  await writeFile(join(out, 'notes.txt'), 'mine');
  const { index } = await build(photos, out, { size: 70, overwrite: true });
  assert.deepEqual([index.count, index.settings.size], [7, 70]);
  assert.equal(await readFile(join(out, 'notes.txt'), 'utf8'), 'mine', 'only its own files are replaced');
});

test('a build with other settings does not continue an interrupted one', async (t) => {
  const [photos, out] = await photosAndOut(t, 8);
  await interrupted(photos, out, 7);
  await assert.rejects(build(photos, out, { size: 70 }), /other settings or photos \(--size\)/);
  const { index } = await build(photos, out, { size: 70, overwrite: true });
  assert.equal(index.count, 8);
});

test('a folder with other things in it is left alone, even with overwrite', async (t) => {
  const [photos, out] = await photosAndOut(t, 2);
  await put(join(out, 'thesis.txt'), 'years of work');
  for (const overwrite of [false, true]) {
    await assert.rejects(build(photos, out, { overwrite }), FileError);
  }
  await assert.rejects(build(photos, join(out, 'thesis.txt')), FileError);
  assert.deepEqual(await readdir(out), ['thesis.txt']);
  await rm(join(out, 'thesis.txt'));
  assert.equal((await build(photos, out)).index.count, 2, 'an empty folder will do');
});

test('no folder, no pictures and no usable picture are errors that leave nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const out = join(folder, 'set');
  const refused = (pattern: RegExp) => (error: Error) => {
    assert.ok(error instanceof DatasetError, error.stack);
    assert.match(error.message, pattern);
    assert.ok(!error.message.includes('\n'));
    return true;
  };
  await assert.rejects(build(join(folder, 'missing'), out), refused(/no such folder/));
  await assert.rejects(build(await put(join(folder, 'one.jpg'), 'x'), out), refused(/is a file/));
  await put(join(folder, 'papers', 'a.pdf'), 'x');
  await assert.rejects(build(join(folder, 'papers'), out), refused(/no pictures/));
  await put(join(folder, 'bad', 'a.jpg'), 'x');
  await put(join(folder, 'bad', 'b.jpg'), noisy(10, 10, 100).jpeg());
  await assert.rejects(
    build(join(folder, 'bad'), out),
    refused(/None of the 2 pictures can be used: 1 unreadable, 1 tiny; a\.jpg/),
  );
  await assert.rejects(access(out));
});

test('of two builds into one folder at once the second is refused, and the first is whole', async (t) => {
  const [photos, out] = await photosAndOut(t, 12);
  await build(photos, out);
  const wanted = await filesOf(out);
  await rm(out, { recursive: true });
  let second: Promise<unknown> | undefined;
  const first = build(photos, out, {
    onProgress: ({ done }) => {
      if (done === 3)
        second = build(photos, out).then(
          () => undefined,
          (error: unknown) => error,
        );
    },
  });
  assert.equal((await first).index.count, 12);
  const refusal = await second;
  assert.ok(refusal instanceof FileError);
  assert.match(
    refusal.message,
    /a folder that no other process builds a data set in but received .*small, where process \d+ on .* is using it; wait for it, choose another --out/,
  );
  assert.deepEqual(await filesOf(out), wanted);
});

test('files that a killed process left of the lock and its first file are recognised', async (t) => {
  const [photos, out] = await photosAndOut(t, 6);
  mkdirSync(out, { recursive: true });
  await writeFile(join(out, 'building.lock'), JSON.stringify({ host: hostname(), pid: 2 ** 30 }));
  await writeFile(join(out, 'building.json.999999-0123abcd.part'), '{"ver');
  assert.equal((await build(photos, out)).index.count, 6);
  assert.deepEqual(
    (await readdir(out)).filter((name) => /lock|part$/.test(name)),
    [],
  );
});

test('a record of another kind counts as none: its shard is made again', async (t) => {
  const [photos, out] = await photosAndOut(t, 17);
  await build(photos, out);
  const wanted = await filesOf(out);
  for (const note of ['null', '[]', '{"file": 3}', '['.repeat(1e5)]) {
    await rm(out, { recursive: true });
    await interrupted(photos, out, 13);
    await writeFile(join(out, 'small-00000.shard.json'), note);
    assert.equal((await build(photos, out)).resumedAfter, 0);
    assert.deepEqual(await filesOf(out), wanted);
  }
});
