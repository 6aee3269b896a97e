import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import type { BuildProgress } from '../../src/data/build-dataset.ts';
import { type SetAside, shardBytes } from '../../src/data/dataset-index.ts';
import { decodePicture } from '../../src/data/image-file.ts';
import { verifyPictures } from '../../src/data/inspect-dataset.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { build, photosAndOut, records } from './build-fixtures.ts';
import { noisy, painted, put } from './photo-fixtures.ts';

test('keeps usable photos, upright and at one size, and sets the rest aside with the reason', async (t) => {
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
