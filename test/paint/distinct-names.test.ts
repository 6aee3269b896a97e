import assert from 'node:assert/strict';
import test from 'node:test';
import { distinctStems, type NamedOutput } from '../../src/paint/distinct-names.ts';

const output = (path: string, stem: string, extension = '.png'): NamedOutput => ({ path, stem, extension });

test('colliding names are made different by extension, then folder, then number; others stay', () => {
  assert.deepEqual(distinctStems([output('x.jpg', 'x', '.jpg'), output('x.png', 'x')]), ['x', 'x']);
  assert.deepEqual(distinctStems([output('x.jpg', 'x'), output('X.png', 'X')]), ['x-jpg', 'X-png']);
  assert.deepEqual(distinctStems([output('/a/x.png', 'x'), output('/b/x.png', 'x')]), ['a/x', 'b/x']);
  const deep = [output('/q/a/x.png', 'x'), output('/p/a/x.png', 'x'), output('/p/a/x-2.png', 'x-2')];
  assert.deepEqual(distinctStems(deep), ['x-3', 'x', 'x-2']);
});

test('no two are ever the same, and a photo keeps its name in any order', () => {
  const photos = [
    '/p/a/x.png',
    '/q/a/X.png',
    '/r/a/x.jpg',
    '/r/x.jpg',
    '/r/x-jpg.png',
    '/a/x.webp',
    '/x.PNG',
  ];
  const outputs = photos.map((path) => output(path, path.split('/').at(-1)!.replace(/\..*$/, '')));
  const stems = distinctStems(outputs);
  assert.equal(new Set(stems.map((stem) => stem.toLowerCase())).size, photos.length, stems.join());
  const reversed = distinctStems(outputs.toReversed()).toReversed();
  assert.deepEqual(reversed, stems);
});
