/** The studio's server over HTTP, in this process; its engine paints in processes of its own. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { Stylizer } from '../../src/index.ts';
import type { StudioJob, StudioNews } from '../../src/studio/protocol.ts';
import { openStudio } from '../../src/studio/server.ts';
import { ffmpeg, H264, noFfmpeg, testPicture } from '../helpers/clips.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';
import { waitFor } from '../helpers/wait-for.ts';
import { JPEG, LOOK, StudioClient, statusOf, studioFolderIn } from './studio-in-folder.ts';

async function studioIn(t: TestContext) {
  const folder = await temporaryFolder(t);
  const own = await studioFolderIn(folder);
  const studio = await openStudio({ folder: own });
  t.after(() => studio.close());
  const photo = await readFile(await drawnPhoto(join(folder, 'sea.jpg'), 90, 60, { format: 'jpeg' }));
  return { folder, own, studio, client: new StudioClient(studio.url), photo };
}

test('only the page that was opened by its address is answered', async (t) => {
  const { studio } = await studioIn(t);
  const { origin, port, pathname } = new URL(studio.url);
  const [, token] = pathname.split('/');
  const state = `${studio.url}api/state`;
  const ask = (headers: Record<string, string>, url = state, method = 'GET') =>
    statusOf(url, headers, method);
  assert.equal(await ask({}), 200);
  assert.equal(await ask({ host: `localhost:${port}`, origin: `http://localhost:${port}` }), 200);
  assert.equal(await ask({ origin }), 200);
  // A name of somebody else's that leads here, another site's page, another port's, and a page of nowhere.
  assert.equal(await ask({ host: `studio.example:${port}` }), 403);
  assert.equal(await ask({ host: '127.0.0.1:1' }), 403);
  for (const other of ['http://studio.example', 'http://127.0.0.1:1', `http://localhost:${port}`, 'null'])
    assert.equal(await ask({ origin: other }, `${studio.url}api/jobs`, 'POST'), 403, other);
  assert.equal(await ask({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }), 403);
  assert.equal(await ask({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }), 403);
  for (const wrong of ['', 'x', `${token}x`, token!.slice(1)])
    assert.equal(await ask({}, `${origin}/${wrong}/api/state`), 403, wrong);
  assert.equal(await ask({}, `${origin}/${token}`), 302);

  const page = await fetch(studio.url);
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.equal(page.headers.get('access-control-allow-origin'), null);
  assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
  const html = await page.text();
  // All that it names is there, and nothing of elsewhere.
  for (const [, name] of html.matchAll(/(?:href|src)="([^"]+)"/g))
    assert.equal((await fetch(new URL(name!, studio.url))).status, 200, name);
  assert.doesNotMatch(html, /https?:/);
  for (const path of ['../package.json', '%2e%2e/package.json', 'main.ts', 'tsconfig.json'])
    assert.equal((await fetch(`${studio.url}${path}`)).ok, false, path);
});

test('a photo is painted small while one chooses, and at full size with its metadata', async (t) => {
  const { own, client, photo } = await studioIn(t);
  const item = await client.drop('photo', '../evil/sea at night.jpg', photo);
  assert.deepEqual([item.name, item.width, item.height], ['sea at night.jpg', 90, 60]);
  const { styles } = await client.state();
  assert.deepEqual(
    styles.filter(({ isOwn }) => isOwn).map(({ name }) => name),
    ['dim', 'grey'],
  );
  assert.ok(styles.some(({ name, isOwn }) => name === 'great-wave' && !isOwn));

  const paint = (parts: unknown, look: object = LOOK) =>
    client.bytes(
      `items/${item.id}/painted?side=320&paint=${encodeURIComponent(JSON.stringify({ parts, look }))}`,
    );
  const [dim, grey, mixed, faint] = await Promise.all([
    paint([{ style: 'dim', weight: 1 }]),
    paint([{ style: 'grey', weight: 1 }]),
    paint([
      { style: 'dim', weight: 1 },
      { style: 'grey', weight: 1 },
    ]),
    paint([{ style: 'dim', weight: 1 }], { ...LOOK, amount: 0.3 }),
  ]);
  assert.equal(new Set([dim, grey, mixed, faint].map((bytes) => bytes!.toString('base64'))).size, 4);
  assert.deepEqual(await paint([{ style: 'dim', weight: 1 }]), dim);
  await assert.rejects(paint([{ style: 'none', weight: 1 }]), /422.*Expected one of the styles/);
  await assert.rejects(paint([{ style: 'dim', weight: 1 }], { ...LOOK, amount: 2 }), /0 to 1 for amount/);

  const parts = [{ style: 'dim', weight: 1 }];
  const job = await client.call<StudioJob>('POST', 'jobs', {
    ...{ kind: 'photo', item: item.id, parts, look: LOOK },
    file: { ...JPEG, format: 'png' },
  });
  await waitFor('the photo', async () => (await client.job(job.id)).state === 'done');
  const done = await client.job(job.id);
  assert.deepEqual(done.results, ['sea at night-dim.png']);
  const painted = await client.bytes(`jobs/${job.id}/files/${done.results[0]}?download`);
  const stylizer = await Stylizer.load(join(own, 'styles', 'dim.safetensors'));
  t.after(() => stylizer.dispose());
  const wanted = await stylizer.stylize(photo, { stroke: 1, format: 'png' });
  assert.deepEqual(painted, wanted);
  for (const name of ['..%2f..%2fjobs.json', 'jobs.json'])
    await assert.rejects(client.bytes(`jobs/${job.id}/files/${name}`), /404/);

  const all = await client.call<StudioJob>('POST', 'jobs', {
    ...{ kind: 'styles', item: item.id, styles: ['dim', 'grey'], look: LOOK, file: JPEG },
  });
  await waitFor('all styles', async () => (await client.job(all.id)).state === 'done');
  assert.deepEqual((await client.job(all.id)).results, ['sea at night-dim.jpg', 'sea at night-grey.jpg']);
  await client.call('DELETE', `jobs/${all.id}`);

  // Given up halfway, and taken up again.
  const many = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 'dim' : 'grey'));
  const long = await client.call<StudioJob>('POST', 'jobs', {
    ...{ kind: 'styles', item: item.id, styles: many, look: LOOK, file: JPEG },
  });
  await waitFor('the first', async () => (await client.job(long.id)).results.length > 0);
  await client.call('POST', `jobs/${long.id}/cancel`);
  await waitFor('the end', async () => (await client.job(long.id)).state === 'cancelled');
  await client.call('POST', `jobs/${long.id}/resume`);
  await waitFor('the second', async () => (await client.job(long.id)).results.length === 2);
  await client.call('POST', `jobs/${long.id}/cancel`);
  await waitFor('the end', async () => (await client.job(long.id)).state === 'cancelled');
  await client.call('DELETE', `jobs/${long.id}`);
  assert.deepEqual(
    (await client.state()).jobs.map(({ id }) => id),
    [job.id],
  );
  await client.call('DELETE', `items/${item.id}`);
  assert.deepEqual((await client.state()).items, []);
});

test('what is not to be is refused in one line, and leaves nothing', async (t) => {
  const { client, photo } = await studioIn(t);
  await assert.rejects(client.drop('photo', 'notes.jpg', Buffer.from('no picture')), /422.*notes\.jpg/);
  await assert.rejects(client.drop('photo', 'empty.jpg', new Uint8Array()), /4\d\d/);
  assert.deepEqual((await client.state()).items, []);
  const item = await client.drop('photo', 'sea.jpg', photo);
  const refuse = (request: unknown, message: RegExp) =>
    assert.rejects(client.call('POST', 'jobs', request), message);
  const job = { kind: 'photo', item: item.id, parts: [{ style: 'dim', weight: 1 }], look: LOOK, file: JPEG };
  await refuse([], /Expected a job/);
  await refuse({ ...job, kind: 'dance' }, /for kind/);
  await refuse({ ...job, item: 'x' }, /was removed/);
  await refuse({ ...job, parts: [{ style: '/etc/passwd', weight: 1 }] }, /one of the styles/);
  await refuse({ ...job, parts: [{ style: 'dim', weight: 0 }] }, /a weight above 0/);
  await refuse({ ...job, kind: 'film', steady: 'off', extension: 'mp4' }, /Expected a film/);
  await refuse(
    { kind: 'train', item: item.id, name: '../x', quality: 'good', strength: 5, previews: [] },
    /for the name/,
  );
  assert.deepEqual((await client.state()).jobs, []);
});

test('pages hear what happens, and what they have chosen is kept', async (t) => {
  const { client, photo, studio, own } = await studioIn(t);
  const controller = new AbortController();
  const response = await fetch(`${client.url}api/events`, { signal: controller.signal });
  let heard = '';
  const reading = (async () => {
    for await (const part of response.body!) heard += Buffer.from(part).toString();
  })().catch(() => undefined);
  await waitFor('the stream', () => heard.includes('hello'));
  const item = await client.drop('photo', 'sea.jpg', photo);
  await client.call('PUT', 'choices', { photo: item.id });
  const job = await client.call<StudioJob>('POST', 'jobs', {
    ...{ kind: 'photo', item: item.id, parts: [{ style: 'dim', weight: 1 }], look: LOOK, file: JPEG },
  });
  await waitFor('the end', () => heard.includes('"state":"done"'));
  controller.abort();
  await reading;
  const news = [...heard.matchAll(/^data: (.*)$/gm)].map(([, text]) => JSON.parse(text!) as StudioNews);
  const states = news.flatMap((one) => (one.event === 'job' && one.job.id === job.id ? [one.job.state] : []));
  assert.deepEqual([...new Set(states)], ['waiting', 'running', 'done']);
  assert.ok(news.some((one) => one.event === 'item' && one.item.id === item.id));

  // Another studio in the same folder, later.
  await studio.close();
  const again = await openStudio({ folder: own });
  t.after(() => again.close());
  assert.notEqual(again.url, studio.url);
  const state = await new StudioClient(again.url).state();
  assert.deepEqual(state.choices, { photo: item.id });
  assert.deepEqual(state.items, [item]);
  assert.deepEqual(
    state.jobs.map(({ id, state }) => [id, state]),
    [[job.id, 'done']],
  );
});

test('a film is painted, and played from any place', { skip: noFfmpeg }, async (t) => {
  const { client, folder } = await studioIn(t);
  const film = join(folder, 'clip.mkv');
  ffmpeg(...testPicture(0.2, '32x32', '10'), ...H264, film);
  const item = await client.drop('film', 'clip.mkv', await readFile(film));
  const range = await fetch(`${client.url}api/items/${item.id}/file`, { headers: { range: 'bytes=4-7' } });
  assert.equal(range.status, 206);
  assert.deepEqual(Buffer.from(await range.arrayBuffer()), (await readFile(film)).subarray(4, 8));
  const job = await client.call<StudioJob>('POST', 'jobs', {
    ...{ kind: 'film', item: item.id, look: LOOK, steady: 'off', extension: 'gif' },
    parts: [
      { style: 'dim', weight: 1 },
      { style: 'grey', weight: 0.5 },
    ],
  });
  await waitFor('the film', async () => ['done', 'failed'].includes((await client.job(job.id)).state));
  const done = await client.job(job.id);
  assert.deepEqual([done.state, done.results], ['done', ['clip-dim-0.67-grey-0.33.gif']], done.error);
  const painted = await client.bytes(`jobs/${job.id}/files/${done.results[0]}`);
  assert.equal(painted.subarray(0, 6).toString(), 'GIF89a');
});

test('records that cannot be read are left alone', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'jobs.json'), '{"jobs":[');
  await assert.rejects(openStudio({ folder }), /Expected the studio's records in .*jobs\.json/);
  assert.equal(await readFile(join(folder, 'jobs.json'), 'utf8'), '{"jobs":[');
});
