import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Download, download } from '../../../src/networks/weights/download.ts';
import { FileError, WeightsError } from '../../../src/system/errors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { waitFor } from '../../helpers/wait-for.ts';

// The servers of these tests are on this machine, whatever proxy its network needs.
process.env.no_proxy = '127.0.0.1';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 3));
const checksum = { algorithm: 'sha256', hex: createHash('sha256').update(content).digest('hex') } as const;

interface Place {
  readonly task: Download;
  /** The Range headers of all requests so far. */
  readonly ranges: (string | undefined)[];
}

type Answer = (request: IncomingMessage, response: ServerResponse, start: number, part: string) => void;

/** A server, and a task that downloads from it into a folder of its own. */
async function place(t: TestContext, answer: Answer): Promise<Place> {
  const ranges: (string | undefined)[] = [];
  const folder = await temporaryFolder(t);
  const path = join(folder, 'new', 'vgg.h5');
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    answer(request, response, start, `${path}.part`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/vgg.h5`;
  return { task: { url, path, checksum }, ranges };
}

/** Answers as a web server does that knows ranges. */
const properly: Answer = (_, response, start) => {
  if (start >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const rest = content.subarray(start);
  if (start === 0) response.writeHead(200, { 'content-length': rest.length });
  else {
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    response.writeHead(206, { 'content-length': rest.length, 'content-range': range });
  }
  response.end(rest);
};

/** Answers properly, but breaks the connection off once so many bytes have been written. */
const breaking =
  (after: number): Answer =>
  (_, response, start, part) => {
    const range = { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
    response.writeHead(start === 0 ? 200 : 206, {
      'content-length': content.length - start,
      ...(start > 0 && range),
    });
    response.flushHeaders();
    response.write(content.subarray(start, start + after));
    const isWritten = () => (statSync(part, { throwIfNoEntry: false })?.size ?? -1) >= start + after;
    void waitFor('the bytes in the file', isWritten).then(() => response.destroy());
  };

async function assertDownloaded({ path }: Download): Promise<void> {
  assert.ok((await readFile(path)).equals(content));
  assert.equal(existsSync(`${path}.part`), false);
}

test('a file arrives whole, with progress', async (t) => {
  const { task, ranges } = await place(t, properly);
  const seen: (readonly [number, number | undefined])[] = [];
  await download({ ...task, onProgress: (done, total) => seen.push([done, total]) });
  await assertDownloaded(task);
  assert.deepEqual(ranges, [undefined]);
  assert.deepEqual(seen[0], [0, content.length]);
  assert.deepEqual(seen.at(-1), [content.length, content.length]);
});

test('a broken connection is resumed where it broke', async (t) => {
  const { task, ranges } = await place(t, (...request) => {
    (ranges.length < 3 ? breaking(100_000) : properly)(...request);
  });
  await download(task);
  await assertDownloaded(task);
  assert.deepEqual(ranges, [undefined, 'bytes=100000-', 'bytes=200000-']);
});

test('the part so far is kept, and the next download continues from there', async (t) => {
  const { task, ranges } = await place(t, (...request) => {
    (ranges.length === 1 ? breaking(120_000) : properly)(...request);
  });
  await assert.rejects(download({ ...task, retries: 0 }), (error: unknown) => {
    assert.ok(error instanceof WeightsError);
    assert.match(
      error.message,
      /^Cannot download http:.*the connection broke off after 0\.1 MB \(the next try continues/,
    );
    return true;
  });
  assert.equal((await readFile(`${task.path}.part`)).length, 120_000);
  assert.equal(existsSync(task.path), false);
  const seen: number[] = [];
  await download({ ...task, onProgress: (done) => seen.push(done) });
  await assertDownloaded(task);
  assert.deepEqual(ranges, [undefined, 'bytes=120000-']);
  assert.equal(seen[0], 120_000);
});

test('an aborted download keeps its part, and the next one continues from there', async (t) => {
  const [stop, reason] = [new AbortController(), new Error('enough')];
  const { task, ranges } = await place(t, (request, response, start, part) => {
    if (start > 0) return properly(request, response, start, part);
    response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 90_000));
    const isWritten = () => (statSync(part, { throwIfNoEntry: false })?.size ?? 0) >= 90_000;
    void waitFor('the bytes in the file', isWritten).then(() => stop.abort(reason));
  });
  await assert.rejects(download({ ...task, signal: stop.signal }), reason);
  await assert.rejects(download({ ...task, signal: stop.signal }), reason);
  assert.equal((await readFile(`${task.path}.part`)).length, 90_000);
  await download(task);
  await assertDownloaded(task);
  assert.deepEqual(ranges, [undefined, 'bytes=90000-']);
});

test('a server that keeps breaking off is not retried for ever', async (t) => {
  const { task, ranges } = await place(t, breaking(0));
  await assert.rejects(download(task), /Cannot download .*the connection broke off\./);
  assert.equal(ranges.length, 1);
});

test('a server that does not know ranges sends everything again', async (t) => {
  const { task, ranges } = await place(t, (request, response, _, part) =>
    properly(request, response, 0, part),
  );
  await download(task);
  await rm(task.path);
  await writeFile(`${task.path}.part`, 'x'.repeat(1000));
  await download(task);
  await assertDownloaded(task);
  assert.deepEqual(ranges, [undefined, 'bytes=1000-']);
});

test('a part that is whole already is only checked', async (t) => {
  const { task, ranges } = await place(t, properly);
  await download(task);
  await rm(task.path);
  await writeFile(`${task.path}.part`, content);
  await download(task);
  await assertDownloaded(task);
  assert.equal(ranges.at(-1), `bytes=${content.length}-`);
});

test('a part longer than the file is thrown away', async (t) => {
  const { task } = await place(t, properly);
  await download(task);
  await rm(task.path);
  await writeFile(`${task.path}.part`, Buffer.concat([content, content]));
  await download(task);
  await assertDownloaded(task);
});

test('a file with another checksum is refused and removed', async (t) => {
  const { task } = await place(t, properly);
  const md5 = { algorithm: 'md5', hex: '253f8cb515780f3b799900260a226db6' } as const;
  await assert.rejects(download({ ...task, checksum: md5 }), (error: unknown) => {
    assert.ok(error instanceof WeightsError);
    const actual = createHash('md5').update(content).digest('hex');
    return error.message.endsWith(`its md5 should be ${md5.hex} but is ${actual}.`);
  });
  assert.deepEqual(await readdir(join(task.path, '..')), []);
});

test('a server that refuses, or is not there, is named', async (t) => {
  const { task } = await place(t, (_, response) => response.writeHead(404).end('no'));
  await assert.rejects(download(task), /^WeightsError: Cannot download http:.*: the server answers 404\.$/);
  const nobody = { ...task, url: 'http://127.0.0.1:1/x' };
  await assert.rejects(download(nobody), /^WeightsError: Cannot download .*: the connection is refused\.$/);
});

test('a place that cannot be written to is named', async (t) => {
  const { task } = await place(t, properly);
  await writeFile(join(task.path, '..', '..', 'in-the-way'), '');
  const path = join(task.path, '..', '..', 'in-the-way', 'vgg.h5');
  await assert.rejects(download({ ...task, path }), FileError);
});
