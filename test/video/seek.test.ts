/** Going on from a keyframe gives the very frames and times of a decoding from the beginning, or is given up. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { ffmpegAbilities } from '../../src/data/ffmpeg-abilities.ts';
import { type FrameSource, markOf } from '../../src/data/video/frame-reader.ts';
import { openVideo } from '../../src/data/video/open-video.ts';
import { videoOutput } from '../../src/data/video/output.ts';
import { type FilmPlan, type FilmRequest, planFilm } from '../../src/video/film-plan.ts';
import { openFrames, openRest } from '../../src/video/film-source.ts';
import { positionAfter } from '../../src/video/segment-store.ts';
import { ffmpeg, noFfmpeg, testPicture } from '../helpers/clips.ts';
import { paintVideo } from '../helpers/paint-video.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const options = { skip: noFfmpeg };
const X264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-g', '12', '-bf', '3'];
/** Long enough for seeking to be worth it, with few frames. */
const FILM = testPicture(26, '64x48', '5');
const FRAMES = 130;

interface Seen {
  readonly time: bigint;
  readonly mark: number;
}

async function planOf(path: string, more: Partial<FilmRequest> = {}): Promise<FilmPlan> {
  const { input, facts } = await openVideo(path, {});
  const { width, height } = facts;
  const request = { input, facts, output: videoOutput('to.mp4', undefined), width, height };
  return planFilm({ ...request, preset: 'ultrafast', audio: true, ...more }, await ffmpegAbilities());
}

async function framesOf(source: FrameSource): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (let frame = await source.next(); frame !== undefined; frame = await source.next())
    seen.push({ time: frame.time ?? -1n, mark: markOf(frame) });
  await source.close();
  return seen;
}

/** What a run has stored that was broken off after so many frames. */
function finishedOf(seen: readonly Seen[], frames: number) {
  const [first, last, next] = [seen[0]!, seen[frames - 1]!, seen[frames]!];
  return [{ frames, start: first.time, last: last.time, end: next.time, mark: last.mark, path: '' }];
}

/** Compares both ways, at nine tenths. Answers whether seeking was refused. */
async function goOn(plan: FilmPlan): Promise<boolean> {
  const straight = await framesOf(openFrames(plan));
  const done = Math.floor(0.9 * straight.length);
  let isRefused = false;
  const source = await openRest(plan, positionAfter(finishedOf(straight, done)), () => {
    isRefused = true;
  });
  assert.deepEqual(await framesOf(source), straight.slice(done));
  assert.equal(source.end.damaged, 0);
  return isRefused;
}

const JITTER = ['-vf', "settb=1/90000,setpts='(N+0.8*random(1))/5/TB'", '-enc_time_base', '1/90000'];
const X265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params'];
/** Name, ffmpeg's arguments, what of it is wanted. */
const CASES: readonly (readonly [string, readonly string[], Partial<FilmRequest>?])[] = [
  ['variable.mp4', [...JITTER, '-vsync', '0', ...X264]],
  ['open-gop.mp4', [...X265, 'log-level=error:keyint=12:open-gop=1']],
  ['broadcast.ts', X264],
  ['rate.mp4', [...JITTER, '-vsync', '0', ...X264], { rate: { num: 7, den: 1 } }],
  ['part.mp4', [...JITTER, '-vsync', '0', ...X264], { start: 0.7654321, duration: 24.4 }],
];

test('variable times, open groups, broadcasts, another rate, a part: all the same', options, async (t) => {
  const folder = await temporaryFolder(t);
  for (const [name, args, more] of CASES) {
    ffmpeg(...FILM, ...args, join(folder, name));
    assert.equal(await goOn(await planOf(join(folder, name), more)), false, name);
  }
  // A file with an edit list: its first frames are there to be decoded, and not shown.
  ffmpeg('-ss', '0.5', '-i', join(folder, 'variable.mp4'), '-c', 'copy', join(folder, 'edited.mp4'));
  assert.equal(await goOn(await planOf(join(folder, 'edited.mp4'))), false, 'edited.mp4');
});

test('where a container cannot seek, decoding starts from the beginning', options, async (t) => {
  const folder = await temporaryFolder(t);
  const [raw, rare] = [join(folder, 'raw.h264'), join(folder, 'rare.ts')];
  ffmpeg(...FILM, ...X264, raw);
  ffmpeg(...FILM, ...X264, '-g', '1000', rare);
  for (const path of [raw, rare]) assert.equal(await goOn(await planOf(path)), true, path);
});

test(
  'nothing of the beginning is read; another frame in the place of the last one is noticed',
  options,
  async (t) => {
    const folder = await temporaryFolder(t);
    const path = join(folder, 'film.mp4');
    ffmpeg(...FILM, ...X264, '-movflags', '+faststart', path);
    const plan = await planOf(path);
    const straight = await framesOf(openFrames(plan));
    const finished = finishedOf(straight, 120);
    let refusals = 0;
    const refused = () => {
      refusals++;
    };
    const other = [{ ...finished[0]!, mark: finished[0]!.mark ^ 1 }];
    assert.deepEqual(
      await framesOf(await openRest(plan, positionAfter(other), refused)),
      straight.slice(120),
    );
    assert.equal(refusals, 1);
    const bytes = await readFile(path);
    const data = bytes.indexOf('mdat') + 4;
    bytes.fill(0x55, data, data + Math.round(0.3 * (bytes.length - data)));
    await writeFile(path, bytes);
    assert.deepEqual(
      await framesOf(await openRest(plan, positionAfter(finished), refused)),
      straight.slice(120),
    );
    assert.equal(refusals, 1);
    const source = openFrames(plan, { skip: 120 });
    await framesOf(source);
    assert.ok(source.end.damaged > 0, 'which a decoding from the beginning stumbles over');
  },
);

test('a film continued so is the same to the byte', options, async (t) => {
  const folder = await temporaryFolder(t);
  const [from, straight, broken] = ['from.mp4', 'straight.mp4', 'broken.mp4'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const sound = ['-f', 'lavfi', '-i', 'sine=d=26'];
  ffmpeg(...FILM, ...sound, ...JITTER, '-vsync', '0', ...X264, '-c:a', 'aac', from);
  await paintVideo(from, straight, { segment: 40 });
  const controller = new AbortController();
  const onFrame = (done: number) => (done === 124 ? controller.abort() : undefined);
  const stopped = await paintVideo(from, broken, { segment: 40, signal: controller.signal, onFrame });
  assert.equal(stopped.kept, 120);
  const onSeekRefused = () => assert.fail('seeking is exact here');
  const { frames } = await paintVideo(from, broken, { segment: 40, onSeekRefused });
  assert.equal(frames, FRAMES);
  assert.deepEqual(await readFile(broken), await readFile(straight));
});
