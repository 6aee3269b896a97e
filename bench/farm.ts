/**
 * What a farm costs: `node --import tsx bench/farm.ts [--tasks 5000] [--photos 128] [--side 512] [--frames 1200]` after `npm run build`, with
 * redis-server and ffmpeg on the PATH. Prints the tables of docs/farm.md: tasks without work through Redis, photos through 1, 2 and 4
 * workers of one thread against `stylize` in one thread, and a film and a sixth of it through one worker against `video`: what is fixed and
 * what each photo and frame takes. Besides wall time it counts processor time, which others on the machine change less.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { random } from '../src/data/random.ts';
import type { Kind } from '../src/farm/kinds/kind.ts';
import { Farm } from '../src/farm/queue/farm.ts';
import { demandOf, queueName } from '../src/farm/queue/needs.ts';
import { openStore } from '../src/farm/store/open-store.ts';
import { submitJob } from '../src/farm/submit/submit-job.ts';
import { concludeTask } from '../src/farm/worker/task-outcome.ts';
import { ownVersion } from '../src/system/own-version.ts';
import { freePort } from '../test/helpers/free-port.ts';
import { commitAtHand } from './measured-commit.ts';

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '5000' },
    photos: { type: 'string', default: '128' },
    side: { type: 'string', default: '512' },
    frames: { type: 'string', default: '1200' },
  },
});
const { tasks: TASKS, photos: PHOTOS, side: SIDE, frames: FRAMES } = numbers(values);
const STYLE = 'wave-film';
const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
/** A clock tick of /proc, s. */
const TICK = 0.01;

const folder = await mkdtemp(join(tmpdir(), 'fast-style-bench-farm-'));
const port = await freePort();
const redis = spawn(
  'redis-server',
  ['--port', String(port), '--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
  { stdio: 'ignore' },
);
const url = `redis://127.0.0.1:${port}`;
try {
  await setTimeout(1000);
  const farm = await Farm.open({ url });
  try {
    console.log(
      `${new Date().toISOString().slice(0, 10)}, commit ${await commitAtHand()}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)} from others.\n`,
    );
    await emptyTasks(farm);
    await photos(farm);
    await film(farm);
  } finally {
    await farm.close();
  }
} finally {
  redis.kill();
  await rm(folder, { recursive: true, force: true });
}

function numbers<Name extends string>(texts: Readonly<Record<Name, string>>): Record<Name, number> {
  const pairs = Object.entries<string>(texts).map(([name, text]) => [name, Number(text)]);
  return Object.fromEntries(pairs) as Record<Name, number>;
}

/** Processor seconds of a process and those that it has started, Linux. */
async function processorSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = TICK * (Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  let sum = own;
  for (const child of children.split(' ').filter((word) => word !== ''))
    sum += await processorSeconds(Number(child));
  return sum;
}

/** Tasks without work: queued, taken, counted, taken off, by one process after the other. */
async function emptyTasks(farm: Farm): Promise<void> {
  const needs = { bytes: 1 };
  const kind: Kind<unknown> = {
    name: 'sheet',
    check: (data) => data,
    async *split() {
      for (let i = 0; i < TASKS; i++)
        yield { name: `${i}`, data: { photos: [{ key: `in/${i}.jpg`, stem: `out/${i}` }] }, needs };
    },
    run: async () => undefined,
  };
  const store = await openStore(pathToFileURL(folder).href);
  const { signal } = new AbortController();
  const measured = async (work: () => Promise<unknown>) => {
    const before = {
      wall: performance.now(),
      own: process.cpuUsage(),
      redis: await processorSeconds(redis.pid!),
    };
    await work();
    const { user, system } = process.cpuUsage(before.own);
    const inRedis = (await processorSeconds(redis.pid!)) - before.redis;
    return {
      wall: (performance.now() - before.wall) / TASKS,
      own: (user + system) / 1000 / TASKS,
      redis: (1000 * inRedis) / TASKS,
    };
  };
  const call = { data: {}, inputs: [], outputs: [] };
  const queued = await measured(() =>
    submitJob(farm, { kind, call, store, tags: [], again: false, signal, mostWaiting: 2 * TASKS }),
  );
  const bytes = Number(/used_memory:(\d+)/.exec(await farm.redis.info('memory'))?.[1]);
  const queue = queueName(demandOf('sheet', ownVersion(), needs, []));
  const taker = farm.taker(queue, 60_000);
  await taker.waitUntilReady();
  const taken = await measured(async () => {
    for (let i = 0; i < TASKS; i++) {
      const job = (await taker.getNextJob('bench', { block: false }))!;
      const { state, isDone } = await farm.records.stateOfTask(job.data.job, job.data.index);
      if (state === undefined || isDone) throw new Error('a task that is done');
      await concludeTask(farm, { queue, job, envelope: job.data, token: 'bench' }, undefined, false);
    }
  });
  await taker.close(true);
  console.log('| tasks without work | ms each | processor: ours | Redis |\n|---|---:|---:|---:|');
  for (const [what, { wall, own, redis: inRedis }] of Object.entries({ queued, 'taken and done': taken }))
    console.log(`| ${what} | ${wall.toFixed(2)} | ${own.toFixed(2)} | ${inRedis.toFixed(2)} |`);
  console.log(
    `\n${TASKS} tasks: ${(1000 / taken.wall).toFixed(0)} tasks/s by one process; ${(bytes / TASKS).toFixed(0)} bytes of Redis each while they wait.\n`,
  );
}

async function photos(farm: Farm): Promise<void> {
  const root = join(folder, 'root');
  await mkdir(join(root, 'photos'), { recursive: true });
  const next = random(1);
  for (let i = 0; i < PHOTOS; i++) {
    const small = Buffer.from(Uint8Array.from({ length: 32 * 32 * 3 }, () => 256 * next()));
    await sharp(small, { raw: { width: 32, height: 32, channels: 3 } })
      .resize(SIDE, SIDE)
      .jpeg()
      .toFile(join(root, 'photos', `${String(i).padStart(4, '0')}.jpg`));
  }
  const env = { ...process.env, FAST_STYLE_REDIS_URL: url, FAST_STYLE_FARM_ROOT: root };
  // On one core each, a process computes in one thread.
  let started = 0;
  const start = (...args: readonly string[]): ChildProcess =>
    spawn('taskset', ['-c', String(started++ % cpus().length), process.execPath, CLI, ...args], {
      ...{ cwd: root, env, stdio: 'ignore' },
    });
  const ofStyle = ['-s', STYLE, '--precision', 'f32'];
  console.log(
    `| ${PHOTOS} photos of ${SIDE} px, ${STYLE} | s | photos/s | processor s per photo |\n|---|---:|---:|---:|`,
  );
  const row = (what: string, wall: number, processor: number) =>
    console.log(
      `| ${what} | ${wall.toFixed(1)} | ${(PHOTOS / wall).toFixed(2)} | ${(processor / PHOTOS).toFixed(3)} |`,
    );
  const alone = start('stylize', 'photos', '-o', 'alone/', ...ofStyle);
  await untilWritten(join(root, 'alone'), 1);
  const before = {
    at: performance.now(),
    used: await processorSeconds(alone.pid!),
    done: await written(join(root, 'alone')),
  };
  let used = before.used;
  const looking = setInterval(
    () => void processorSeconds(alone.pid!).then((now) => (used = Math.max(used, now))),
    200,
  );
  await once(alone, 'exit');
  clearInterval(looking);
  const share = PHOTOS / (PHOTOS - before.done);
  row(
    '`stylize`, once it paints',
    (share * (performance.now() - before.at)) / 1000,
    share * (used - before.used),
  );
  const each = (share * (used - before.used)) / PHOTOS;
  const split = [`\`stylize\`: ${(used - PHOTOS * each).toFixed(1)} s to start`];
  for (const count of [1, 2, 4]) {
    const workers = Array.from({ length: count }, () => start('farm', 'worker', '--memory', '2GB'));
    // One batch each first: TensorFlow is loaded then.
    const out = `warm-${count}`;
    await submitted(farm, start, count, out, ofStyle);
    const warm = async () => processorSeconds(workers[0]!.pid!);
    const started = await warm();
    const all = async () =>
      (await Promise.all(workers.map(({ pid }) => processorSeconds(pid!)))).reduce((a, b) => a + b);
    const [at, from] = [performance.now(), await all()];
    const submitting = await submitted(farm, start, count, `out-${count}`, ofStyle);
    const seconds = (await all()) - from;
    row(`${count} worker${count > 1 ? 's' : ''}`, (performance.now() - at) / 1000, seconds);
    if (count === 1)
      split.push(
        `a worker: ${(started - seconds).toFixed(1)} s to start`,
        `${((1000 * seconds) / PHOTOS - 1000 * each).toFixed(1)} ms per photo more than that`,
        `submitting: ${submitting.toFixed(1)} s`,
      );
    for (const worker of workers) {
      worker.kill('SIGTERM');
      await once(worker, 'exit');
    }
  }
  console.log(`\nOf processor time, ${split.join('; ')}.`);
}

/** Processor seconds of a film: by `video`, by `farm submit`, and by a worker. */
interface FilmCost {
  readonly video: number;
  readonly submit: number;
  readonly worker: number;
}

/** What films cost one machine's command and one worker, from all processes' starts to their ends: fixed, and per frame. */
async function film(farm: Farm): Promise<void> {
  console.log(
    `\n| frames of 640×360, ${STYLE} | \`video\`: s | processor s | farm: s | submitting, processor s | worker, processor s |`,
  );
  console.log('|---:|---:|---:|---:|---:|---:|');
  const few = Math.round(FRAMES / 6);
  const [small, large] = [await filmOf(farm, few), await filmOf(farm, FRAMES)];
  const line = (of: keyof FilmCost) => {
    const perFrame = (large[of] - small[of]) / (FRAMES - few);
    return { fixed: large[of] - FRAMES * perFrame, perFrame };
  };
  console.log('\n| processor time | fixed, s | per frame, ms |\n|---|---:|---:|');
  for (const of of ['video', 'submit', 'worker'] as const) {
    const { fixed, perFrame } = line(of);
    console.log(`| ${of} | ${fixed.toFixed(1)} | ${(1000 * perFrame).toFixed(1)} |`);
  }
}

/** A film of so many frames, on one machine and through a worker that is started for it. */
async function filmOf(farm: Farm, frames: number): Promise<FilmCost> {
  const root = join(folder, `film-${frames}`);
  await mkdir(root);
  const picture = `testsrc2=s=640x360:r=24:d=${frames / 24}`;
  const clip = ['-f', 'lavfi', '-i', picture, '-pix_fmt', 'yuv420p', 'clip.mp4'];
  await ended(spawn('ffmpeg', clip, { cwd: root, stdio: 'ignore' }));
  const env = { ...process.env, FAST_STYLE_REDIS_URL: url, FAST_STYLE_FARM_ROOT: root };
  const start = (...args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [CLI, ...args], { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const measured = async (work: () => Promise<unknown>) => {
    const [at, before] = [performance.now(), await waitedSeconds()];
    await work();
    return { wall: (performance.now() - at) / 1000, processor: (await waitedSeconds()) - before };
  };
  const call = ['clip.mp4', '-s', STYLE, '--steady', 'off', '--precision', 'f32'];
  const alone = await measured(() => ended(start('video', ...call, '-o', 'alone.mp4')));
  const submit = await measured(() => ended(start('farm', 'submit', 'video', ...call, '-o', 'farmed.mp4')));
  const work = await measured(async () => {
    const worker = start('farm', 'worker', '--memory', '4GB');
    await untilDone(farm);
    worker.kill('SIGTERM');
    await once(worker, 'exit');
  });
  const same = (await readFile(join(root, 'alone.mp4'))).equals(await readFile(join(root, 'farmed.mp4')));
  if (!same) throw new Error('the farm has made another film');
  const cells = [alone.wall, alone.processor, submit.wall + work.wall, submit.processor, work.processor];
  console.log(`| ${frames} | ${cells.map((seconds) => seconds.toFixed(1)).join(' | ')} |`);
  return { video: alone.processor, submit: submit.processor, worker: work.processor };
}

async function ended(child: ChildProcess): Promise<void> {
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${child.spawnargs.slice(0, 4).join(' ')} ended with ${code}`);
}

/** Processor seconds of all processes that this one has waited for, and of those that they have. */
async function waitedSeconds(): Promise<number> {
  const stat = await readFile('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return TICK * (Number(fields[13]) + Number(fields[14]));
}

async function written(at: string): Promise<number> {
  return (await readdir(at).catch(() => [])).filter((name) => name.endsWith('.jpg')).length;
}

async function untilWritten(at: string, count: number): Promise<void> {
  while ((await written(at)) < count) await setTimeout(50);
}

/** Submits all photos and waits until they are painted. Answers processor seconds of submitting. */
async function submitted(
  farm: Farm,
  start: (...args: readonly string[]) => ChildProcess,
  count: number,
  out: string,
  ofStyle: readonly string[],
): Promise<number> {
  const before = await waitedSeconds();
  const submit = start(
    'farm',
    'submit',
    'stylize',
    'photos',
    '-o',
    `${out}/`,
    ...ofStyle,
    '--memory',
    `${1000 + count}MB`,
  );
  const [code] = await once(submit, 'exit');
  if (code !== 0) throw new Error('submitting failed');
  const seconds = (await waitedSeconds()) - before;
  await untilDone(farm);
  return seconds;
}

async function untilDone(farm: Farm): Promise<void> {
  for (;;) {
    const states = [];
    for await (const { state } of farm.records.all()) states.push(state);
    if (states.every((state) => state === 'done')) return;
    if (states.includes('failed')) throw new Error('a job has failed');
    // Rarely: who asks takes turns with who paints where two processors are one core's.
    await setTimeout(200);
  }
}
