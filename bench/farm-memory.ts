/**
 * What a job of many photos takes: `node --import tsx bench/farm-memory.ts [--photos 1000000]` after `npm run build`, with redis-server on
 * the PATH; needs two inodes for each photo. Submits empty files whose paintings are there, so that all but the painting is done.
 * When the queue is full, a worker comes, and this process takes tasks off as many other workers would. Prints a row of docs/farm.md:
 * peak memory of each process, and disk. Linux.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Farm } from '../src/farm/queue/farm.ts';
import { liveWorkers } from '../src/farm/queue/workers.ts';
import { concludeTask, type TakenTask } from '../src/farm/worker/task-outcome.ts';
import { startRedis } from '../test/helpers/redis-server.ts';
import { commitAtHand } from './measured-commit.ts';

const { values } = parseArgs({ options: { photos: { type: 'string', default: '1000000' } } });
const PHOTOS = Number(values.photos);
const STYLE = 'wave-film';
const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
/** Milliseconds between two looks at the processes. */
const LOOK = 200;
/** Tasks that are taken off at a time, and how many are left to the worker. */
const [AT_ONCE, LEFT] = [20, 100];
/** The submitter's limit of waiting tasks, less what it queues at a time. */
const FULL = 1950;
const MIB = 2 ** 20;

const cleaning: (() => Promise<void>)[] = [];
try {
  await measure();
} finally {
  for (const clean of cleaning.reverse()) await clean();
}

async function measure(): Promise<void> {
  const server = await startRedis({ after: (clean) => cleaning.push(clean) });
  const farm = await server.farm();
  const root = join(tmpdir(), `fast-style-bench-farm-${process.pid}`);
  cleaning.push(async () => void execFileSync('rm', ['-rf', root]));
  await writeNames(root);
  const env = { ...process.env, FAST_STYLE_REDIS_URL: server.url, FAST_STYLE_FARM_ROOT: root };
  const peaks = new Map<string, number>();
  const start = (what: string, ...args: readonly string[]) => {
    const child = spawn(process.execPath, [CLI, 'farm', ...args], {
      ...{ cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] },
    });
    const looking = setInterval(() => void notice(peaks, what, child.pid!), LOOK);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve)).finally(() =>
      clearInterval(looking),
    );
    return { child, ended };
  };
  const began = performance.now();
  const words = ['stylize', 'photos', '-s', STYLE, '-o', 'out/', '--skip-existing'];
  const submitter = start('submit', 'submit', ...words);
  let isSubmitted = false;
  void submitter.ended.then(() => {
    isSubmitted = true;
  });
  const queue = await queueOf(farm);
  const waiting = () => farm.queue(queue).getWaitingCount();
  while (!isSubmitted && (await waiting()) < FULL) await setTimeout(LOOK);
  const mostWaiting = await waiting();
  const worker = start('worker', 'worker', '--memory', '2GB');
  const taker = farm.taker(queue, 60_000);
  await taker.waitUntilReady();
  while ((await liveWorkers(farm.redis)).length === 0) await setTimeout(LOOK);
  for (;;) {
    if ((await waiting()) <= LEFT + AT_ONCE) {
      if (isSubmitted) break;
      await setTimeout(10);
      continue;
    }
    const tasks: TakenTask[] = [];
    for (let i = 0; i < AT_ONCE; i++) {
      const job = await taker.getNextJob('bench', { block: false });
      if (job !== undefined) tasks.push({ queue, job, envelope: job.data, token: 'bench' });
    }
    await Promise.all(
      tasks.map((one) => concludeTask(farm, one, { done: one.envelope.items, failed: [] }, false)),
    );
  }
  await untilDone(farm);
  const memory = await farm.redis.info('memory');
  const used = Number(/used_memory_peak:(\d+)/.exec(memory)?.[1]) / MIB;
  const log = /aof_current_size:(\d+)/.exec(await farm.redis.info('persistence'))?.[1];
  worker.child.kill('SIGTERM');
  await worker.ended;
  await taker.close(true);
  const own = Number(
    execFileSync('du', ['-sk', join(root, '.fast-style')], { encoding: 'utf8' }).split('\t')[0],
  );
  const cells = [
    PHOTOS.toLocaleString('en'),
    mostWaiting,
    ...['submit', 'worker', 'its process'].map((what) => ((peaks.get(what) ?? 0) / 1024).toFixed(0)),
    used.toFixed(1),
    (Number(log) / MIB).toFixed(1),
    (own / 1024).toFixed(1),
    ((performance.now() - began) / 60_000).toFixed(1),
  ];
  console.log(`Commit ${await commitAtHand()}\n`);
  console.log(
    '| photos | tasks waiting | submit | worker | its process | Redis | its log | `.fast-style/` | min |',
  );
  console.log(
    `|---|${'---:|'.repeat(cells.length - 1)}\n| ${cells.join(' | ')} |\n\nMB; memory at its peak.`,
  );
}

/** Empty photos and paintings. */
async function writeNames(root: string): Promise<void> {
  for (const folder of ['photos', 'out']) await mkdir(join(root, folder), { recursive: true });
  for (let i = 0; i < PHOTOS; i++) {
    const name = `photo-${String(i).padStart(7, '0')}`;
    for (const path of [`photos/${name}.jpg`, `out/${name}-${STYLE}.jpg`])
      await (await open(join(root, path), 'w')).close();
  }
}

async function queueOf(farm: Farm): Promise<string> {
  for (;;) {
    const [name] = await farm.queueNames();
    if (name !== undefined) return name;
    await setTimeout(LOOK);
  }
}

/** Most kilobytes that a process, and those that it has started, have had in memory. */
async function notice(peaks: Map<string, number>, what: string, pid: number): Promise<void> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const peak = Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0);
  peaks.set(what, Math.max(peaks.get(what) ?? 0, peak));
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  for (const child of children.split(' ').filter((word) => word !== ''))
    await notice(peaks, 'its process', Number(child));
}

async function untilDone(farm: Farm): Promise<void> {
  for (;;) {
    const states = [];
    for await (const { state, failed } of farm.records.all()) states.push(failed > 0 ? 'failed' : state);
    if (states.every((state) => state === 'done')) return;
    if (states.includes('failed')) throw new Error('a task has failed');
    await setTimeout(LOOK);
  }
}
