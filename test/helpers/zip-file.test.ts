import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from './temporary-folder.ts';
import { writeZipFile } from './zip-file.ts';

const python = spawnSync('python3', ['--version']).status === 0;

test('a zip file written here has the entries that Python reads', {
  skip: !python && 'there is no python3',
}, async (t) => {
  const path = join(await temporaryFolder(t), 'a.zip');
  writeZipFile(path, [
    { name: 'a/b.txt', content: 'deflated '.repeat(100) },
    { name: 'c', content: 'stored', stored: true },
  ]);
  const program =
    'import sys,zipfile; print([(i.filename, i.file_size) for i in zipfile.ZipFile(sys.argv[1]).infolist()])';
  const out = execFileSync('python3', ['-c', program, path], { encoding: 'utf8' });
  assert.equal(out.trim(), "[('a/b.txt', 900), ('c', 6)]");
});
