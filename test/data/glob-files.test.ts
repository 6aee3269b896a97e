import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { test } from 'node:test';
import { globFiles } from '../../src/data/glob-files.ts';
import { ConfigError } from '../../src/system/errors.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { put } from './photo-fixtures.ts';

test('patterns find files as shells do', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of [
    'a.jpg',
    'b.JPG',
    'c.png',
    'ab.png',
    '.h.jpg',
    'x/d.jpg',
    'x/y/e.jpg',
    'x/.z/f.jpg',
    'q+(1).jpg',
  ])
    await put(`${folder}/${name}`, 'x');
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['*.jpg', ['a.jpg', 'b.JPG', 'q+(1).jpg']],
    ['?.png', ['c.png']],
    ['[a-b].*', ['a.jpg', 'b.JPG']],
    ['[!a]*.png', ['c.png']],
    ['*.{jpg,png}', ['a.jpg', 'ab.png', 'b.JPG', 'c.png', 'q+(1).jpg']],
    ['x/*.jpg', ['x/d.jpg']],
    ['*/*.jpg', ['x/d.jpg']],
    ['x/**/*.jpg', ['x/d.jpg', 'x/y/e.jpg']],
    ['**', ['a.jpg', 'ab.png', 'b.JPG', 'c.png', 'q+(1).jpg', 'x/d.jpg', 'x/y/e.jpg']],
    ['.*.jpg', ['.h.jpg']],
    ['q+(1).*', ['q+(1).jpg']],
    ['x/.z/*', ['x/.z/f.jpg']],
    ['none/*.jpg', []],
  ];
  for (const [pattern, wanted] of cases) {
    const found = (await globFiles(`${folder}/${pattern}`)).map((path) => relative(folder, path));
    assert.deepEqual(found, wanted, pattern);
  }
});

test('patterns that expand without end are bounded or refused', {
  timeout: 20_000,
}, async (t) => {
  const folder = await temporaryFolder(t);
  for (let i = 0; i < 12; i++) await put(`${folder}${'/d'.repeat(i)}/${i}.jpg`, 'x');
  const found = await globFiles(`${folder}/${'**/'.repeat(12)}*.jpg`);
  assert.equal(found.length, 12);
  assert.equal((await globFiles(`${folder}/${'**/*/'.repeat(8)}*.jpg`)).length, 4);
  assert.equal((await globFiles(`${folder}/**`)).length, 12);
  assert.equal((await globFiles(`${folder}/{0,1,d/1}.{jpg,png}`)).length, 2);
  await assert.rejects(
    globFiles(`${folder}/${'{a,b}'.repeat(40)}`),
    (error: Error) => error instanceof ConfigError && /at most 1000 choices/.test(error.message),
  );
  await assert.rejects(
    globFiles(`${folder}/[z-a].jpg`),
    (error: Error) =>
      error instanceof ConfigError && /sound ranges, as \[a-z\] but received \[z-a\]/.test(error.message),
  );
});
