/** A real Redis (or Valkey) of the test's own, that keeps what it has over `kill -9`. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Farm } from '../../src/farm/queue/farm.ts';
import { freePort } from './free-port.ts';
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
  /** Ends it for good. */
  end(): Promise<void>;
}

interface Cleaning {
  after(clean: () => Promise<void>): void;
}

/** Files by which a Redis talks TLS. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

/** @param more options, as --requirepass. @param tls it talks TLS alone, as `localhost`. */
export async function startRedis(
  t: Cleaning,
  more: readonly string[] = [],
  tls?: TlsFiles,
): Promise<RedisServer> {
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const url = tls === undefined ? `redis://127.0.0.1:${port}` : `rediss://localhost:${port}`;
  const start = async (): Promise<ChildProcess> => {
    const files = tls === undefined ? [] : ['--tls-cert-file', tls.certificate, '--tls-key-file', tls.key];
    const ports =
      tls === undefined
        ? ['--port', port]
        : ['--port', 0, '--tls-port', port, '--tls-auth-clients', 'no', ...files];
    // As docs/farm.md has it configured: with fsync once a second, a kill loses what is written while the disk is slow.
    const log = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
    const options = [...ports, '--bind', '127.0.0.1', '--dir', folder, ...log];
    const child = spawn(PROGRAM!, [...options.map(String), ...more], { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    child.stdout!.on('data', (text: Buffer) => {
      said += text;
    });
    await waitFor('Redis to answer', () => said.includes('Ready to accept connections'));
    return child;
  };
  const end = async (child: ChildProcess) => {
    if (child.signalCode !== null) return;
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
    end: () => end(running),
    async crash() {
      await end(running);
      running = await start();
    },
  };
}
