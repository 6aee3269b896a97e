import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFolderAtomically } from '../../src/system/atomic-folder.ts';
import { FileError } from '../../src/system/errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const files = (text: string, parts: number) =>
  new Map<string, Uint8Array>([
    ['model.json', Buffer.from(text)],
    ...Array.from({ length: parts }, (_, i) => [`part${i + 1}of${parts}`, Buffer.from(text)] as const),
    ['more/words.json', Buffer.from(text)],
  ]);

test('a folder is there whole, and replaced whole', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'new', 'model');
  await writeFolderAtomically(path, files('old', 3));
  await assert.rejects(writeFolderAtomically(path, files('other', 1)), /exists already/);
  await writeFolderAtomically(path, files('new', 1), { overwrite: true });
  assert.deepEqual((await readdir(path)).sort(), ['model.json', 'more', 'part1of1']);
  assert.equal(await readFile(join(path, 'more', 'words.json'), 'utf8'), 'new');
  assert.deepEqual(await readdir(join(folder, 'new')), ['model']);
});

test('what holds anything else, or is no folder, is left as it is', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'model');
  await mkdir(join(path, 'more'), { recursive: true });
  await writeFile(join(path, 'more', 'diary.txt'), 'mine');
  const write = (to: string) => writeFolderAtomically(to, files('new', 1), { overwrite: true });
  await assert.rejects(write(path), /received more\/diary\.txt; choose another name/);
  await assert.rejects(write(join(path, 'more', 'diary.txt')), /received a file/);
  await assert.rejects(write(join(path, 'more', 'diary.txt', 'x')), FileError);
  assert.deepEqual(await readdir(folder), ['model']);
  assert.deepEqual(await readdir(path, { recursive: true }), ['more', join('more', 'diary.txt')]);
});
