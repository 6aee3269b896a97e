import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test from 'node:test';
import { openDataset } from '../../src/data/dataset.ts';
import { extractPictures, verifyPictures } from '../../src/data/inspect-dataset.ts';
import { DatasetError, FileError } from '../../src/system/errors.ts';
import { build, photosAndOut, records } from './build-fixtures.ts';

test('a corrupt, cut or missing shard is an error that names file and record', async (t) => {
  const [photos, out] = await photosAndOut(t, 12);
  const { index } = await build(photos, out);
  const path = join(out, 'small-00001.tfrecord');
  const whole = await readFile(path);
  const fails = async (action: Promise<unknown>, pattern: RegExp) => {
    await assert.rejects(action, (error: Error) => {
      assert.ok(error instanceof DatasetError, error.stack);
      assert.match(error.message, pattern);
      assert.match(error.message, /small-00001\.tfrecord/);
      return true;
    });
  };

  const third = index.shards[1]!.lengths.slice(0, 2).reduce((sum, length) => sum + length + 16, 0);
  const corrupt = Buffer.from(whole);
  corrupt[third + 200]! ^= 4;
  await writeFile(path, corrupt);
  const dataset = await openDataset(out);
  t.after(() => dataset.close());
  await fails(dataset.read(7), /small-00001\.tfrecord: record 3 of 5 is corrupt/);
  assert.equal((await dataset.read(6)).filename, '0006.jpg', 'its neighbours can be read');
  await fails(verifyPictures(out), /1 of 12 pictures are not whole; the first: .*record 3 of 5/);

  await writeFile(path, whole.subarray(0, third + 300));
  await fails(openDataset(out), /is cut short at record 3 of 5/);
  await fails(dataset.read(7), /record 3 of 5 is cut short/);
  await writeFile(path, Buffer.concat([whole, whole]));
  await fails(openDataset(out), /is longer than its index says/);
  await rename(path, `${path}.away`);
  await fails(openDataset(out), /is missing/);
  await fails(build(photos, out), /is missing/);
});

test('a folder that is no data set is refused with what to do', async (t) => {
  const [photos, out] = await photosAndOut(t, 2);
  const refused = (pattern: RegExp) => (error: Error) => {
    assert.ok(error instanceof DatasetError, error.stack);
    assert.match(error.message, pattern);
    return true;
  };
  await assert.rejects(
    openDataset(photos),
    refused(/a folder of photos, .*run: npx --no-install fast-style dataset build .*photos --out/),
  );
  await assert.rejects(openDataset(out), refused(/no such folder/));
  await assert.rejects(openDataset(join(photos, '0000.jpg')), refused(/is a file/));
  await mkdir(out, { recursive: true });
  await assert.rejects(
    openDataset(out),
    refused(/is not a data set; run: npx --no-install fast-style dataset build/),
  );
  for (const text of ['', '{', '[]', '{"version":1,"count":3}', '{"version":1,"shards":[{}]}']) {
    await writeFile(join(out, 'index.json'), text);
    await assert.rejects(openDataset(out), refused(/index\.json is damaged/));
  }
  await writeFile(join(out, 'index.json'), '{"version":9}');
  await assert.rejects(openDataset(out), refused(/version 9/));
});

test('extracts pictures as they are stored, and overwrites none', async (t) => {
  const [photos, out] = await photosAndOut(t, 3);
  const { index } = await build(photos, out);
  const whole = await readFile(join(out, 'index.json'), 'utf8');
  const { file } = index.shards[0]!;
  await writeFile(join(out, 'index.json'), whole.replaceAll(file, `../${basename(out)}/${file}`));
  await assert.rejects(openDataset(out), /index\.json is damaged/, 'a shard outside its folder');
  await writeFile(join(out, 'index.json'), whole);
  const to = join(out, '..', 'extracted');
  assert.equal(await extractPictures(out, 2, to), 2);
  const [first] = await records(out);
  assert.deepEqual(await readdir(to), ['000000-0000.jpg', '000001-0001.jpg']);
  assert.deepEqual(await readFile(join(to, '000000-0000.jpg')), Buffer.from(first!.encoded));
  await assert.rejects(extractPictures(out, 3, to), FileError);
});
