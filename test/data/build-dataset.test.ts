import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import {
  access,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { type BuildOptions, type BuildProgress, buildDataset } from '../../src/data/build-dataset.ts';
import { type DatasetRecord, openDataset } from '../../src/data/dataset.ts';
import { type BuildSettings, type SetAside, shardBytes } from '../../src/data/dataset-index.ts';
import { decodePicture } from '../../src/data/image-file.ts';
import { extractPictures, verifyPictures } from '../../src/data/inspect-dataset.ts';
import { ConfigError, DatasetError, FileError } from '../../src/errors.ts';
import { noisy, noisyPhotos, painted, put, temporaryFolder } from './photo-fixtures.ts';

const SETTINGS: BuildSettings = {
  size: 64,
  quality: 92,
  shardSize: { amount: 5, unit: 'records' },
  limit: null,
  seed: 0,
};

/** Builds with the settings above but for what is named. */
function build(folders: string | string[], out: string, more: Partial<BuildSettings & BuildOptions> = {}) {
  const { overwrite = false, onProgress = () => {}, ...settings } = more;
  return buildDataset({
    folders: [folders].flat(),
    out,
    settings: { ...SETTINGS, ...settings },
    overwrite,
    onProgress,
  });
}

async function records(folder: string): Promise<DatasetRecord[]> {
  const dataset = await openDataset(folder);
  try {
    return await Promise.all(Array.from({ length: dataset.count }, (_, i) => dataset.read(i)));
  } finally {
    await dataset.close();
  }
}

async function filesOf(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const name of (await readdir(folder)).sort()) {
    hashes[name] = createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex');
  }
  return hashes;
}

/** Stops a build after `photos` of its photos, as a crash would between two of them. */
async function interrupted(photos: string, out: string, after: number): Promise<void> {
  const onProgress = ({ done }: BuildProgress) => {
    if (done === after) throw new Error('crash');
  };
  await assert.rejects(build(photos, out, { onProgress }), /crash/);
}

async function photosAndOut(t: TestContext, count: number): Promise<[photos: string, out: string]> {
  const folder = await temporaryFolder(t);
  return [await noisyPhotos(join(folder, 'photos'), count), join(folder, 'datasets', 'small')];
}

test('keeps what can serve, upright and at one size, and sets the rest aside with the reason', async (t) => {
  const folder = await temporaryFolder(t);
  const photos = join(folder, 'photos');
  const jpeg = await noisy(120, 90, 100).jpeg().toBuffer();
  await put(join(photos, 'a plain.jpg'), jpeg);
  await put(join(photos, 'b', 'Große Welle 神奈川.JPEG'), noisy(90, 120, 110).jpeg());
  await put(
    join(photos, 'b', 'deeper', 'turned.jpg'),
    noisy(100, 80, 120).withMetadata({ orientation: 6 }).jpeg(),
  );
  await put(join(photos, 'c cmyk.jpg'), noisy(100, 100, 130).toColourspace('cmyk').jpeg());
  await put(join(photos, 'd grey.png'), noisy(100, 100, 140).greyscale().png());
  await put(join(photos, 'e alpha.png'), noisy(100, 100, 150).ensureAlpha(0.5).png());
  await put(join(photos, 'f 16 bit.png'), noisy(100, 100, 160).toColourspace('rgb16').png());
  await put(join(photos, 'g enlarged.webp'), noisy(40, 50, 170).webp());
  await put(join(photos, 'x cut.jpg'), jpeg.subarray(0, jpeg.length / 2));
  await put(join(photos, 'x text.jpg'), 'no picture at all');
  await put(join(photos, 'x empty.png'), '');
  await put(join(photos, 'x tiny.jpg'), noisy(200, 31, 100).jpeg());
  await put(join(photos, 'x narrow.jpg'), noisy(900, 100, 100).jpeg());
  await put(join(photos, 'x flat.jpg'), painted(100, 100, (x) => [90 + (x % 2), 90, 91]).jpeg());
  await put(join(photos, 'x twice.jpg'), jpeg);
  await symlink(join(folder, 'nowhere.jpg'), join(photos, 'x broken link.jpg'));
  await put(join(photos, 'annotations.json'), '{}');
  await put(join(photos, '.thumbnails', 'hidden.jpg'), noisy(100, 100, 99).jpeg());
  await put(join(photos, '._a plain.jpg'), 'left by a Mac');
  await symlink(photos, join(photos, 'b', 'round and round'));

  const out = join(folder, 'set');
  const progress: BuildProgress[] = [];
  const { index, photos: done } = await build(photos, out, { onProgress: (p) => progress.push(p) });
  assert.equal(done, 16);
  assert.deepEqual(progress.at(-1), { done: 16, total: 16, setAside: 8 });
  assert.equal(progress.length, 16);
  assert.deepEqual(index.setAside, { unreadable: 4, tiny: 1, narrow: 1, flat: 1, duplicate: 1 });

  const aside = JSON.parse(await readFile(join(out, 'set-aside.json'), 'utf8')) as SetAside[];
  assert.deepEqual(Object.fromEntries(aside.map(({ file, reason }) => [file, reason])), {
    'x broken link.jpg': 'unreadable',
    'x cut.jpg': 'unreadable',
    'x empty.png': 'unreadable',
    'x flat.jpg': 'flat',
    'x narrow.jpg': 'narrow',
    'x text.jpg': 'unreadable',
    'x tiny.jpg': 'tiny',
    'x twice.jpg': 'duplicate',
  });
  assert.match(aside.find(({ reason }) => reason === 'duplicate')!.detail, /as a plain\.jpg/);

  const kept = await records(out);
  assert.deepEqual(
    kept.map(({ filename, width, height }) => [filename, width, height]),
    [
      ['a plain.jpg', 85, 64],
      ['b/Große Welle 神奈川.JPEG', 64, 85],
      ['b/deeper/turned.jpg', 64, 80],
      ['c cmyk.jpg', 64, 64],
      ['d grey.png', 64, 64],
      ['e alpha.png', 64, 64],
      ['f 16 bit.png', 64, 64],
      ['g enlarged.webp', 64, 80],
    ],
  );
  assert.equal(kept[0]!.sourceId, createHash('sha256').update(jpeg).digest('hex'));
  const levels = [100, 110, 120, 130, 140, (150 + 255) / 2, 160, 170];
  for (const [i, { encoded, width, height, filename }] of kept.entries()) {
    const picture = await decodePicture(encoded, filename);
    assert.deepEqual([picture.width, picture.height], [width, height]);
    const mean = picture.pixels.reduce((sum, value) => sum + value, 0) / picture.pixels.length;
    assert.ok(
      Math.abs(mean - levels[i]!) < (filename.includes('cmyk') ? 20 : 4),
      `${filename}: mean ${mean}, should be ${levels[i]}`,
    );
  }
  assert.equal(await verifyPictures(out), 8);
  assert.deepEqual((await readdir(out)).sort(), [
    'index.json',
    'set-00000.tfrecord',
    'set-00001.tfrecord',
    'set-aside.json',
  ]);
});

test('fills shards by number or by bytes, in the order of the names', async (t) => {
  const [photos, out] = await photosAndOut(t, 12);
  const { index } = await build(photos, out);
  assert.deepEqual(
    index.shards.map(({ file, lengths }) => [file, lengths.length]),
    [
      ['small-00000.tfrecord', 5],
      ['small-00001.tfrecord', 5],
      ['small-00002.tfrecord', 2],
    ],
  );
  assert.deepEqual(
    (await records(out)).map(({ filename }) => filename),
    (await readdir(photos)).sort(),
  );

  const { index: byBytes } = await build(photos, `${out}-bytes`, {
    shardSize: { amount: 12_000, unit: 'bytes' },
  });
  assert.ok(byBytes.shards.length > 2);
  for (const shard of byBytes.shards) {
    const { size } = await stat(join(`${out}-bytes`, shard.file));
    assert.equal(size, shardBytes(shard));
    assert.ok(size <= 12_000 || shard.lengths.length === 1, `${size} bytes`);
  }
  assert.equal(byBytes.id, index.id, 'the same pictures are the same data, however they are sharded');
  const { index: larger } = await build(photos, `${out}-larger`, { size: 72 });
  assert.notEqual(larger.id, index.id);
});

test('--limit draws photos by the seed', async (t) => {
  const [photos, out] = await photosAndOut(t, 12);
  const names = async (seed: number) => {
    await build(photos, `${out}-${seed}`, { limit: 4, seed });
    return (await records(`${out}-${seed}`)).map(({ filename }) => filename);
  };
  const drawn = await names(1);
  assert.equal(drawn.length, 4);
  assert.deepEqual(drawn, [...drawn].sort());
  assert.notDeepEqual(drawn, await names(2));
  await rm(`${out}-1`, { recursive: true });
  assert.deepEqual(drawn, await names(1));
});

test('several folders are one data set; a photo in both is kept once', async (t) => {
  const [photos, out] = await photosAndOut(t, 3);
  const more = `${photos}-more`;
  await put(join(more, '0000.jpg'), noisy(100, 100, 250, 99).jpeg());
  await copyFile(join(photos, '0001.jpg'), join(more, 'copy.jpg'));
  const { index } = await build([more, photos], out);
  assert.deepEqual(
    (await records(out)).map(({ filename }) => filename),
    ['0000.jpg', 'copy.jpg', '0000.jpg', '0002.jpg'],
  );
  assert.deepEqual(index.setAside, { duplicate: 1 });
});

test('an interrupted build goes on and gives the same bytes', async (t) => {
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
    await writeFile(join(out, 'small-00003.tfrecord.part'), 'half a shard');
    const { resumedAfter, photos: done, index } = await build(photos, out);
    assert.equal(resumedAfter + done, 20);
    assert.ok(
      resumedAfter <= after && after - resumedAfter <= 7,
      `interrupted after ${after}, resumed after ${resumedAfter}`,
    );
    assert.deepEqual(index.setAside, { duplicate: 2, unreadable: 1 });
    await rm(join(out, 'small-00003.tfrecord.part'), { force: true });
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

test('the same build again does nothing; another is refused, or replaces it when asked', async (t) => {
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

test('a build with other settings does not go on with an interrupted one', async (t) => {
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

test('no folder, no pictures and no picture that serves are errors that leave nothing', async (t) => {
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
    refused(/a folder of photos, .*run: fast-style dataset build .*photos --out/),
  );
  await assert.rejects(openDataset(out), refused(/no such folder/));
  await assert.rejects(openDataset(join(photos, '0000.jpg')), refused(/is a file/));
  await mkdir(out, { recursive: true });
  await assert.rejects(openDataset(out), refused(/is not a data set; run: fast-style dataset build/));
  for (const text of ['', '{', '[]', '{"version":1,"count":3}', '{"version":1,"shards":[{}]}']) {
    await writeFile(join(out, 'index.json'), text);
    await assert.rejects(openDataset(out), refused(/index\.json is damaged/));
  }
  await writeFile(join(out, 'index.json'), '{"version":9}');
  await assert.rejects(openDataset(out), refused(/version 9/));
});

test('extracts pictures as they are stored, and overwrites none', async (t) => {
  const [photos, out] = await photosAndOut(t, 3);
  await build(photos, out);
  const to = join(out, '..', 'extracted');
  assert.equal(await extractPictures(out, 2, to), 2);
  const [first] = await records(out);
  assert.deepEqual(await readdir(to), ['000000-0000.jpg', '000001-0001.jpg']);
  assert.deepEqual(await readFile(join(to, '000000-0000.jpg')), Buffer.from(first!.encoded));
  await assert.rejects(extractPictures(out, 3, to), FileError);
});
