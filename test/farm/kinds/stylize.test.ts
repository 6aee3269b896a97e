/** How a job of photos is cut into batches, and where paintings go. What batches paint is in test/commands/farm. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Task, TaskContext } from '../../../src/farm/kinds/kind.ts';
import { orderAfter } from '../../../src/farm/kinds/paint-batch.ts';
import { PaintedNames } from '../../../src/farm/kinds/painted-names.ts';
import { type StylizeTask, stylizeKind } from '../../../src/farm/kinds/stylize.ts';
import { openStore } from '../../../src/farm/store/open-store.ts';
import { callData } from '../../../src/farm/submit/call-data.ts';
import { StorePlaces } from '../../../src/farm/submit/store-places.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';

const MB = 2 ** 20;

/** Splits a job over files of these lengths. @param options as they are typed, with paths from the root. */
async function splitOver(
  t: TestContext,
  files: Readonly<Record<string, number>>,
  options: object,
): Promise<Task[]> {
  const root = await temporaryFolder(t);
  const scratch = await temporaryFolder(t);
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), Buffer.alloc(bytes));
  }
  const style = await writeTinyCheckpoint(join(scratch, 'tiny.safetensors'), 'c3s1-4,c3s1-3');
  const store = await openStore(pathToFileURL(root).href);
  const { signal } = new AbortController();
  const context: TaskContext = { store, scratch, signal, threads: 1, onProgress: () => undefined };
  const placed = Object.entries({ out: 'out/', ...options }).map(([name, value]) => {
    const isPlace = name === 'photo' || name === 'out';
    if (!isPlace) return [name, value];
    const paths = [value].flat().map((one) => join(root, String(one)));
    return [name, name === 'out' ? paths[0] : paths];
  });
  const { data } = await callData(
    'stylize',
    { style, ...Object.fromEntries(placed) },
    new StorePlaces(store),
  );
  const tasks = [];
  for await (const task of stylizeKind.split(stylizeKind.check(data), context)) tasks.push(task);
  return tasks;
}

const photosOf = (tasks: readonly Task[]) =>
  tasks.map(({ data }) => (data as StylizeTask).photos.map(({ key, stem }) => `${key} → ${stem}`));

test('photos are batched by number and length, each once, without paintings and what is hidden', async (t) => {
  const many = Object.fromEntries(
    Array.from({ length: 70 }, (_, i) => [`in/${String(i).padStart(2, '0')}.png`, 1]),
  );
  const [first, second, ...others] = await splitOver(t, many, { photo: ['in/'] });
  assert.deepEqual([first!.items, second!.items, others.length], [64, 6, 0]);

  const files = {
    'in/a.jpg': 5 * MB,
    'in/b.jpg': 5 * MB,
    'in/.x/c.jpg': 1,
    'in/out/a-tiny.jpg': 1,
    'in/n.txt': 1,
  };
  const large = await splitOver(t, files, { photo: ['in/', 'in/b.jpg'], out: 'in/out/' });
  assert.deepEqual(photosOf(large), [['in/b.jpg → in/out/b'], ['in/a.jpg → in/out/a']]);
  assert.ok(large[0]!.needs.bytes > 2 ** 30, 'a file of 5 MB may be a large photo');

  // Into the photos' own folder, in several folders, and one into a file.
  const own = await splitOver(t, { 'in/a.jpg': 1, 'in/a-tiny.jpg': 1 }, { photo: ['in/'], out: 'in/' });
  assert.deepEqual(photosOf(own), [['in/a.jpg → in/a']]);
  const two = await splitOver(t, { 'x/a.jpg': 1, 'y/a.jpg': 1 }, { photo: ['x/', 'y/'] });
  assert.deepEqual(photosOf(two), [['x/a.jpg → out/x/a', 'y/a.jpg → out/y/a']]);
  const one = await splitOver(t, { 'a.jpg': 1 }, { photo: ['a.jpg'], out: 'b.png', memory: '3GB' });
  assert.deepEqual(photosOf(one), [['a.jpg → b.png']]);
  assert.equal(one[0]!.needs.bytes, 3e9);
  await assert.rejects(
    splitOver(t, { 'a.jpg': 1 }, { photo: ['a.jpg'], depth: 16 }),
    /--depth 16 but received jpeg/,
  );
  const ours = { photo: ['a.jpg'], out: '.Fast-Style/films/' };
  await assert.rejects(
    splitOver(t, { 'a.jpg': 1 }, ours),
    /Expected what is written outside \.fast-style\/ but/,
  );
  const call = { photo: ['a.jpg'], style: 'a.safetensors', out: '.fast-style/' };
  assert.throws(() => stylizeKind.check(call), /Expected the folder for --out outside \.fast-style\//);
});

test('paintings that would meet keep the extension of their photo in their name', () => {
  const names = new PaintedNames('png');
  const stems = ['a.jpg', 'a.png', 'a.tif', 'ab.jpg', 'b/a.jpg', 'b/a.png'].map((name) =>
    names.stemOf('o/', name, true),
  );
  assert.deepEqual(stems, ['o/a', 'o/a-png', 'o/a-tif', 'o/ab', 'o/b/a', 'o/b/a-png']);
  const named = new PaintedNames(undefined);
  const apart = ['x.jpg', 'y.jpg', 'x.jpg', 'x.png'].map((name) => named.stemOf('/', name, false));
  assert.deepEqual(apart, ['x', 'y', 'x-jpg', 'x']);
});

test('what a process died at goes last, then alone, then not at all', () => {
  const photos = ['a', 'b', 'c', 'd'];
  assert.deepEqual(orderAfter(photos, []), { order: photos, fatal: [] });
  assert.deepEqual(orderAfter(photos, [1]), { order: ['a', 'c', 'd', 'b'], fatal: [] });
  // The first is a guess: another was being read.
  assert.deepEqual(orderAfter(photos, [1, 1]), { order: ['a', 'd', 'b'], fatal: ['c'] });
  assert.deepEqual(orderAfter(photos, [1, 3]), { order: ['a', 'c', 'd'], fatal: ['b'] });
  assert.deepEqual(orderAfter(['a'], [0]), { order: ['a'], fatal: [] });
  assert.deepEqual(orderAfter(['a'], [0, 0]), { order: [], fatal: ['a'] });
});
