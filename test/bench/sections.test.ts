import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { provenance } from '../../bench/machine.ts';
import { changesSince, commitAtHand, commitOf } from '../../bench/measured-commit.ts';
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

test('a section that is measured again replaces only itself, in place', () => {
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

for (const page of ['performance.md', 'performance-without-bf16-units.md'])
  test(`every section of ${page} says when, where and of which commit`, async (t) => {
    const sections = parsePage(await readFile(new URL(`../../docs/${page}`, import.meta.url), 'utf8'));
    assert.ok(sections.size > 3);
    for (const [name, text] of sections) {
      assert.match(text, /^\d{4}-\d\d-\d\d, commit [0-9a-f]{7,40}, .+ cores, /, name);
      const changes = await changesSince(commitOf(text)!);
      // Not a failure: a machine like that of the page is needed to measure anew.
      if (changes === undefined) t.diagnostic(`${name}: the history does not reach back to its commit`);
      else if (changes > 0) t.diagnostic(`${name}: measured code has changed in ${changes} commits since`);
    }
  });

test('a section is of the current commit, and nothing has changed since', async (t) => {
  const commit = await commitAtHand();
  if (commit === 'unknown') return t.skip('no git repository here');
  const line = provenance(
    { description: 'Some CPU, 2 cores', versions: { node: '20' }, commit, peak: { f32: 1, bf16: undefined } },
    new Date('2026-11-28'),
  );
  assert.match(line, /^2026-11-28, commit [0-9a-f]{7,40}( with changes)?, Some CPU, 2 cores; node 20; peak/);
  assert.equal(commitOf(`${line}\n\ncommit 0000000`), commit.split(' ')[0]);
  assert.equal(await changesSince(commitOf(line)!), 0);
  assert.equal(await changesSince('0000000'), undefined);
});
