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

test('the page counts the targets that are reached, names the others, and names missing sections', () => {
  assert.match(page, /^1 of 1 are reached\.$/m);
  assert.match(page, /Not measured yet: second\./);
  const missed = targetLine('2 s at most', '3.00 s', 'not reached');
  const mixed = formatPage(new Map([...parsePage(page), ['second', missed]]), ORDER, 'How.');
  assert.match(mixed, /^1 of 2 are reached, but\n\n- not reached: second, 2 s at most \(3\.00 s\)$/m);
  assert.match(formatPage(new Map(), ORDER, 'How.'), /None measured yet\./);
});

test('the page that ships is one of ours: every section says when and where', async () => {
  const shipped = await readFile(new URL('../../docs/performance.md', import.meta.url), 'utf8');
  const sections = parsePage(shipped);
  assert.ok(sections.size > 3);
  for (const [name, text] of sections) assert.match(text, /^\d{4}-\d\d-\d\d, .+ cores, /, name);
});
