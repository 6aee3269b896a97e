/** A film that many paint is the film that one paints, to the byte. */
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { arithmeticOf } from '../../../src/engine/arithmetic.ts';
import { videoKind as video } from '../../../src/farm/kinds/video.ts';
import { openFolderStore } from '../../../src/farm/store/folder-store.ts';
import type { Store } from '../../../src/farm/store/store.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { ffmpeg, H264, noFfmpeg, probe } from '../../helpers/clips.ts';
import { inScratch, joinResults, runTask, tasksOf } from '../../helpers/farm-job.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';

const NOTE = 'A subtitle stream (ass) becomes mov_text: mp4 cannot hold it as it is.';
const JOB = { video: 'films/clip.mkv', style: 'styles/tiny.safetensors', out: 'painted/clip.mp4' };
/** Frames of a segment at this size, and where the second scene begins. */
const [SEGMENT, CUT, FRAMES] = [250, 490, 760];

test('a film of two scenes, steady, with sound and subtitles', { skip: noFfmpeg }, async (t) => {
  const { store, folder } = await farmWith(t);
  const tasks = await tasksOf(video, JOB, store);
  assert.deepEqual(
    tasks.map(({ name, items }) => [name, items]),
    [
      ['segments 0 to 1', 2 * SEGMENT],
      ['segments 2 to 3', FRAMES - 2 * SEGMENT],
    ],
  );
  // The second first; stopped within its second segment, and gone on with by another.
  const stop = new AbortController();
  const stopped = runTask(video, tasks[1]!, store, {
    signal: stop.signal,
    onProgress: (done) => done > SEGMENT + 5 && stop.abort(new Error('stopped')),
  });
  await assert.rejects(stopped, /stopped/);
  const begun: number[] = [];
  const second = await runTask(video, tasks[1]!, store, { onProgress: (done) => void begun.push(done) });
  assert.equal(begun[0], SEGMENT, 'what was finished is not painted again');
  const first = await runTask(video, tasks[0]!, store);
  assert.deepEqual(await runTask(video, tasks[0]!, store), first, 'done twice, the same');
  const answer = await joinResults(video, JOB, [first, second], store);
  const notes = [NOTE, `Computed in ${arithmeticOf('f32')}.`];
  assert.deepEqual(answer, { out: JOB.out, frames: FRAMES, width: 32, height: 32, notes });
  assert.deepEqual(await joinResults(video, JOB, [first, second], store), answer, 'joined twice, the same');
  const left: string[] = [];
  for await (const { key } of store.list('.fast-style/films/')) left.push(key.replace(/.*\//, ''));
  assert.deepEqual(left, ['joined.json']);

  const { code, stderr } = await callCommand(
    ['video', JOB.video, '--style', JOB.style, '--out', 'alone.mp4', '--precision', 'f32'],
    { cwd: folder },
  );
  assert.equal(code, 0, stderr);
  const [many, one] = [await readFile(join(folder, JOB.out)), await readFile(join(folder, 'alone.mp4'))];
  assert.ok(many.equals(one), 'the same bytes');
  const { streams } = probe(join(folder, JOB.out));
  assert.deepEqual(streams.map(({ codec_type }) => codec_type).sort(), ['audio', 'subtitle', 'video']);
  await inScratch(store, async (context) => {
    await assert.rejects(
      video.admit!(video.check(JOB), context),
      /clip\.mp4 exists already in file:.*--overwrite/,
    );
  });
});

test('one who paints stretch after stretch goes on where the last one ended', {
  skip: noFfmpeg,
}, async (t) => {
  t.after(() => video.release!());
  const { store, folder } = await farmWith(t, 41);
  const job = { ...JOB, steady: 'off' };
  const [first, second, ...more] = await tasksOf(video, job, store);
  assert.deepEqual([first?.items, second?.items, more.length], [4 * SEGMENT, 25, 0]);
  const results = [await runTask(video, first!, store), await runTask(video, second!, store)];
  const others = results.map((one) => ({ ...(one as object), source: 'another' }));
  await assert.rejects(
    joinResults(video, job, others, store),
    /Expected films\/clip\.mkv as it was when it was painted but received another file; submit it again/,
  );
  await joinResults(video, job, results, store);
  const call = ['video', JOB.video, '--style', JOB.style, '--out', 'alone.mp4', '--steady', 'off'];
  const { code, stderr } = await callCommand([...call, '--precision', 'f32'], { cwd: folder });
  assert.equal(code, 0, stderr);
  const [many, one] = [await readFile(join(folder, JOB.out)), await readFile(join(folder, 'alone.mp4'))];
  assert.ok(many.equals(one), 'the same bytes');
});

test('a worker with another film or another program refuses with a word', { skip: noFfmpeg }, async (t) => {
  const { store } = await farmWith(t, 1);
  const job = { ...JOB, steady: 'off', video: 'films/other.mkv' };
  await inScratch(store, async ({ scratch }) => {
    await store.fetch(JOB.video, join(scratch, 'film'));
    await store.put(join(scratch, 'film'), job.video);
  });
  const [task] = await tasksOf(video, job, store);
  const data = task!.data as { readonly key: object };
  const other = { ...task!, data: { ...data, key: { ...data.key, ffmpeg: '3.1' } } };
  await assert.rejects(
    runTask(video, other, store),
    /Expected a worker that paints as the one .* but received ffmpeg was 3\.1, is \d.*; use one version/,
  );
  await inScratch(store, async ({ scratch }) => {
    await writeFile(join(scratch, 'film'), 'no film');
    await store.put(join(scratch, 'film'), job.video);
  });
  await assert.rejects(runTask(video, task!, store), /films\/other\.mkv/);
  await assert.rejects(runTask(video, { ...task!, data: { job } }, store), /Expected a stretch of a film/);
});

test('data is checked as a command line is, and names nothing outside the store', () => {
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ video: '../secret.mp4' }, /Expected the key of a film but received \.\.\/secret\.mp4/],
    [{ video: 'rtsp://camera/stream' }, /Expected the key of a film/],
    [{ video: '-', out: '/etc/passwd.mp4' }, /Expected the key of the film to write/],
    [{ style: 'great-wave' }, /Expected the key of a style's \.safetensors file/],
    [{ style: '/etc/x.safetensors' }, /Expected the key of a style/],
    [{ style: undefined, blend: 'a.safetensors:0.5,../b.safetensors:0.5' }, /Expected the key of a style/],
    [{ style: undefined, blend: 'a.safetensors@0s,/b.safetensors@1:30' }, /Expected the key of a style/],
    [{ style: undefined }, /Expected --style or --blend but received neither/],
    [{ mask: '/dev/zero' }, /Expected the key of a mask/],
    [{ out: 'painted/%05d.png' }, /Expected a film as --out/],
    [{ codec: 'prores' }, /Expected --codec h264 or hevc/],
    [{ steady: 'very' }, /Expected one of off, light, strong for steady/],
    [{ inputFormat: 'lavfi' }, /Expected no such option for a farm but received inputFormat/],
    [{ preview: 'a.jpg' }, /Expected no such option for a farm but received preview/],
    [{ colour: 'red' }, /Expected a setting of a film but received colour/],
  ];
  for (const [part, message] of refused) assert.throws(() => video.check({ ...JOB, ...part }), message);
  assert.throws(() => video.check('a film'), /Expected options of video/);
  assert.deepEqual(video.check({ ...JOB, style: [JOB.style] }), JOB);
});

/** A store with a film of two scenes and a style. */
async function farmWith(
  t: TestContext,
  seconds?: number,
): Promise<{ readonly store: Store; readonly folder: string }> {
  const folder = await temporaryFolder(t);
  for (const name of ['films', 'styles']) await mkdir(join(folder, name));
  await writeTinyCheckpoint(join(folder, JOB.style), 'c3s1-4,c3s1-3');
  const film = join(folder, JOB.video);
  const titles = join(folder, 'titles.srt');
  await writeFile(titles, '1\n00:00:01,000 --> 00:00:02,000\nA scene\n');
  const scene = (name: string, frames: number) => [
    '-f',
    'lavfi',
    '-i',
    `${name}=s=32x32:r=25:d=${frames / 25}`,
  ];
  ffmpeg(
    ...[
      ...scene('testsrc2', CUT),
      ...scene('mandelbrot', FRAMES - CUT).map((word) => word.replace(/:d=.*/, '')),
    ],
    ...['-f', 'lavfi', '-i', `sine=d=${FRAMES / 25}`, '-i', titles],
    ...['-filter_complex', '[0:v][1:v]concat=n=2[v]', '-map', '[v]', '-map', '2:a', '-map', '3:s'],
    ...[...H264, '-frames:v', String(seconds === undefined ? FRAMES : 25 * seconds), '-c:a', 'aac', film],
  );
  return { store: await openFolderStore(folder), folder };
}
