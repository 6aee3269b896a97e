import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, type TestContext, test } from 'node:test';
import {
  fromManifestPath,
  manifestFault,
  type RuntimeManifest,
  readManifest,
  toManifestPath,
  writeManifest,
} from '../../../src/engine/runtime/manifest.ts';
import { runtimeManifest } from '../../helpers/runtime-manifest.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

let folder: string;
let manifest: RuntimeManifest;
beforeEach(async (t) => {
  folder = await temporaryFolder(t as TestContext);
  mkdirSync(join(folder, 'home'));
  writeFileSync(join(folder, 'home', 'lib.so'), 'library');
  const path = toManifestPath(folder, join(folder, 'home', 'lib.so'));
  manifest = runtimeManifest({ path, bytes: 7, sha256: 'ab' });
});

test('reads back as written, and writing again replaces it', async () => {
  assert.equal(readManifest(folder), undefined);
  await writeManifest(folder, manifest);
  assert.deepEqual(readManifest(folder), manifest);
  await writeManifest(folder, { ...manifest, origin: 'another' });
  assert.equal(readManifest(folder)?.origin, 'another');
});

test('a truncated or foreign manifest counts as none', async () => {
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest).slice(0, 40));
  assert.equal(readManifest(folder), undefined);
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, format: 2 }));
  assert.equal(readManifest(folder), undefined);
});

test('says what does not fit: platform, package, a missing file, a file of another size', () => {
  assert.equal(manifestFault(folder, manifest), undefined);
  assert.match(
    manifestFault(folder, { ...manifest, platform: 'plan9-mips' }) ?? '',
    /was set up for plan9-mips/,
  );
  assert.match(
    manifestFault(folder, { ...manifest, bindingPackage: '1.0.0' }) ?? '',
    /tfjs-node-gpu 1\.0\.0/,
  );
  writeFileSync(join(folder, 'home', 'lib.so'), 'lib');
  assert.match(manifestFault(folder, manifest) ?? '', /has 3 bytes instead of 7/);
  rmSync(join(folder, 'home', 'lib.so'));
  assert.match(manifestFault(folder, manifest) ?? '', /lib\.so is missing/);
});

test('a moved cache folder stays whole; files outside keep their place', () => {
  assert.deepEqual(manifest.files[0]?.path, join('home', 'lib.so'));
  assert.equal(toManifestPath(folder, '/usr/lib/libtensorflow_cc.so.2'), '/usr/lib/libtensorflow_cc.so.2');
  assert.equal(fromManifestPath(folder, '/usr/lib/a.so'), '/usr/lib/a.so');
  const moved = `${folder}-moved`;
  renameSync(folder, moved);
  try {
    assert.equal(manifestFault(moved, manifest), undefined);
  } finally {
    renameSync(moved, folder);
  }
});
