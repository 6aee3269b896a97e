import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { test } from 'node:test';
import { globFiles } from '../../src/data/glob-files.ts';
import { put, temporaryFolder } from './photo-fixtures.ts';

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
