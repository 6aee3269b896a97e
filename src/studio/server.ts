/** The studio: a page on this machine in front of the library, which it uses as anybody could (`src/index.ts`). */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { ConfigError, FileError } from '../index.ts';
import { access } from './access.ts';
import { Items } from './items.ts';
import { JobQueue } from './job-queue.ts';
import type { StudioTraining } from './job-work.ts';
import { News } from './news.ts';
import { pageFiles } from './page-files.ts';
import { Previews } from './previews.ts';
import { routes } from './routes.ts';
import { readStored, StoredJson } from './stored-json.ts';
import { Styles } from './styles.ts';

export interface StudioOptions {
  /** Where everything is kept: what was dropped, jobs, results, styles. One studio at a time. */
  readonly folder: string;
  /** Port; 0, the default, takes a free one. */
  readonly port?: number;
  /** Settings that all trainings have. */
  readonly training?: StudioTraining;
  /** A photo to begin with. */
  readonly sample?: string;
}

export interface Studio {
  /** The address to open, token included. */
  readonly url: string;
  /** Saves everything and ends. What was under way goes on at the next start. */
  close(): Promise<void>;
}

type Handler = (...asked: Parameters<Hono['fetch']>) => Response | Promise<Response>;

const HOST = '127.0.0.1';
/** Bytes of the token: 128 bits cannot be guessed. */
const TOKEN_BYTES = 16;

/**
 * Starts the studio's server, on this machine alone. Jobs that waited or were under way go on.
 *
 * @throws {ConfigError} the port is taken. {FileError} the folder cannot be used, or its records not be read.
 */
export async function openStudio({
  folder,
  port = 0,
  training = {},
  sample,
}: StudioOptions): Promise<Studio> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const news = new News();
  const say = (one: Parameters<News['tell']>[0]) => news.tell(one);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: Error) => {
    throw new FileError(`Cannot use ${folder}: ${error.message}.`, { cause: error });
  });
  const choices = {
    value: await readStored(join(folder, 'choices.json')),
    stored: new StoredJson(join(folder, 'choices.json')),
  };
  const [items, styles] = await Promise.all([Items.open(folder, say), Styles.open(folder)]);
  let handle: Handler = () => new Response('The studio is starting.', { status: 503 });
  const server = serve({
    fetch: (request, ...more) => handle(request, ...more),
    hostname: HOST,
    port,
  }) as Server & {
    closeAllConnections(): void;
  };
  const address = await listening(server, port);
  // Only now: a second studio that cannot have the port does not touch the jobs of the first.
  const [queue, previews] = await Promise.all([
    JobQueue.open({ folder, items, styles, training, say }),
    Previews.open(folder),
  ]).catch((error: unknown) => {
    server.close();
    throw error;
  });
  const { files, policy } = pageFiles();
  const parts = { items, styles, queue, previews, news, choices };
  const app = new Hono();
  app.use(access({ token, policy, port: address.port }));
  app.route('/:token', routes(sample === undefined ? parts : { ...parts, sample }, files));
  handle = app.fetch;
  return {
    url: `http://${HOST}:${address.port}/${token}/`,
    async close() {
      news.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, queue.close(), previews.close()]);
    },
  };
}

function listening(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('listening', () => resolve(server.address() as AddressInfo));
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return reject(error);
      const why = error.code === 'EACCES' ? 'which only an administrator may use' : 'which is in use';
      const message = `Expected a free port but received ${port}, ${why}; omit --port to take any.`;
      reject(new ConfigError(message, { cause: error }));
    });
  });
}
