import assert from 'node:assert/strict';
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { type BatchesOptions, batches, type PixelBatch } from '../../src/data/batches.ts';
import { buildPhotoDataset } from '../../src/data/build-dataset.ts';
import { ConfigError, DatasetError } from '../../src/system/errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { noisyPhotos, painted, put } from './photo-fixtures.ts';

const COUNT = 11;
const folder = await temporaryFolder({ after });
/** Eleven pictures of 96 x 72 px in three shards; picture i has brightness 30 + 20 i. */
const numbered = await build(await noisyPhotos(join(folder, 'numbered-photos'), COUNT), 'numbered', 72);
/** One picture of 112 x 64 px whose red is twice x and green three times y. */
const mapped = await build(await mapPhoto(), 'mapped', 64);

async function mapPhoto(): Promise<string> {
  const map = painted(112, 64, (x, y) => [2 * x, 3 * y, 128]).jpeg({
    quality: 100,
    chromaSubsampling: '4:4:4',
  });
  await put(join(folder, 'map-photos', 'map.jpg'), map);
  return join(folder, 'map-photos');
}

async function build(photos: string, name: string, size: number): Promise<string> {
  const out = join(folder, name);
  const settings = {
    size,
    quality: 100,
    shardSize: { amount: 4, unit: 'records' },
    limit: null,
    seed: 0,
  } as const;
  await buildPhotoDataset({ folders: [photos], out, settings });
  return out;
}

async function take(count: number, options: Partial<BatchesOptions> = {}): Promise<PixelBatch[]> {
  const taken: PixelBatch[] = [];
  for await (const batch of batches({ dataset: numbered, imageSize: 40, batch: 3, seed: 5, ...options })) {
    taken.push(batch);
    if (taken.length === count) break;
  }
  return taken;
}

/** Which pictures of the numbered set a batch holds, by their brightness. */
function pictures({ pixels, size, count }: PixelBatch): number[] {
  const each = size * size * 3;
  return Array.from({ length: count }, (_, i) => {
    const mean = pixels.subarray(i * each, (i + 1) * each).reduce((sum, value) => sum + value, 0) / each;
    return Math.abs(Math.round((mean - 30) / 20));
  });
}

test('each epoch visits every picture once, in its own order, across shards and batches', async () => {
  const taken = await take(COUNT);
  for (const { pixels, size, count } of taken)
    assert.deepEqual([pixels.length, size, count], [40 * 40 * 9, 40, 3]);
  const order = taken.flatMap(pictures);
  const epochs = [0, 1, 2].map((epoch) => order.slice(epoch * COUNT, (epoch + 1) * COUNT));
  for (const epoch of epochs) {
    assert.deepEqual(
      [...epoch].sort((a, b) => a - b),
      Array.from({ length: COUNT }, (_, i) => i),
    );
  }
  assert.equal(new Set(epochs.map(String)).size, 3);
  assert.deepEqual(
    taken.map(({ position }) => position),
    Array.from({ length: COUNT }, (_, i) => {
      const seen = (i + 1) * 3;
      return { epoch: Math.floor(seen / COUNT), index: seen % COUNT };
    }),
  );
});

test('a batch larger than the data set spans epochs', async () => {
  const [batch] = await take(1, { batch: 25 });
  const order = pictures(batch!);
  assert.deepEqual(batch!.position, { epoch: 2, index: 3 });
  assert.equal(new Set(order.slice(0, COUNT)).size, COUNT);
  assert.equal(new Set(order.slice(COUNT, 2 * COUNT)).size, COUNT);
});

test('the same seed gives the same pixels, another seed others; prefetch changes nothing', async () => {
  const pixels = async (options: Partial<BatchesOptions> = {}) =>
    (await take(6, options)).map((b) => b.pixels);
  const wanted = await pixels();
  assert.deepEqual(await pixels({ prefetch: 1 }), wanted);
  assert.deepEqual(await pixels({ prefetch: 9 }), wanted);
  assert.notDeepEqual(await pixels({ seed: 6 }), wanted);
});

test('a position restores exactly, through JSON, in the middle of an epoch and at its end', async () => {
  const taken = await take(12);
  for (const [i, { position }] of taken.slice(0, -1).entries()) {
    const saved = JSON.parse(JSON.stringify(position));
    const resumed = await take(taken.length - i - 1, { position: saved });
    assert.deepEqual(
      resumed.map((batch) => batch.pixels),
      taken.slice(i + 1).map((batch) => batch.pixels),
      `restored after batch ${i}`,
    );
    assert.deepEqual(resumed.at(-1)!.position, taken.at(-1)!.position);
  }
  // Crops hang on the picture's place in the epoch, not on the batch: another batch size goes on with the same ones.
  const single = await take(6, { batch: 1, position: taken[3]!.position });
  assert.deepEqual(
    Buffer.concat(single.map((batch) => batch.pixels)),
    Buffer.concat(taken.slice(4, 6).map((batch) => batch.pixels)),
  );
});

/** Where a crop of the mapped picture was cut, by its colours: red is twice x, green three times y. */
function place({ pixels, size }: PixelBatch): { left: number; top: number; flipped: boolean } {
  const red = (x: number) => pixels[(size * 10 + x) * 3]!;
  const flipped = red(0) > red(size - 1);
  return {
    flipped,
    left: Math.round(red(flipped ? size - 1 : 0) / 2),
    top: Math.abs(Math.round((pixels[(size * 10 + 10) * 3 + 1]! - 30) / 3)),
  };
}

test('crops reach every part of a picture, and half are mirrored', async () => {
  const places = (await take(300, { dataset: mapped, imageSize: 48, batch: 1 })).map(place);
  const lefts = places.map(({ left }) => left);
  const tops = places.map(({ top }) => top);
  assert.deepEqual([Math.min(...lefts), Math.max(...lefts)], [0, 112 - 48]);
  assert.deepEqual([Math.min(...tops), Math.max(...tops)], [0, 64 - 48]);
  assert.ok(new Set(lefts).size > 55 && new Set(tops).size === 17);
  const flips = places.filter(({ flipped }) => flipped).length;
  assert.ok(flips > 120 && flips < 180, `${flips} of 300 are mirrored`);
});

test('flip: false mirrors none and does not move the crops', async () => {
  const mirrored = (await take(60, { dataset: mapped, imageSize: 48, batch: 1 })).map(place);
  const straight = (await take(60, { dataset: mapped, imageSize: 48, batch: 1, flip: false })).map(place);
  assert.ok(straight.every(({ flipped }) => !flipped));
  assert.deepEqual(
    straight.map(({ left, top }) => [left, top]),
    mirrored.map(({ left, top }) => [left, top]),
  );
});

test('an image size as large as the stored side is whole, a larger one is refused', async () => {
  const [batch] = await take(1, { imageSize: 72 });
  assert.equal(batch!.size, 72);
  await assert.rejects(take(1, { imageSize: 73 }), (error: Error) => {
    assert.ok(error instanceof ConfigError);
    assert.match(error.message, /at most 72 px.*received 73.*--size 73/);
    return true;
  });
});

test('invalid options and positions are refused', async () => {
  const wrong: Partial<BatchesOptions>[] = [
    { imageSize: 0 },
    { imageSize: 40.5 },
    { batch: 0 },
    { batch: Number.NaN },
    { seed: 0.5 },
    { prefetch: 0 },
    { position: { epoch: 0, index: COUNT } },
    { position: { epoch: -1, index: 0 } },
    { position: { epoch: 0, index: 1.5 } },
  ];
  for (const options of wrong) await assert.rejects(take(1, options), ConfigError, JSON.stringify(options));
});

test('a corrupt record stops the batches with its file and number; a photo folder says what to run', async () => {
  const broken = await build(join(folder, 'numbered-photos'), 'broken', 72);
  const path = join(broken, 'broken-00001.tfrecord');
  const bytes = await readFile(path);
  bytes[100]! ^= 1;
  await writeFile(path, bytes);
  await assert.rejects(take(COUNT, { dataset: broken }), (error: Error) => {
    assert.ok(error instanceof DatasetError, error.stack);
    assert.match(error.message, /broken-00001\.tfrecord: record 1 of 4 is corrupt/);
    return true;
  });
  await assert.rejects(
    take(1, { dataset: join(folder, 'numbered-photos') }),
    /run: npx --no-install fast-style dataset build/,
  );
});

test('memory does not grow with the batches taken, and leaving the loop closes the files', async () => {
  const open = async () => {
    const links = (await readdir('/proc/self/fd').catch(() => [])).map((fd) =>
      readlink(`/proc/self/fd/${fd}`).catch(() => ''),
    );
    return (await Promise.all(links)).filter((path) => path.endsWith('.tfrecord')).length;
  };
  let count = 0;
  let warm = 0;
  // 1,000 batches of 4 pictures of 72 px are 62 MB of pixels, and as much again on the way.
  for await (const { pixels } of batches({ dataset: numbered, imageSize: 72, batch: 4, seed: 1 })) {
    assert.equal(pixels.length, 4 * 72 * 72 * 3);
    count++;
    if (count === 300) warm = process.memoryUsage().rss;
    if (count === 1300) break;
  }
  const grown = (process.memoryUsage().rss - warm) / 1e6;
  assert.ok(grown < 40, `grew by ${grown.toFixed(0)} MB`);
  assert.equal(await open(), 0);
});
