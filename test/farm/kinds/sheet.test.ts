/** A sheet of styles, one task: from the command line's options to the file in the store. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { sheetKind } from '../../../src/farm/kinds/sheet.ts';
import { openFolderStore } from '../../../src/farm/store/folder-store.ts';
import { callData } from '../../../src/farm/submit/call-data.ts';
import { StorePlaces } from '../../../src/farm/submit/store-places.ts';
import { inScratch, runTask, tasksOf } from '../../helpers/farm-job.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';

// What is on it is tested with the command, test/commands/styles: all styles take their time.
test('a sheet is checked, and is whole or not there', async (t) => {
  const folder = await temporaryFolder(t);
  const root = join(folder, 'root');
  await mkdir(root);
  const store = await openFolderStore(root);
  const photo = await drawnPhoto(join(folder, 'photo.png'), 32, 24, { seed: 1 });
  const options = { file: join(root, 'styles.jpg'), photo };
  const { data } = await callData('sheet', options, new StorePlaces(store));
  const [task, ...others] = await tasksOf(sheetKind, data, store);
  assert.deepEqual(others, []);
  const stop = new AbortController();
  const onProgress = (done: number) => {
    if (done === 1) stop.abort(new Error('enough'));
  };
  await assert.rejects(runTask(sheetKind, task!, store, { signal: stop.signal, onProgress }), /enough/);
  assert.equal(await store.exists('styles.jpg'), false);
  await writeFile(join(root, 'styles.jpg'), '');
  const admitted = inScratch(store, (context) => sheetKind.admit!(sheetKind.check(data), context));
  await assert.rejects(admitted, /styles\.jpg exists already in .*--overwrite/);
  assert.throws(() => sheetKind.check({ ...data, file: 'a/../b.jpg' }), /the key of the sheet/);
  assert.throws(() => sheetKind.check({ ...data, photos: 'x' }), /perhaps you mean photo/);
});
