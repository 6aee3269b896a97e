import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { PROGRAMS, programSource } from '../../tools/assembly.ts';

test('the programs in src are what assembly/ compiles to', async () => {
  for (const program of PROGRAMS) {
    const there = readFileSync(new URL(`../../${program.to}`, import.meta.url), 'utf8');
    assert.equal(there, await programSource(program), 'run: node --import tsx tools/assembly.ts');
  }
});
