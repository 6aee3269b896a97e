/** Photos through real workers on a real Redis: what comes out is what `stylize` paints, whoever dies meanwhile. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import sharp from 'sharp';
import { liveWorkers } from '../../../src/farm/queue/workers.ts';
import { isTemporary } from '../../../src/farm/store/key.ts';
import { ownVersion } from '../../../src/system/own-version.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { noRedis, startRedis } from '../../helpers/redis-server.ts';
import { expectUserError, runCli, startCli } from '../../helpers/run-cli.ts';
import { signalAtFile } from '../../helpers/signal-at-file.ts';
import { sharedFolder, temporaryFolder } from '../../helpers/temporary-folder.ts';
import { openTestFarm } from '../../helpers/test-farm.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { waitFor } from '../../helpers/wait-for.ts';

const styles = sharedFolder();
const STYLE = join(styles, 'tiny.safetensors');
const style = writeTinyCheckpoint(STYLE, 'c3s1-4,c3s1-3');
/** A farm whose jobs paint photos. */
async function openPhotoFarm(t: TestContext) {
  await style;
  const opened = await openTestFarm(t);
  const submit = (...args: readonly string[]) => opened.submit('stylize', ...args, '-s', STYLE);
  /** The same photos, painted on one machine. */
  const paintedHere = async (...photos: readonly string[]) => {
    const { code, stderr } = await callCommand(['stylize', ...photos, '-s', STYLE, '-o', 'here/'], {
      cwd: opened.root,
    });
    assert.equal(code, 0, stderr);
    return contentsOf(join(opened.root, 'here'));
  };
  return { ...opened, submit, paintedHere };
}

async function writePhotos(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const background = { r: (i * 37) % 256, g: (i * 11) % 256, b: 90 };
    const photo = sharp({ create: { width: 24, height: 16, channels: 3, background } });
    await photo.toFile(join(folder, `photo-${String(i).padStart(3, '0')}.png`));
  }
}

/** @param isMeant by its name; all files unless given. */
async function contentsOf(
  folder: string,
  isMeant: (name: string) => boolean = () => true,
): Promise<ReadonlyMap<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
    (one) => one.isFile() && isMeant(one.name),
  );
  const contents = new Map<string, string>();
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    contents.set(path.slice(folder.length + 1), (await readFile(path)).toString('base64'));
  }
  return new Map([...contents].sort());
}

test('photos are painted as stylize paints them; what fails is on a list, and can be tried again', {
  skip: noRedis,
}, async (t) => {
  const { root, farm, startWorker, call, submit, whenOver, paintedHere } = await openPhotoFarm(t);
  await writePhotos(join(root, 'photos', 'in'), 4);
  await writePhotos(join(root, 'photos', '.hidden'), 1);
  const broken = join(root, 'photos', 'broken.png');
  await writeFile(broken, 'no picture');
  const worker = startWorker(['--metrics', '0', '--tag', 'night']);
  const id = await submit('photos', '-o', 'out/', '--tag', 'night', '--precision', 'f32');
  assert.equal(await submit('photos', '-o', 'out/', '--tag', 'night', '--precision', 'f32'), id);
  assert.notEqual(await submit('photos/in/photo-000.png', '-o', 'one.png', '--tag', 'day'), id);

  const { state, itemsDone, itemsFailed } = await whenOver(id, worker);
  assert.deepEqual([state, itemsDone, itemsFailed], ['failed', 4, 1]);
  const status = JSON.parse((await call('status', id, '--json')).stdout);
  assert.equal(status.failures[0].items[0].item, 'photos/broken.png');
  assert.match((await call('status', id)).stdout, /photos\/broken\.png: .*broken\.png/);
  await writePhotos(join(root, 'photos', 'whole'), 1);
  await writeFile(broken, await readFile(join(root, 'photos', 'whole', 'photo-000.png')));
  await rm(join(root, 'photos', 'whole'), { recursive: true });
  assert.equal((await call('retry', id)).stdout, `${id}: 1 task queued again\n`);
  assert.equal((await whenOver(id, worker)).state, 'done');
  assert.match(
    (await call('watch', id)).stdout,
    new RegExp(`^${id}: done, 5 of 5 done \\(1 of 1 task\\)$`, 'm'),
  );
  assert.deepEqual(await contentsOf(join(root, 'out')), await paintedHere('photos', '--precision', 'f32'));

  // What is in Redis is checked as a command line is.
  const queue = (await farm.queueNames()).find((name) => name.endsWith('+night'))!;
  const foreign = 'stylize-00000000000000aa';
  const record = { id: foreign, kind: 'stylize', version: ownVersion(), tags: [], data: {}, root: undefined };
  await farm.records.create({ ...record, joins: false });
  await farm.records.queued(foreign, 2, 2, '');
  await farm.records.changeState(foreign, 'running', ['submitting']);
  const stem = 'out/x';
  const { data } = await farm.records.require(id);
  const task = (key: string, more = {}) => ({
    call: { ...(data as object), ...more },
    photos: [{ key, stem }],
  });
  await farm.add(queue, [
    { job: foreign, index: 0, kind: 'stylize', task: task('../broken.png'), items: 1 },
    { job: foreign, index: 1, kind: 'stylize', task: task('photos/broken.png', { qualitty: 3 }), items: 1 },
  ]);
  assert.equal((await whenOver(foreign, worker)).itemsFailed, 2);
  const reasons = [];
  for await (const { reason } of farm.records.failures(foreign)) reasons.push(reason);
  assert.match(
    reasons.sort().join('\n'),
    /perhaps you mean quality.*\n.*the key of a photo but received \.\.\/broken\.png/,
  );

  const { metrics } = JSON.parse(worker.log.split('\n').find((line) => line.includes('"ready"'))!);
  const told = await (await fetch(metrics)).text();
  assert.match(told, /^fast_style_farm_items_total\{kind="stylize"\} 5$/m);
  assert.match(told, /^fast_style_farm_tasks_total\{kind="stylize",outcome="failed"\} 3$/m);
  assert.equal((await call('drain', '--json')).stdout.match(/"asked":1/)?.length, 1);
  assert.equal((await worker.done).code, 0);
  assert.match((await call('status')).stdout, /^No workers\.$/m);
});

test('nothing is lost and nothing done twice by kill -9 of submitter, worker and Redis', {
  skip: noRedis,
}, async (t) => {
  const { root, redis, farm, env, startWorker, submit, whenOver, paintedHere } = await openPhotoFarm(t);
  const PHOTOS = 80;
  await writePhotos(join(root, 'photos'), PHOTOS);
  const words = ['photos', '-o', 'out/', '--precision', 'f32'];
  const submitter = startCli(['farm', 'submit', 'stylize', ...words, '-s', STYLE], { cwd: root, env });
  await waitFor(
    'the job to be known',
    async () => (await farm.redis.zcard('fast-style:jobs')) === 1,
    submitter,
  );
  submitter.child.kill('SIGKILL');
  await submitter.done;
  const id = await submit(...words);
  assert.equal(await farm.redis.zcard('fast-style:jobs'), 1);

  const painted = async () => (await readdir(join(root, 'out')).catch(() => [])).length;
  const first = startWorker();
  await waitFor('some paintings', async () => (await painted()) >= 10, first);
  first.child.kill('SIGKILL');
  await first.done;
  const second = startWorker();
  await waitFor('another task under way', () => second.log.includes('"ready"'), second);
  await redis.crash();
  const { state, itemsDone, itemsFailed, done, tasks } = await whenOver(id, second);
  assert.deepEqual([state, itemsDone, itemsFailed, done], ['done', PHOTOS, 0, tasks]);
  // Who was killed, or does a task once more, may have a file under its temporary name.
  const out = await contentsOf(join(root, 'out'), (name) => !isTemporary(name));
  assert.equal(out.size, PHOTOS);
  assert.deepEqual(out, await paintedHere('photos', '--precision', 'f32'));
  // Ctrl-C ends a worker; Kubernetes sends the same.
  second.child.kill('SIGTERM');
  assert.equal((await second.done).code, 0);
});

test('a worker whose root is not mounted, or is another, waits and fails nothing', {
  skip: noRedis,
}, async (t) => {
  const { root, farm, startWorker, call, submit, whenOver } = await openPhotoFarm(t);
  await writePhotos(join(root, 'photos'), 2);
  const id = await submit('photos', '-o', 'out/');
  const [mounted, empty] = [`${root}-mounted`, `${root}-empty`];
  t.after(async () => {
    for (const folder of [mounted, empty]) await rm(folder, { recursive: true, force: true });
  });
  await rename(root, mounted);
  await mkdir(root);
  const worker = startWorker();
  const said = (text: string) => waitFor(text, () => worker.log.includes(text), worker);
  await said('waits for its root');
  const waits = () => call('status').then(({ stdout }) => stdout);
  await waitFor('the status to say so', async () => /waits: .* is not mounted/.test(await waits()));
  // Another share is mounted there, which has had jobs of its own.
  await writeFile(join(root, '.fast-style', 'root'), `${randomUUID()}\n`);
  await said('handed back');
  assert.match(await waits(), /waits: .* is not the root that the job was submitted with/);
  await rename(root, empty);
  await rename(mounted, root);
  const { state, itemsDone, itemsFailed } = await whenOver(id, worker);
  assert.deepEqual([state, itemsDone, itemsFailed], ['done', 2, 0]);
  assert.equal((await readdir(join(root, 'out'))).length, 2);
  const [facts] = await liveWorkers(farm.redis);
  assert.equal(facts!.trouble, undefined);
});

test('a photo that processes die at is given up, and the others are painted', {
  skip: noRedis,
}, async (t) => {
  const { root, redis, farm, startWorker, submit, whenOver } = await openPhotoFarm(t);
  await writePhotos(join(root, 'photos'), 4);
  const deadly = signalAtFile(/photo-002-tiny\.png$/, 'SIGKILL');
  const worker = startWorker([], deadly);
  const id = await submit('photos', '-o', 'out/', '--overwrite');
  const { itemsDone, itemsFailed } = await whenOver(id, worker);
  assert.deepEqual([itemsDone, itemsFailed], [3, 1]);
  const [failure] = await (async () => {
    for await (const one of farm.records.failures(id)) return [one];
    return [];
  })();
  assert.deepEqual(
    failure!.items!.map(({ item }) => item),
    ['photos/photo-002.png'],
  );
  assert.match(failure!.reason, /The process that paints has ended at this photo, twice\./);

  const long = await submit('photos', '-o', 'other/', '--tag', 'nobody');
  await farm.records.cancel(long);
  assert.equal((await farm.records.require(long)).state, 'cancelled');

  // Whoever stops it does not wait for a Redis that is away.
  await redis.end();
  worker.child.kill('SIGTERM');
  assert.equal((await worker.done).code, 0);
});

test('what cannot be is refused in a line, before anything is queued', { skip: noRedis }, async (t) => {
  const { root, farm, env, call } = await openPhotoFarm(t);
  await writePhotos(join(root, 'photos'), 1);
  const refused = async (args: readonly string[], message: RegExp, code = 2) =>
    expectUserError(await call(...args), message, code);
  const stylize = (...args: readonly string[]) => [
    'submit',
    'stylize',
    'photos',
    '-s',
    STYLE,
    '-o',
    'out/',
    ...args,
  ];
  const outside = ['submit', 'stylize', STYLE, '-s', STYLE, '-o', 'out/'];
  await refused(
    outside,
    /Expected a file below --root .* but received .*; put it there, or name another --root/,
  );
  await refused(stylize('--refine', '3'), /no such option for a farm but received refine/);
  await refused(stylize('--quality', '101'), /from 1 to 100 for --quality but received 101/);
  await refused(stylize('--tag', 'No Tag'), /for --tag but received No Tag/);
  await refused(['submit', 'stylize', 'nothing', '-s', STYLE, '-o', 'out/'], /there is none of that name/);
  await refused(['worker', '--kinds', 'stylize,dance'], /for --kinds but received dance/);
  await refused(['worker', '--metrics', 'here'], /for --metrics but received here/);
  await refused(['status', 'no-job'], /Expected the id of a job but received no-job/, 1);
  const without = await callCommand(['farm', 'status'], {
    env: { ...env, FAST_STYLE_REDIS_URL: 'redis://127.0.0.1:1' },
  });
  expectUserError(without, /Expected Redis at redis:\/\/127\.0\.0\.1:1 but received .*ECONNREFUSED/);
  assert.deepEqual(await farm.queueNames(), []);
  await mkdir(join(root, 'out'));
  await writeFile(join(root, 'out', 'a.png'), '');
  await refused(stylize(), /out\/a\.png exists already in file:.*; .*--skip-existing/, 1);
  assert.equal(await farm.redis.zcard('fast-style:jobs'), 0);
});

const noOpenssl =
  spawnSync('openssl', ['version']).status !== 0 && 'there is no openssl to make a certificate';

test('TLS and a password: a certificate that nobody vouches for is refused', {
  skip: noRedis || noOpenssl,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const [certificate, key] = [join(folder, 'c.pem'), join(folder, 'k.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    certificate,
    '-days',
    '2',
  ];
  assert.equal(spawnSync('openssl', [...made, ...names]).status, 0);
  const { url } = await startRedis(t, ['--requirepass', 'a secret'], { certificate, key });
  const env = { FAST_STYLE_REDIS_PASSWORD: 'a secret' };
  const refused = await callCommand(['farm', 'status', '--redis', url], { env });
  expectUserError(refused, /Expected Redis at rediss:\/\/localhost:\d+ but received self.signed certificate/);
  const words = ['farm', 'worker', '--redis', url, '--root', folder, '--idle', '1'];
  const worker = await runCli(words, { env: { ...env, NODE_EXTRA_CA_CERTS: certificate } });
  assert.equal(worker.code, 0, worker.stderr);
  assert.match(worker.stdout, /"msg":"ready".*\n(.*\n)*.*"msg":"ended"/);
});
