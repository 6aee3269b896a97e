/** What all stores do, and what each alone. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CachedStore } from '../../../src/farm/store/cached-store.ts';
import { entriesByName } from '../../../src/farm/store/folder-entries.ts';
import { openFolderStore } from '../../../src/farm/store/folder-store.ts';
import { openStore } from '../../../src/farm/store/open-store.ts';
import { openS3Store } from '../../../src/farm/store/s3-store.ts';
import type { Store } from '../../../src/farm/store/store.ts';
import { requireWritable } from '../../../src/farm/store/writable.ts';
import { noS3Server, startS3Server } from '../../helpers/s3-server.ts';
import { sharedFolder, temporaryFolder } from '../../helpers/temporary-folder.ts';

const folder = sharedFolder();
/** More than one part of an upload. */
const LARGE = randomBytes(34 * 2 ** 20 + 5);

test('a folder keeps files by key', async (t) => {
  await keepsFiles(await openFolderStore(await temporaryFolder(t)));
});

test('S3 keeps files by key, in parts and below a prefix', { skip: noS3Server }, async (t) => {
  const environment = await startS3Server(t);
  const store = openS3Store(new URL('s3://films/a%20prefix/b'), environment);
  await keepsFiles(store);
  await goesOn(t, environment);

  const other = openS3Store(new URL('s3://films'), environment);
  assert.deepEqual(await keysOf(other, 'a prefix/b/ä'), ['a prefix/b/ä + (1)/ü%20.bin']);
  const nowhere = openS3Store(new URL('s3://no-such-bucket'), environment);
  const small = await written('small');
  await assert.rejects(nowhere.put(small, 'a'), /Cannot put a into s3:\/\/no-such-bucket\/: .*bucket/);
  await assert.rejects(keysOf(nowhere, ''), /Cannot list s3:\/\/no-such-bucket\/: .*bucket/);
  const stopped = AbortSignal.abort(new Error('enough'));
  await assert.rejects(store.put(small, 'stopped', stopped), /enough/);
  assert.equal(await store.exists('stopped'), false);
});

test('what S3 gives back is checked, whoever has put it', { skip: noS3Server }, async (t) => {
  const environment = await startS3Server(t);
  const store = openS3Store(new URL('s3://films/'), environment);
  await store.put(await written('as it was put'), 'photo');
  // A byte changes on the way.
  const proxy = await proxyOf(t, environment, (body) => Buffer.from(body.toString().replace('as', 'is')));
  const through = openS3Store(new URL('s3://films/'), proxy);
  const to = join(folder, 'damaged');
  await assert.rejects(through.fetch('photo', to), /photo in s3:\/\/films\/ is not what was put there/);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('damaged')),
    [],
  );
});

test('addresses and credentials that cannot be used are refused in a line', async () => {
  await assert.rejects(
    openStore('/mnt/farm'),
    /Expected the address of a store but received \/mnt\/farm; as file:/,
  );
  await assert.rejects(openStore('file://host/farm'), /Expected the address of a store/);
  await assert.rejects(openStore('ftp://host/farm'), /Expected the address of a store/);
  await assert.rejects(
    openStore(pathToFileURL(join(folder, 'none')).href),
    /Cannot use the folder .* no such file/,
  );
  const s3 = (url: string, environment: Record<string, string>) => () =>
    openS3Store(new URL(url), environment);
  const user = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  assert.throws(
    s3('s3://films', {}),
    /Expected AWS_ACCESS_KEY_ID in the environment .* but received nothing/,
  );
  assert.throws(s3('s3://films/a/../..//b', user), /Expected the key of the prefix/);
  assert.throws(s3('s3://F', user), /Expected a bucket in the address/);
  assert.throws(
    s3('s3://films', { ...user, AWS_ENDPOINT_URL: 'films' }),
    /Expected an address as AWS_ENDPOINT_URL/,
  );
  const silent = openS3Store(new URL('s3://films'), { ...user, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
  await assert.rejects(
    silent.exists('a'),
    /Cannot look for a in s3:\/\/films\/: 127\.0\.0\.1:9 does not answer/,
  );
});

test('what Amazon answers in headers alone is said with its remedy', async (t) => {
  const answers: [number, Record<string, string>, RegExp][] = [
    [
      301,
      { 'x-amz-bucket-region': 'eu-north-1', location: 'https://x/' },
      /received 301; set AWS_REGION to eu-north-1/,
    ],
    [
      403,
      { date: new Date(Date.now() - 3600_000).toUTCString() },
      /; set the clock of this machine: it is 60 minutes fast/,
    ],
    [403, {}, /received 403; check the credentials/],
  ];
  const server = createServer((_, answer) => {
    const [status, headers] = answers[0]!;
    answer.writeHead(status, headers).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  const { port } = server.address() as { port: number };
  const user = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  const store = openS3Store(new URL('s3://films'), { ...user, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` });
  for (; answers.length > 0; answers.shift()) await assert.rejects(store.exists('a'), answers[0]![2]);
});

test('a store that takes nothing is found out at once', async (t) => {
  const root = await temporaryFolder(t);
  const store = await openFolderStore(root);
  await requireWritable(store);
  assert.deepEqual(await keysOf(store, ''), []);
  await rm(join(root, '.fast-style'), { recursive: true });
  await writeFile(join(root, '.fast-style'), '');
  await assert.rejects(
    requireWritable(store),
    /Cannot write .*probe-.*: something of that name is in the way/,
  );
});

test('a folder of more names than are held at a time is listed by name, each once', async (t) => {
  const root = await temporaryFolder(t);
  const names = Array.from({ length: 23 }, (_, i) => `${(i * 7) % 23}.jpg`);
  for (const name of names) await writeFile(join(root, name), '');
  await mkdir(join(root, '1'));
  const isFile = (one: { isFile(): boolean }) => one.isFile();
  for (const most of [1, 5, 23, 100]) {
    const listed: string[] = [];
    for await (const { name } of entriesByName(root, isFile, most)) listed.push(name);
    assert.deepEqual(listed, names.toSorted());
  }
});

test('nothing out of a folder is read, written, removed or listed', async (t) => {
  const [root, outside] = [join(await temporaryFolder(t), 'store'), await temporaryFolder(t)];
  await mkdir(root);
  await writeFile(join(outside, 'secret'), 'secret');
  await symlink(outside, join(root, 'out'));
  await symlink(join(outside, 'secret'), join(root, 'file'));
  await symlink(join(outside, 'new'), join(root, 'dangling'));
  await mkdir(join(root, 'within'));
  await symlink('within', join(root, 'in'));
  const store = await openFolderStore(root);
  const small = await written('small');
  const to = join(folder, 'stolen');
  const keys = ['', '/a', 'a//b', '../a', 'a/../../b', './a', 'a\\b', 'a\u0000', 'a/', 'x.12-0123abcd.part'];
  for (const key of keys) {
    await assert.rejects(store.put(small, key), /Expected the key of a file/, key);
    await assert.rejects(store.fetch(key, to), /Expected the key of a file/, key);
  }
  for (const key of ['out/secret', 'out/more/new', 'file', 'dangling']) {
    await assert.rejects(store.put(small, key), /Expected a file/, key);
    await assert.rejects(store.fetch(key, to), /Expected a file/, key);
    await assert.rejects(store.remove(key), /Expected a file/, key);
    await assert.rejects(store.path(key), /Expected a file/, key);
  }
  assert.deepEqual(await readdir(outside), ['secret']);
  assert.deepEqual(await keysOf(store, ''), []);
  await store.put(small, 'in/a');
  assert.deepEqual(await keysOf(store, ''), ['within/a']);
});

/** What any store must do. */
async function keepsFiles(store: Store): Promise<void> {
  const names = {
    small: 'photos/a.jpg',
    large: 'films/clip.mp4',
    odd: 'ä + (1)/ü%20.bin',
    empty: 'photos/nothing',
  };
  await store.put(await written('first'), names.small);
  await store.put(await written('second'), names.small);
  await store.put(await written(LARGE), names.large);
  await store.put(await written('odd'), names.odd);
  await store.put(await written(''), names.empty);
  const [to] = [join(await mkdtemp(join(folder, 'to-')), 'file')];
  for (const [key, content] of [
    [names.small, 'second'],
    [names.large, LARGE],
    [names.odd, 'odd'],
    [names.empty, ''],
  ] as const) {
    await store.fetch(key, to);
    assert.equal(digest(await readFile(to)), digest(content), key);
    // Where a file can be read without being fetched, it is the same.
    const place = await store.path(key);
    if (place !== undefined) assert.equal(digest(await readFile(place)), digest(content), key);
    assert.equal(place === undefined, store.url.startsWith('s3:'), key);
  }
  assert.deepEqual(await keysOf(store, ''), Object.values(names).sort());
  assert.deepEqual(await keysOf(store, 'photos/'), [names.small, names.empty]);
  assert.deepEqual(await keysOf(store, 'photos/n'), [names.empty]);
  assert.deepEqual(await keysOf(store, 'none/'), []);
  assert.equal(await store.exists(names.small), true);
  assert.equal(await store.exists('photos'), false);
  assert.equal(await store.find('photos'), undefined);
  const found = await store.find(names.large);
  assert.equal(found?.bytes, LARGE.length);
  for await (const listed of store.list('films/')) assert.deepEqual(listed, found);
  await store.remove(names.small);
  await store.remove(names.small);
  assert.equal(await store.exists(names.small), false);
  await assert.rejects(store.fetch(names.small, to), /Cannot fetch .*photos\/a\.jpg/);
  await assert.rejects(store.put(join(folder, 'not there'), 'b'), /no such file/);
  store.close();
}

/** A connection that breaks after every few megabytes is gone on with, from where it broke. */
async function goesOn(t: TestContext, environment: Readonly<Record<string, string>>): Promise<void> {
  const broken = await proxyOf(t, environment, (body) => body, 12 * 2 ** 20);
  const to = join(folder, 'in pieces');
  await openS3Store(new URL('s3://films/a%20prefix/b'), broken).fetch('films/clip.mp4', to);
  assert.equal(digest(await readFile(to)), digest(LARGE));
}

/** A server between: it changes bodies, or breaks off after so many bytes. Answers the variables by which it is reached. */
async function proxyOf(
  t: TestContext,
  environment: Readonly<Record<string, string>>,
  change: (body: Buffer) => Buffer,
  most = Number.POSITIVE_INFINITY,
): Promise<Readonly<Record<string, string>>> {
  const target = new URL(environment.AWS_ENDPOINT_URL!);
  const server = createServer((asked, answer) => {
    const { method, url, headers } = asked;
    // What is signed names the host that was asked.
    const passed = request(
      { host: target.hostname, port: target.port, method, path: url, headers },
      (from) => {
        answer.writeHead(from.statusCode!, from.headers);
        let sent = 0;
        from.on('data', (bytes: Buffer) => {
          if (sent >= most) return;
          answer.write(change(bytes.subarray(0, most - sent)));
          sent += bytes.length;
          if (sent >= most) setTimeout(() => answer.destroy(), 50);
        });
        from.on('end', () => sent < most && answer.end());
      },
    );
    asked.pipe(passed);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => void server.close());
  const { port } = server.address() as { port: number };
  return { ...environment, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
}

let count = 0;

async function written(content: string | Uint8Array): Promise<string> {
  const path = join(folder, `from-${++count}`);
  await writeFile(path, content);
  return path;
}

async function keysOf(store: Store, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key, bytes } of store.list(prefix)) {
    assert.equal(typeof bytes, 'number');
    keys.push(key);
  }
  return keys.sort();
}

const digest = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

test('large files are fetched once, until they change or others need the room', async (t) => {
  const root = await temporaryFolder(t);
  const [cache, out] = [join(await temporaryFolder(t), 'cache'), await temporaryFolder(t)];
  const store = new CachedStore(await openStore(pathToFileURL(root).href), cache, 250, 100);
  for (const [name, bytes] of Object.entries({ small: 99, a: 100, b: 120, c: 130, huge: 251 }))
    await writeFile(join(root, name), randomBytes(bytes));
  const fetched = async (key: string) => {
    await store.fetch(key, join(out, 'deep', key));
    assert.deepEqual(await readFile(join(out, 'deep', key)), await readFile(join(root, key)));
    return (await readdir(cache).catch(() => [])).length;
  };
  assert.deepEqual(
    [await fetched('small'), await fetched('huge'), await fetched('a'), await fetched('b')],
    [0, 0, 1, 2],
  );
  assert.equal(await fetched('a'), 2);
  const before = await readdir(cache);
  // The one that was not fetched lately gives way.
  assert.equal(await fetched('c'), 2);
  await writeFile(join(root, 'a'), randomBytes(100));
  await fetched('a');
  assert.equal((await readdir(cache)).filter((name) => before.includes(name)).length, 0);
});
