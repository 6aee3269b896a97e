/** A real Redis (or Valkey) of the test's own, that keeps what it has over `kill -9`. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Farm } from '../../src/farm/queue/farm.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

const PROGRAM = [process.env.FAST_STYLE_REDIS, 'redis-server', 'valkey-server'].find(
  (program) => program !== undefined && spawnSync(program, ['--version']).status === 0,
);

/** Why a test that needs it is skipped; false where it is there. */
export const noRedis: string | false =
  PROGRAM === undefined && 'there is no redis-server (on the PATH, or named by FAST_STYLE_REDIS)';

export interface RedisServer {
  readonly url: string;
  /** Opens the farm in it, closed with the test. */
  farm(): Promise<Farm>;
  /** Ends it as a power cut would, and starts it again from its file. */
  crash(): Promise<void>;
}

interface Cleaning {
  after(clean: () => Promise<void>): void;
}

/** @param more options, as --requirepass. */
export async function startRedis(t: Cleaning, more: readonly string[] = []): Promise<RedisServer> {
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const start = async (): Promise<ChildProcess> => {
    const options = [
      '--port',
      port,
      '--bind',
      '127.0.0.1',
      '--dir',
      folder,
      '--appendonly',
      'yes',
      '--save',
      '',
    ];
    const child = spawn(PROGRAM!, [...options.map(String), ...more], { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    child.stdout!.on('data', (text: Buffer) => {
      said += text;
    });
    await waitFor('Redis to answer', () => said.includes('Ready to accept connections'));
    return child;
  };
  const end = async (child: ChildProcess) => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  let running = await start();
  t.after(() => end(running));
  return {
    url,
    async farm() {
      const farm = await Farm.open({ url });
      t.after(() => farm.close());
      return farm;
    },
    async crash() {
      await end(running);
      running = await start();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
