/** Comparisons and sheets of styles, each one task: from the command line's options to the files in the store. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { compareKind } from '../../../src/farm/kinds/compare.ts';
import type { Kind, TaskContext } from '../../../src/farm/kinds/kind.ts';
import { sheetKind } from '../../../src/farm/kinds/sheet.ts';
import { openStore } from '../../../src/farm/store/open-store.ts';
import { callData } from '../../../src/farm/submit/call-data.ts';
import { StorePlaces } from '../../../src/farm/submit/store-places.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';

async function openContext(t: TestContext) {
  const folder = await temporaryFolder(t);
  const [root, scratch] = [join(folder, 'root'), join(folder, 'scratch')];
  await mkdir(join(root, 'photos'), { recursive: true });
  await mkdir(scratch);
  const store = await openStore(pathToFileURL(root).href);
  const { signal } = new AbortController();
  const context: TaskContext = { store, scratch, signal, threads: 1, onProgress: () => undefined };
  return { folder, root, context, places: new StorePlaces(store) };
}

/** The job's tasks, which are one. */
async function runAll<Data>(kind: Kind<Data>, data: unknown, context: TaskContext): Promise<void> {
  const checked = kind.check(data);
  await kind.admit?.(checked, context);
  let count = 0;
  for await (const { data: task } of kind.split(checked, context)) {
    await kind.run(JSON.parse(JSON.stringify(task)), context);
    count++;
  }
  assert.equal(count, 1);
}

test('a comparison writes the report that compare writes', async (t) => {
  const { folder, root, context, places } = await openContext(t);
  await drawnPhoto(join(root, 'photos', 'a.png'), 60, 40, { seed: 1 });
  await drawnPhoto(join(root, 'photos', 'b.png'), 40, 60, { seed: 2 });
  const options = {
    style: await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), 'c3s1-4,c3s1-3'),
    photos: join(root, 'photos'),
    painting: await drawnPhoto(join(folder, 'wave.png'), 60, 40, { seed: 9 }),
    lossNetwork: await writeTinyLossNetwork(join(folder, 'vgg.safetensors')),
    ...{ sizes: '32', iterations: '2', limit: 1, lineSearch: 'none', out: join(root, 'out') },
  };
  const { data, inputs } = await callData('compare', options, places);
  assert.deepEqual(inputs, ['photos/']);
  await runAll(compareKind, data, context);
  const words = Object.entries({ ...options, out: join(folder, 'here') }).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
  const { code, stderr } = await callCommand(['compare', ...words]);
  assert.equal(code, 0, stderr);
  const [here, there] = await Promise.all([join(folder, 'here'), join(root, 'out')].map(readReport));
  assert.deepEqual(there, here);
  assert.deepEqual((await readdir(join(root, 'out'))).sort(), ['report.json', 'report.md', 'sheet.jpg']);
  await assert.rejects(runAll(compareKind, data, context), /out\/report\.md exists already; .*--overwrite/);
  assert.throws(
    () => compareKind.check({ ...data, photos: 'photos' }),
    /a folder for --photos but received photos/,
  );
  assert.throws(() => compareKind.check({ ...data, size: '32' }), /an option of compare but received size/);
  assert.throws(() => compareKind.check({ ...data, sizes: '3' }), /from 32 .* for --sizes but received 3/);
  assert.throws(
    () => compareKind.check({ ...data, style: '../a.safetensors' }),
    /the key of a style but received/,
  );
});

/** Without times, which are another's each time. */
async function readReport(folder: string): Promise<unknown> {
  const text = await readFile(join(folder, 'report.json'), 'utf8');
  return JSON.parse(text, (name, value: unknown) => (/seconds|ratio/i.test(name) ? undefined : value));
}

// What is on it is tested with the command, test/commands/styles: all styles take their time.
test('a sheet is checked, and is whole or not there', async (t) => {
  const { folder, root, context, places } = await openContext(t);
  const photo = await drawnPhoto(join(folder, 'photo.png'), 32, 24, { seed: 1 });
  const { data } = await callData('sheet', { file: join(root, 'styles.jpg'), photo }, places);
  const stop = new AbortController();
  const onProgress = (done: number) => {
    if (done === 1) stop.abort(new Error('enough'));
  };
  await assert.rejects(runAll(sheetKind, data, { ...context, signal: stop.signal, onProgress }), /enough/);
  assert.equal(await context.store.exists('styles.jpg'), false);
  await writeFile(join(root, 'styles.jpg'), '');
  await assert.rejects(runAll(sheetKind, data, context), /styles\.jpg exists already; .*--overwrite/);
  assert.throws(() => sheetKind.check({ ...data, file: 'a/../b.jpg' }), /the key of the sheet/);
  assert.throws(() => sheetKind.check({ ...data, photos: 'x' }), /perhaps you mean photo/);
});
