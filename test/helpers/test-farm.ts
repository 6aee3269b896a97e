/** A farm on a real Redis, with real workers, in a folder of its own. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Farm } from '../../src/farm/queue/farm.ts';
import type { JobRecord } from '../../src/farm/queue/job-records.ts';
import { callCommand } from './call-command.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { type CliProcess, startCli } from './run-cli.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

const OVER = ['done', 'failed', 'cancelled'];

interface LoggedWorker extends CliProcess {
  /** What it has logged so far. */
  readonly log: string;
}

export async function openTestFarm(t: TestContext) {
  const root = await temporaryFolder(t);
  const redis: RedisServer = await startRedis(t);
  const farm: Farm = await redis.farm();
  const env = { FAST_STYLE_REDIS_URL: redis.url, FAST_STYLE_FARM_ROOT: root };
  const startWorker = (
    more: readonly string[] = [],
    others: Readonly<Record<string, string>> = {},
  ): LoggedWorker => {
    const args = ['farm', 'worker', '--memory', '2GB', '--takeover', '1', ...more];
    const worker = { ...startCli(args, { cwd: root, env: { ...env, ...others } }), log: '' };
    worker.child.stdout!.on('data', (text: Buffer) => {
      worker.log += text;
    });
    t.after(async () => {
      worker.child.kill('SIGKILL');
      await worker.done;
    });
    return worker;
  };
  const call = (...args: readonly string[]) => callCommand(['farm', ...args], { cwd: root, env });
  /** Answers the job's id. */
  const submit = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await call('submit', ...args);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  const whenOver = async (id: string, running?: CliProcess): Promise<JobRecord> => {
    let job = await farm.records.require(id);
    const isOver = async () => {
      job = await farm.records.require(id);
      return OVER.includes(job.state);
    };
    await waitFor(`${id} to be over`, isOver, running);
    return job;
  };
  return { root, redis, farm, env, startWorker, call, submit, whenOver };
}
