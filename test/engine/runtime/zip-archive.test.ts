import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ZipArchive } from '../../../src/engine/runtime/zip-archive.ts';
import { RuntimeSetupError } from '../../../src/system/errors.ts';
import { sharedFolder } from '../../helpers/temporary-folder.ts';
import { writeZipFile } from '../../helpers/zip-file.ts';

const folder = sharedFolder();

// Not compressible and longer than a stream's piece, so that pieces are put together.
const large = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (Math.imul(i, 2654435761) >>> 13) & 255));

test('unpacks stored, deflated and empty files with size, SHA-256 and the right to execute', async () => {
  const path = join(folder, 'whole.zip');
  writeZipFile(path, [
    { name: 'lib/large.so', content: large },
    { name: 'stored.txt', content: 'as it is', stored: true },
    { name: 'empty', content: '', stored: true },
    { name: 'bin/ptxas', content: '#!/bin/sh\n', mode: 0o100755 },
  ]);
  const archive = await ZipArchive.open(path);
  let seen = 0;
  const out = join(folder, 'out');
  const files = [];
  for (const entry of archive.entries) {
    files.push(
      await archive.unpack(entry, out, (bytes) => {
        seen += bytes;
      }),
    );
  }
  archive.close();

  assert.deepEqual(files[0], {
    path: 'lib/large.so',
    bytes: large.length,
    sha256: createHash('sha256').update(large).digest('hex'),
  });
  assert.deepEqual(readFileSync(join(out, 'lib/large.so')), large);
  assert.equal(readFileSync(join(out, 'stored.txt'), 'utf8'), 'as it is');
  assert.equal(statSync(join(out, 'empty')).size, 0);
  assert.equal(seen, large.length + 'as it is'.length + '#!/bin/sh\n'.length);
  if (process.platform !== 'win32') {
    assert.equal(statSync(join(out, 'bin/ptxas')).mode & 0o111, 0o111);
    assert.equal(statSync(join(out, 'stored.txt')).mode & 0o111, 0);
  }
});

test('reads a small entry whole', async () => {
  const path = join(folder, 'small.zip');
  writeZipFile(path, [{ name: 'METADATA', content: 'Name: tensorflow\n' }]);
  const archive = await ZipArchive.open(path);
  const entry = archive.entries[0];
  assert.ok(entry);
  assert.equal((await archive.read(entry)).toString(), 'Name: tensorflow\n');
  archive.close();
});

test('refuses a cut file and one that is no zip', async () => {
  const path = join(folder, 'cut.zip');
  writeZipFile(path, [{ name: 'lib/large.so', content: large }]);
  truncateSync(path, 200_000);
  await assert.rejects(ZipArchive.open(path), RuntimeSetupError);
  writeFileSync(path, 'no zip at all');
  await assert.rejects(ZipArchive.open(path), /is not a whole zip file/);
});

test('refuses damage in the middle', async () => {
  const path = join(folder, 'damaged.zip');
  writeZipFile(path, [{ name: 'lib/text', content: 'many words '.repeat(5_000) }]);
  const bytes = readFileSync(path);
  bytes.fill(0xff, 60, 90);
  writeFileSync(path, bytes);
  const archive = await ZipArchive.open(path);
  const entry = archive.entries[0];
  assert.ok(entry);
  await assert.rejects(archive.unpack(entry, join(folder, 'damaged')));
  archive.close();
});

test('refuses a name that leads out of the folder', async () => {
  const path = join(folder, 'evil.zip');
  writeZipFile(path, [{ name: '../evil.txt', content: 'x' }]);
  const archive = await ZipArchive.open(path);
  const entry = archive.entries[0];
  assert.ok(entry);
  await assert.rejects(archive.unpack(entry, join(folder, 'in')), /outside its folder/);
  assert.equal(existsSync(join(folder, 'evil.txt')), false);
  archive.close();
});
