/** The gallery's folder, and what serves it. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileError } from '../../src/system/errors.ts';
import { makeGallery } from '../../tools/gallery/make-gallery.ts';
import { serveFolder } from '../../tools/gallery/serve-folder.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';

test('a gallery is made whole, made again in its place, and never in place of anything else', async (t) => {
  const home = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(home, 'tiny.safetensors'));
  const folder = join(home, 'gallery');
  await makeGallery(folder, [style]);
  await writeFile(join(folder, 'left-over.js'), '');
  await makeGallery(folder, [style]);
  const files = await readdir(folder);
  for (const name of ['index.html', 'gallery.js', 'gallery.css', 'worker.js', 'styles.json'])
    assert.ok(files.includes(name), name);
  assert.ok(!files.includes('left-over.js'));
  assert.match(
    await readFile(join(folder, 'styles.json'), 'utf8'),
    /"file":"tiny\.safetensors".*"title":"Noise"/,
  );
  const worker = await readFile(join(folder, 'worker.js'), 'utf8');
  assert.doesNotMatch(worker, /https?:\/\/(?!github\.com)/, 'nothing is fetched from elsewhere');

  const other = join(home, 'photos');
  await mkdir(other);
  await writeFile(join(other, 'mine.jpg'), 'photo');
  await assert.rejects(makeGallery(other, [style]), FileError);
  assert.deepEqual(await readdir(other), ['mine.jpg']);
  await assert.rejects(makeGallery(join(home, 'new'), [join(home, 'none.safetensors')]));
  assert.deepEqual((await readdir(home)).sort(), ['gallery', 'photos', 'tiny.safetensors']);
});

test('the server gives files of its folder alone, isolated, and refuses the rest', async (t) => {
  const home = await temporaryFolder(t);
  await writeFile(join(home, 'secret.txt'), 'secret');
  await mkdir(join(home, 'site'));
  await writeFile(join(home, 'site', 'index.html'), 'page');
  await writeFile(join(home, 'site', 'a.wasm'), 'wasm');
  const { server, address } = await serveFolder(join(home, 'site'), 0);
  t.after(() => server.close());
  const page = await fetch(address);
  assert.equal(await page.text(), 'page');
  assert.equal(page.headers.get('cross-origin-embedder-policy'), 'require-corp');
  assert.equal((await fetch(`${address}a.wasm`)).headers.get('content-type'), 'application/wasm');
  assert.equal((await fetch(address, { method: 'POST' })).status, 405);
  // As they are: `fetch` would take dots out of them.
  const { port } = new URL(address);
  for (const [path, code] of [
    ['/none', 404],
    ['/../secret.txt', 404],
    ['/%2e%2e/secret.txt', 404],
    ['/..%2fsecret.txt', 404],
    ['/%', 400],
  ] as const) {
    const status = await new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    assert.equal(status, code, path);
  }
});
