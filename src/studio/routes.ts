/** What the page asks the server for. Paths begin with the token; `access` has checked it. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { ConfigError, FastStyleError, FileError } from '../index.ts';
import type { Items } from './items.ts';
import { type JobQueue, runFolderOf } from './job-queue.ts';
import type { News } from './news.ts';
import type { PageFile } from './page-files.ts';
import type { Previews } from './previews.ts';
import type { StudioState } from './protocol.ts';
import { readItemKind, readJobRequest, readLook, readParts } from './read-request.ts';
import { sendFile } from './send-file.ts';
import type { StoredJson } from './stored-json.ts';
import type { Styles } from './styles.ts';

export interface StudioParts {
  readonly items: Items;
  readonly styles: Styles;
  readonly queue: JobQueue;
  readonly previews: Previews;
  readonly news: News;
  /** What is chosen in the page, and where it is stored. */
  readonly choices: { value: unknown; readonly stored: StoredJson };
  readonly sample?: string;
}

/** Longer sides in px that pictures are shown at: a tile of the gallery, the large view. */
const SIDES = [320, 960];
/** Bytes of JSON that a request may hold. */
const MOST_JSON = 200_000;
const KEEP_ALIVE_MS = 20_000;

/** @param files of the page, by their paths. */
export function routes(parts: StudioParts, files: ReadonlyMap<string, PageFile>): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    // Whoever has gone does not hear it.
    if (error instanceof FastStyleError) return c.json({ error: error.message }, 422);
    return c.json({ error: `Something went wrong here: ${error.message}` }, 500);
  });
  addItems(app, parts);
  addJobs(app, parts);
  app.get('/api/state', (c) => c.json(stateOf(parts)));
  app.get('/api/events', (c) => events(c, parts));
  app.put('/api/choices', async (c) => {
    const { choices } = parts;
    choices.value = await json(c);
    await choices.stored.write(() => choices.value);
    return c.body(null, 204);
  });
  app.get('/*', (c) => {
    const [, token, ...rest] = c.req.path.split('/');
    // What the page names is relative to its folder.
    if (rest.length === 0) return c.redirect(`/${token}/`);
    const file = files.get(rest.join('/'));
    return file === undefined
      ? c.text('There is no such page.', 404)
      : c.body(file.content, 200, { 'Content-Type': file.type });
  });
  return app;
}

function stateOf({ items, styles, queue, choices, sample }: StudioParts): StudioState {
  return {
    ...{ items: items.all(), styles: styles.all(), jobs: queue.all(), choices: choices.value ?? null },
    hasSample: sample !== undefined,
  };
}

function addItems(app: Hono, { items, styles, queue, previews, sample }: StudioParts): void {
  app.post('/api/items', async (c) => {
    const { body } = c.req.raw;
    if (body === null) throw new ConfigError('Expected a file but received nothing.');
    const kind = readItemKind(c.req.query('kind'));
    return c.json(await items.add(kind, c.req.query('name') ?? '', body), 201);
  });
  app.post('/api/sample', async (c) => {
    if (sample === undefined) throw new FileError('Expected a sample photo, but there is none here.');
    return c.json(await items.addFile('photo', sample), 201);
  });
  app.delete('/api/items/:id', async (c) => {
    const id = c.req.param('id');
    if (queue.needs(id))
      throw new ConfigError(
        'Expected a file that no job needs but received one in use; cancel the job first.',
      );
    await items.remove(id);
    return c.body(null, 204);
  });
  app.get('/api/items/:id/file', (c) =>
    sendFile(items.path(items.require(c.req.param('id'))), { range: c.req.header('range') }),
  );
  app.get('/api/items/:id/picture', async (c) =>
    sendFile(await items.shrunk(items.require(c.req.param('id')), sideOf(c))),
  );
  app.get('/api/items/:id/painted', async (c) => {
    const item = items.require(c.req.param('id'));
    const { parts: given, look: asked } = queryJson(c, 'paint') as { parts?: unknown; look?: unknown };
    const { mask, ...look } = readLook(asked);
    const parts = styles.filesOf(readParts(given));
    const times = await Promise.all(parts.map(async ({ file }) => (await stat(file)).mtimeMs));
    const photo = await items.shrunk(item, sideOf(c));
    const masked = mask === undefined ? look : { ...look, mask: items.path(items.require(mask)) };
    return sendFile(await previews.paint({ photo, parts, look: masked }, String(times), c.req.raw.signal));
  });
}

function addJobs(app: Hono, { queue }: StudioParts): void {
  const changes = {
    cancel: (id: string) => queue.cancel(id),
    pause: (id: string) => queue.pause(id),
    resume: (id: string) => queue.resume(id),
    keep: (id: string) => queue.keep(id),
  };
  app.post('/api/jobs', async (c) => c.json(await queue.add(readJobRequest(await json(c))), 201));
  for (const [verb, change] of Object.entries(changes))
    app.post(`/api/jobs/:id/${verb}`, async (c) => {
      const id = c.req.param('id');
      await change(id);
      return c.json(queue.get(id) ?? null);
    });
  app.delete('/api/jobs/:id', async (c) => {
    await queue.remove(c.req.param('id'));
    return c.body(null, 204);
  });
  app.get('/api/jobs/:id/files/:name', async (c) => {
    const job = queue.get(c.req.param('id'));
    // Only what the job has made: a path of the asker's own leads nowhere.
    const name = job?.results.find((result) => result === c.req.param('name'));
    if (job === undefined || name === undefined) return c.text('There is no such file.', 404);
    const [range, asDownload] = [c.req.header('range'), c.req.query('download') !== undefined];
    return sendFile(join(queue.folderOf(job.id), name), { range, asDownload });
  });
  app.get('/api/jobs/:id/report', async (c) => {
    const job = queue.get(c.req.param('id'));
    if (job?.request.kind !== 'train') return c.text('There is no such report.', 404);
    return sendFile(join(runFolderOf(queue, job.id), 'report.html'), { isReport: true });
  });
}

/** What happens, as it happens: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
function events(c: Context, { news }: StudioParts): Response {
  return streamSSE(c, async (stream) => {
    let last: Promise<unknown> = Promise.resolve();
    const send = (data: unknown) => {
      last = last.then(() => stream.writeSSE({ data: JSON.stringify(data) })).catch(() => undefined);
    };
    const leave = news.listen(send);
    send({ event: 'hello' });
    await new Promise<void>((resolve) => {
      const alive = setInterval(() => send({ event: 'alive' }), KEEP_ALIVE_MS);
      const end = () => {
        clearInterval(alive);
        leave();
        resolve();
      };
      stream.onAbort(end);
      news.onClose(end);
    });
  });
}

function sideOf(c: Context): number {
  const side = Number(c.req.query('side'));
  if (SIDES.includes(side)) return side;
  throw new ConfigError(`Expected ${SIDES.join(' or ')} for side but received ${c.req.query('side')}.`);
}

async function json(c: Context): Promise<unknown> {
  const text = await c.req.text();
  if (text.length > MOST_JSON) throw new ConfigError(`Expected at most ${MOST_JSON} letters of JSON.`);
  return parsed(text);
}

function queryJson(c: Context, name: string): object {
  const value = parsed(c.req.query(name) ?? '');
  if (typeof value === 'object' && value !== null) return value;
  throw new ConfigError(`Expected an object for ${name}.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`Expected JSON: ${(error as Error).message}.`);
  }
}
