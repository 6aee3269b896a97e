/** Jobs and their tasks in a real Redis: nothing lost, nothing counted twice, and no more waits than may. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Kind, Task } from '../../../src/farm/kinds/kind.ts';
import { cancelJob, drainWorkers, retryJob, statusOf } from '../../../src/farm/queue/control.ts';
import type { Farm } from '../../../src/farm/queue/farm.ts';
import { type JobRecord, keyOfJob } from '../../../src/farm/queue/job-records.ts';
import { demandOf, parseQueueName, queueName, suits } from '../../../src/farm/queue/needs.ts';
import { asRedisError, connectRedis, hazardsOf, requireRedisVersion } from '../../../src/farm/queue/redis.ts';
import { announce, lackOf, liveWorkers, type WorkerFacts } from '../../../src/farm/queue/workers.ts';
import { openStore } from '../../../src/farm/store/open-store.ts';
import { type Submission, submitJob } from '../../../src/farm/submit/submit-job.ts';
import { concludeTask, dropTask, failTask, type TakenTask } from '../../../src/farm/worker/task-outcome.ts';
import { ConfigError } from '../../../src/system/errors.ts';
import { ownVersion } from '../../../src/system/own-version.ts';
import { noRedis, startRedis } from '../../helpers/redis-server.ts';
import { sharedFolder, temporaryFolder } from '../../helpers/temporary-folder.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const folder = sharedFolder();
const GIB = 2 ** 30;
const NEEDS = { bytes: GIB / 2 };
const QUEUE = queueName(demandOf('sheet', ownVersion(), NEEDS, []));
const LOCK = 60_000;

/** Jobs of as many tasks that need nothing done. @param end dies there. */
function emptyKind(tasks: number, end = Number.POSITIVE_INFINITY): Kind<unknown> {
  return {
    name: 'sheet',
    check: (data) => data,
    async *split(): AsyncGenerator<Task> {
      for (let i = 0; i < tasks; i++) {
        if (i === end) throw new Error('the submitter dies');
        yield { name: `${i}`, data: i, needs: NEEDS };
      }
    },
    run: async () => undefined,
  };
}

async function submission(kind: Kind<unknown>, more: Partial<Submission> = {}): Promise<Submission> {
  const store = await openStore(pathToFileURL(folder).href);
  const call = { data: { file: 'a.jpg' }, inputs: [], outputs: [] };
  const { signal } = new AbortController();
  return { kind, call, store, tags: [], again: false, signal, ...more };
}

/** Takes tasks as a worker does. */
async function openTaker(t: TestContext, farm: Farm): Promise<() => Promise<TakenTask>> {
  const taker = farm.taker(QUEUE, LOCK);
  t.after(() => taker.close(true));
  await taker.waitUntilReady();
  return async () => {
    const job = await taker.getNextJob('a test', { block: false });
    assert.ok(job, 'a task waits');
    return { queue: QUEUE, job, envelope: job.data, token: 'a test' };
  };
}

async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('a job is one however often it is submitted, and goes on where its submitter died', {
  skip: noRedis,
}, async (t) => {
  const farm = await (await startRedis(t)).farm();
  const take = await openTaker(t, farm);
  await assert.rejects(submitJob(farm, await submission(emptyKind(130, 120))), /the submitter dies/);
  const [half] = (await statusOf(farm)).jobs;
  assert.deepEqual([half!.state, half!.tasks], ['submitting', 100]);
  const first = await take();
  await concludeTask(farm, first, undefined, false);

  const whole = await submitJob(farm, await submission(emptyKind(130)));
  assert.deepEqual([whole.id, whole.state, whole.isNew, whole.tasks], [half!.id, 'running', false, 130]);
  // The one that is done was not queued again, nor any twice.
  assert.equal(await farm.queue(QUEUE).getWaitingCount(), 129);
  assert.deepEqual(await submitJob(farm, await submission(emptyKind(130))), { ...whole, isNew: false });
  const other = await submission(emptyKind(1), {
    call: { data: { file: 'b.jpg' }, inputs: [], outputs: [] },
  });
  assert.notEqual((await submitJob(farm, other)).id, whole.id);
  await assert.rejects(
    submitJob(farm, await submission(emptyKind(0), { call: { data: {}, inputs: [], outputs: [] } })),
    /something to do/,
  );
});

test('what is painted among the photos does not make it another job', { skip: noRedis }, async (t) => {
  const farm = await (await startRedis(t)).farm();
  const root = await temporaryFolder(t);
  const store = await openStore(pathToFileURL(root).href);
  for (const folder of ['out', '.fast-style']) await mkdir(join(root, folder));
  await writeFile(join(root, 'a.png'), '');
  const call = { data: {}, inputs: ['/'], outputs: ['out/'] };
  const submitted = async () => (await submitJob(farm, await submission(emptyKind(1), { call, store }))).id;
  const id = await submitted();
  for (const own of ['out/a-wave.png', '.fast-style/b']) await writeFile(join(root, own), '');
  assert.equal(await submitted(), id);
  await writeFile(join(root, 'b.png'), '');
  assert.notEqual(await submitted(), id);
});

test('no more tasks wait than may', { skip: noRedis }, async (t) => {
  const farm = await (await startRedis(t)).farm();
  const [TASKS, MOST] = [500, 50];
  const take = await openTaker(t, farm);
  const waiting = () => farm.queue(QUEUE).getWaitingCount();
  let queued = 0;
  const onProgress = (tasks: number, _: number, isFull: boolean) => {
    if (!isFull) queued = tasks;
  };
  const submitting = submitJob(farm, await submission(emptyKind(TASKS), { mostWaiting: MOST, onProgress }));
  for (let taken = 0; taken < TASKS; taken += MOST) {
    await waitFor('all that may wait', async () => (await waiting()) >= MOST);
    assert.equal(await waiting(), MOST);
    assert.ok(queued <= taken + MOST, 'it waits until there is room');
    const tasks: TakenTask[] = [];
    while (tasks.length < MOST) tasks.push(await take());
    await Promise.all(tasks.map((one) => concludeTask(farm, one, undefined, false)));
  }
  const { id } = await submitting;
  const { state, done, itemsDone } = (await farm.records.find(id))!;
  assert.deepEqual([state, done, itemsDone], ['done', TASKS, TASKS]);
});

test('where too much fails, the rest is not queued until it is tried again', {
  skip: noRedis,
}, async (t) => {
  const farm = await (await startRedis(t)).farm();
  const take = await openTaker(t, farm);
  const all = await submission(emptyKind(5), { mostWaiting: 2, mostFailed: 2 });
  const stopped = assert.rejects(
    submitJob(farm, all),
    /Expected fewer than 2 failed tasks of sheet-\w+ but received 2; see .* retry sheet-\w+ the same command/,
  );
  await waitFor('two tasks', async () => (await farm.queue(QUEUE).getWaitingCount()) === 2);
  for (let i = 0; i < 2; i++) await failTask(farm, await take(), new ConfigError('never'));
  await stopped;
  const [{ id, tasks, state }] = (await statusOf(farm)).jobs as [JobRecord];
  assert.deepEqual([tasks, state], [2, 'submitting']);
  assert.equal(await retryJob(farm, id), 2);
  const whole = submitJob(farm, all);
  for (let done = 0; done < 5; ) {
    await waitFor('a task', async () => (await farm.queue(QUEUE).getWaitingCount()) > 0);
    const taken = await take();
    // Done between the submitter's look at what is done and its queueing, it comes again: workers drop it.
    const { isDone } = await farm.records.stateOfTask(id, taken.envelope.index);
    if (isDone) await dropTask(farm, taken);
    else {
      await concludeTask(farm, taken, undefined, false);
      done++;
    }
  }
  assert.equal((await whole).isNew, false);
  assert.equal((await farm.records.require(id)).state, 'done');
});

test('a task that fails three times is on the list, and can be tried again', { skip: noRedis }, async (t) => {
  const redis = await startRedis(t);
  const farm = await redis.farm();
  const take = await openTaker(t, farm);
  const { id } = await submitJob(farm, await submission(emptyKind(2)));
  await concludeTask(farm, await take(), undefined, false);
  const outcomes = [];
  for (let tries = 0; tries < 3; tries++) {
    const delayed = await farm.queue(QUEUE).getDelayed();
    for (const job of delayed) await job.promote();
    outcomes.push(await failTask(farm, await take(), new Error('no luck')));
  }
  assert.deepEqual(outcomes, ['retried', 'retried', 'failed']);
  await redis.crash();
  const [failure] = await listed(farm.records.failures(id));
  assert.match(failure!.reason, /no luck/);
  assert.deepEqual([failure!.index, failure!.failed], [1, 1]);
  assert.equal((await farm.records.find(id))!.state, 'failed');
  assert.equal((await submitJob(farm, await submission(emptyKind(2)))).state, 'failed');

  assert.equal(await retryJob(farm, id), 1);
  const half = await take();
  // Items fail one by one: what is done of the task counts.
  await concludeTask(farm, half, { done: 0, failed: [{ item: 'a.jpg', reason: 'broken' }] }, false);
  const failed = (await farm.records.find(id))!;
  assert.deepEqual([failed.state, failed.done, failed.failed, failed.itemsFailed], ['failed', 1, 1, 1]);
  await retryJob(farm, id);
  const last = await take();
  await concludeTask(farm, last, undefined, false);
  // Whoever did it twice counts it once.
  await farm.records.finishTask(id, 1, { done: 1 });
  const done = (await farm.records.find(id))!;
  assert.deepEqual(
    [done.state, done.done, done.failed, done.itemsDone, done.itemsFailed],
    ['done', 2, 0, 2, 0],
  );
  await assert.rejects(
    retryJob(farm, id),
    /Expected a job of which something has failed but received .*, which is done/,
  );
  await assert.rejects(cancelJob(farm, id), /Expected a job that is under way/);
  await assert.rejects(cancelJob(farm, 'sheet-0'), /Expected the id of a job but received sheet-0/);
  const again = await submitJob(farm, await submission(emptyKind(2), { again: true }));
  assert.deepEqual([again.id, again.state, again.isNew], [id, 'running', true]);
});

test('a task is not lost by what is asked while it is in the hands of a worker', {
  skip: noRedis,
}, async (t) => {
  const farm = await (await startRedis(t)).farm();
  const take = await openTaker(t, farm);
  const waiting = () => farm.queue(QUEUE).getWaitingCount();
  const { id } = await submitJob(farm, await submission(emptyKind(1)));

  // Cancelled and submitted again before its worker has let it go.
  const cancelled = await take();
  await cancelJob(farm, id);
  await submitJob(farm, await submission(emptyKind(1)));
  await dropTask(farm, cancelled);
  assert.equal(await waiting(), 1);

  // Tried again as soon as the failure was seen, while BullMQ had it still under way.
  const failing = await take();
  const { moveToFailed } = failing.job;
  failing.job.moveToFailed = async (...args: Parameters<typeof moveToFailed>) => {
    assert.equal(await retryJob(farm, id), 1);
    return moveToFailed.apply(failing.job, args);
  };
  assert.equal(await failTask(farm, failing, new ConfigError('never')), 'failed');
  assert.equal(await waiting(), 1);

  // A job that has failed and is done anew, and one that Redis has forgotten since.
  for (const forget of [async () => undefined, () => farm.records.forget(id)]) {
    await failTask(farm, await take(), new ConfigError('never'));
    assert.equal((await farm.records.find(id))!.state, 'failed');
    await forget();
    await submitJob(farm, await submission(emptyKind(1), { again: true }));
    assert.equal(await waiting(), 1);
  }

  // Workers that died are counted by BullMQ, which is to begin at nought.
  const died = await take();
  const key = farm.queue(QUEUE).toKey(died.job.id!);
  await farm.redis.hset(key, { stc: 3 });
  await failTask(farm, died, new ConfigError('never'));
  await retryJob(farm, id);
  assert.equal(await farm.redis.hexists(key, 'stc'), 0);
});

test('a job is over whose submitter died when all was done', { skip: noRedis }, async (t) => {
  const farm = await (await startRedis(t)).farm();
  const take = await openTaker(t, farm);
  const kind: Kind<unknown> = { ...emptyKind(1), join: async () => ({ notes: [] }) };
  const { id } = await submitJob(farm, await submission(kind));
  await farm.records.changeState(id, 'submitting', ['running']);
  await concludeTask(farm, await take(), null, true);
  await farm.records.changeState(id, 'running', ['submitting']);
  assert.equal((await submitJob(farm, await submission(kind))).state, 'joining');
  await concludeTask(farm, await take(), null, true);
  assert.equal((await submitJob(farm, await submission(kind))).state, 'done');
});

test('what is left of a cancelled job expires with it', { skip: noRedis }, async (t) => {
  const farm = await (await startRedis(t)).farm();
  const take = await openTaker(t, farm);
  const { id } = await submitJob(farm, await submission(emptyKind(1)));
  const taken = await take();
  await cancelJob(farm, id);
  await concludeTask(farm, taken, undefined, false);
  assert.ok((await farm.redis.ttl(keyOfJob(id, 'done'))) > 0);
});

test('results are put together once, when all are there', { skip: noRedis }, async (t) => {
  const farm = await (await startRedis(t)).farm();
  const take = await openTaker(t, farm);
  const kind: Kind<unknown> = { ...emptyKind(3), join: async () => ({ notes: [] }) };
  const { id } = await submitJob(farm, await submission(kind));
  for (let i = 0; i < 3; i++) {
    const taken = await take();
    await concludeTask(farm, taken, { of: taken.envelope.index }, true);
  }
  assert.equal((await farm.records.find(id))!.state, 'joining');
  const last = await take();
  assert.equal(last.envelope.index, -1);
  const results = await listed(farm.records.results(id, 3));
  assert.deepEqual(results, [{ of: 0 }, { of: 1 }, { of: 2 }]);
  await concludeTask(farm, last, { notes: ['mp4 cannot hold it'] }, true);
  const { state, notes } = (await farm.records.find(id))!;
  assert.deepEqual([state, notes], ['done', ['mp4 cannot hold it']]);
  assert.equal(await farm.queue(QUEUE).getWaitingCount(), 0);
});

test('workers are known while they live, and others by version are refused', { skip: noRedis }, async (t) => {
  const farm = await (await startRedis(t)).farm();
  const facts: WorkerFacts = {
    ...{
      id: 'one',
      host: 'a',
      pid: 1,
      version: '9.9.9',
      kinds: ['sheet'],
      tags: [],
      cores: 2,
      concurrency: 1,
    },
    ...{
      threads: 2,
      memory: GIB,
      gpu: false,
      bf16: false,
      styles: [],
      store: 'file:///x',
      busy: 0,
      isDraining: false,
    },
  };
  await announce(farm.redis, facts);
  assert.deepEqual(await liveWorkers(farm.redis), [facts]);
  await assert.rejects(
    submitJob(farm, await submission(emptyKind(1))),
    new RegExp(`Expected workers of version ${ownVersion()} but received 9\\.9\\.9; use that version`),
  );
  await assert.rejects(
    drainWorkers(farm, 'two'),
    /Expected the id of a worker but received two; there are one/,
  );
  assert.equal(await drainWorkers(farm, undefined), 1);
  await farm.redis.del('fast-style:worker:one');
  assert.deepEqual(await liveWorkers(farm.redis), []);
});

test('tasks wait where a worker that fits them looks', () => {
  const demand = demandOf('video', '1.2.3', { bytes: 3 * GIB, gpu: true }, ['night']);
  assert.equal(queueName(demand), 'video@1.2.3.4g+gpu+night');
  assert.deepEqual(parseQueueName('video@1.2.3.4g+gpu+night'), demand);
  assert.equal(parseQueueName('anything'), undefined);
  const worker = { kinds: ['video'], version: '1.2.3', tags: ['gpu', 'night', 'bf16'] };
  assert.ok(suits(worker, demand));
  assert.ok(!suits({ ...worker, tags: ['gpu'] }, demand));
  assert.ok(!suits({ ...worker, version: '1.2.4' }, demand));
  assert.ok(!suits({ ...worker, kinds: ['stylize'] }, demand));
  const facts = { ...worker, memory: 4 * GIB } as unknown as WorkerFacts;
  assert.equal(lackOf([facts], queueName(demand)), undefined);
  assert.equal(lackOf([], queueName(demand)), undefined);
  assert.equal(
    lackOf([{ ...facts, memory: 3 * GIB }], queueName(demand)),
    '--kinds video, --memory 4GiB, --tag gpu, --tag night, version 1.2.3',
  );
});

test('what is wrong with Redis is said', { skip: noRedis }, async (t) => {
  const { url } = await startRedis(t, ['--requirepass', 'open sesame', '--maxmemory-policy', 'allkeys-lru']);
  await assert.rejects(connectRedis({ url }), /Expected Redis at redis:.* but received NOAUTH/);
  const wrong = url.replace('//', '//:a-secret@');
  await assert.rejects(connectRedis({ url: wrong }), (error: Error) => {
    assert.match(error.message, /WRONGPASS/);
    assert.doesNotMatch(error.message, /a-secret/);
    return true;
  });
  await assert.rejects(
    connectRedis({ url: 'redis://127.0.0.1:1' }),
    /ECONNREFUSED.*; start it, or correct --redis/,
  );
  await assert.rejects(
    connectRedis({ url: 'http://:pass@x' }),
    /Expected a URL of Redis for --redis but received http:\/\/:…@x/,
  );
  // Options may be there, too.
  await assert.rejects(
    connectRedis({ url: 'redis://127.0.0.1:1?password=a-secret' }),
    /at redis:\/\/127\.0\.0\.1:1 but/,
  );
  await assert.rejects(connectRedis({ url: 'redis://:a/b@x' }), /received redis:\/\/:…@x;/);
  assert.throws(
    () => requireRedisVersion('# Server\r\nredis_version:6.0.20\r\n', 'x'),
    /Expected Redis 6\.2 or newer.* at x but received Redis 6\.0\.20/,
  );
  for (const version of ['6.2.0', '7.0.15', '10.1']) requireRedisVersion(`redis_version:${version}\r\n`, 'x');
  const redis = await connectRedis({ url, password: 'open sesame' });
  assert.deepEqual(await hazardsOf(redis), [
    'Redis drops jobs where memory is short (allkeys-lru): set --maxmemory-policy noeviction.',
  ]);
  await redis.config('SET', 'maxmemory', '1');
  const full = await redis.set('a', 'b').catch((error: unknown) => asRedisError(error, wrong));
  assert.match(String(full), /Redis at redis:\/\/127\.0\.0\.1:\d+ refuses a command: OOM /);
  assert.doesNotMatch(String(full), /a-secret/);
  redis.disconnect();
});
