import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { formatPage, parsePage, targetLine } from '../../bench/sections.ts';

const ORDER = ['first', 'second', 'third'];
const first = `text\n\n| a |\n|---|\n\n${targetLine('2 s at most', '1.00 s', 'reached')}`;
const page = formatPage(
  new Map([
    ['third', 'late'],
    ['first', first],
  ]),
  ORDER,
  'How.',
);

test('a page comes back as the sections that it was made of', () => {
  const sections = parsePage(page);
  assert.deepEqual(
    [...sections],
    [
      ['first', first],
      ['third', 'late'],
    ],
  );
  assert.equal(formatPage(sections, ORDER, 'How.'), page);
});

test('a section that is measured anew replaces its own and no other, in its place', () => {
  const next = formatPage(new Map(parsePage(page)).set('second', 'new').set('third', 'later'), ORDER, 'How.');
  assert.deepEqual(
    [...parsePage(next)],
    [
      ['first', first],
      ['second', 'new'],
      ['third', 'later'],
    ],
  );
});

test('targets of all sections are in one table, and missing sections are named', () => {
  assert.match(page, /\| first \| 2 s at most \| 1\.00 s \| reached \|/);
  assert.match(page, /Not measured yet: second\./);
  assert.match(formatPage(new Map(), ORDER, 'How.'), /None measured yet\./);
});

test('the page that ships is one of ours: every section says when and where', async () => {
  const shipped = await readFile(new URL('../../docs/performance.md', import.meta.url), 'utf8');
  const sections = parsePage(shipped);
  assert.ok(sections.size > 3);
  for (const [name, text] of sections) assert.match(text, /^\d{4}-\d\d-\d\d, .+ cores, /, name);
});
