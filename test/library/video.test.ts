/** Painting films through the library: the same run as the command line's. */
import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { ConfigError, ImageError, InterruptedError, type VideoOptions, video } from '../../src/index.ts';
import type { VideoCall } from '../../src/video/run/call.ts';
import { callCommand } from '../helpers/call-command.ts';
import { ffmpeg, noFfmpeg, probe, testPicture } from '../helpers/clips.ts';
import { expectNoLeak } from '../helpers/leak-check.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../helpers/tiny-dataset.ts';

const skip = noFfmpeg;

/** A clip of six frames with sound, as a film and as a GIF, and a style. */
async function workshop(t: TestContext) {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const tone = ['-f', 'lavfi', '-i', 'sine=d=0.75'];
  ffmpeg(...testPicture(0.75, '64x48', '8'), ...tone, '-c:v', 'libx264', '-c:a', 'aac', at('clip.mkv'));
  ffmpeg(...testPicture(0.75, '64x48', '8'), at('clip.gif'));
  const style = await writeTinyCheckpoint(at('tiny.safetensors'));
  return { folder, at, style };
}

async function frames(folder: string): Promise<readonly Uint8Array[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map((name) => sharp(join(folder, name)).raw().toBuffer()));
}

test('the library paints the same frames as the command line, and reports progress', { skip }, async (t) => {
  const { folder, at, style } = await workshop(t);
  const mask = await drawnPhoto(at('mask.png'), 32, 24, { seed: 4 });
  for (const name of ['mine', 'typed']) await mkdir(at(name));
  const seen: unknown[] = [];
  const painted = await expectNoLeak(() =>
    video(
      {
        ...{ video: pathToFileURL(at('clip.mkv')), style, out: at('mine/%03d.png'), steady: 'light' },
        ...{ start: 0.25, scale: 0.5, amount: 0.75, precision: 'f32', mask: createReadStream(mask) },
      },
      { onProgress: (progress) => seen.push(progress) },
    ),
  );
  assert.deepEqual(
    seen,
    [1, 2, 3, 4].map((count) => ({ frames: count, total: 4 })),
  );
  const { file, frames: count, width, height, seconds } = painted;
  assert.deepEqual([file, count, width, height], [at('mine/%03d.png'), 4, 32, 24]);
  assert.ok(seconds > 0);
  const typed = await callCommand(
    [
      ...['video', at('clip.mkv'), '--style', style, '--out', at('typed/%03d.png'), '--steady', 'light'],
      ...['--start', '0.25', '--scale', '0.5', '--amount', '0.75', '--precision', 'f32', '--mask', mask],
    ],
    { cwd: folder },
  );
  assert.equal(typed.code, 0, typed.stderr);
  const [mine, theirs] = [await frames(at('mine')), await frames(at('typed'))];
  assert.equal(mine.length, 4);
  assert.deepEqual(mine, theirs);
});

test('a film comes as bytes, a Blob or a stream, too, and keeps its sound', { skip }, async (t) => {
  const { at, style } = await workshop(t);
  const film = await readFile(at('clip.mkv'));
  const forms: readonly VideoOptions['video'][] = [
    film,
    new Blob([new Uint8Array(film)]),
    createReadStream(at('clip.mkv'), { highWaterMark: 1000 }),
  ];
  for (const [i, form] of forms.entries()) {
    const out = at(`${i}.mkv`);
    const { frames: count } = await video({ video: form, style, out, steady: 'off', preset: 'ultrafast' });
    assert.equal(count, 6);
    const { video: written, streams } = probe(out);
    assert.deepEqual(
      [written.width, written.height, streams.map(({ codec_type }) => codec_type)],
      [64, 48, ['video', 'audio']],
    );
  }
  const gif = await video({
    video: await readFile(at('clip.gif')),
    style,
    out: at('out.gif'),
    steady: 'off',
  });
  assert.equal(gif.frames, 6);
  const meta = await sharp(at('out.gif'), { animated: true }).metadata();
  assert.deepEqual([meta.pages, meta.width, meta.pageHeight], [6, 64, 48]);
  await assert.rejects(
    video({ video: new Uint8Array(100), style, out: at('none.mkv') }),
    (error: unknown) =>
      error instanceof ImageError && /^The stream cannot be read as a video/.test(error.message),
  );
});

test('a signal stops it after a frame, and the same call continues', { skip }, async (t) => {
  const { folder, at, style } = await workshop(t);
  // Segments of small frames have 250.
  ffmpeg(...testPicture(13, '32x24', '20'), '-c:v', 'libx264', at('long.mkv'));
  const call = {
    video: at('long.mkv'),
    style,
    out: at('out.gif'),
    steady: 'light',
    precision: 'f32',
  } as const;
  const stop = new AbortController();
  const reason = new Error('enough');
  await assert.rejects(
    video(call, {
      signal: stop.signal,
      onProgress: ({ frames: done }) => {
        if (done === 253) stop.abort(reason);
      },
    }),
    (error: unknown) => {
      assert.ok(error instanceof InterruptedError);
      assert.match(
        error.message,
        /^Stopped after 25\d frames; the same call continues after 250, which are kept in /,
      );
      assert.equal(error.cause, reason);
      return true;
    },
  );
  assert.equal(existsSync(call.out), false);
  await assert.rejects(video(call, { signal: stop.signal }), reason);
  const notes: string[] = [];
  const seen: number[] = [];
  const { frames: count } = await video(call, {
    onNote: (note) => notes.push(note),
    onProgress: ({ frames: done }) => seen.push(done),
  });
  assert.equal(count, 260);
  assert.match(notes.join('\n'), /^Continuing after 250 finished frames\.$/m);
  assert.equal(seen[0], 251);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.includes('parts')),
    [],
  );
});

test('a preview alone writes no film', { skip }, async (t) => {
  const { at, style } = await workshop(t);
  assert.equal(
    await video({ video: at('clip.mkv'), style: [style, style], preview: at('sheet.png') }),
    undefined,
  );
  assert.ok((await sharp(at('sheet.png')).metadata()).width > 3 * 64);
});

test('what cannot be used is refused by the names of the library', { skip }, async (t) => {
  const { folder, at, style } = await workshop(t);
  const before = await readdir(folder);
  const good = { video: at('clip.mkv'), style, out: at('out.mkv') };
  const cases: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ stlye: 'wave' }, /a setting of a film but received stlye; perhaps you mean style;/],
    [{ steady: 'very' }, /one of off, light, strong for steady but received very/],
    [{ preset: 'slowest' }, /for preset but received slowest/],
    [{ out: undefined }, /a file for out but received none/],
    [{ out: '-' }, /a video to write/],
    [{ video: '-' }, /a video but received \.\/-, which does not exist/],
    [{ video: 7 }, /a file, an address, bytes or a stream for video but received 7/],
    [{ scale: 'big' }, /a size for scale but received big/],
    [{ fps: 0 }, /frames per second for fps but received 0/],
    [{ duration: 0 }, /a duration of more than nothing/],
    [{ style: [style, style] }, /one style with out but received 2/],
    [{ style: undefined }, /style or blend but received neither/],
    [{ invertMask: true }, /a picture for mask with invertMask/],
    [{ codec: 'vp9', out: at('out.mov') }, /codec h264 or hevc or prores for mov/],
  ];
  for (const [given, message] of cases)
    await assert.rejects(video({ ...good, ...given } as never), message, JSON.stringify(given));
  await assert.rejects(video(undefined as never), ConfigError);
  assert.deepEqual(await readdir(folder), before);
});

test('the options of the library are those of the command line', () => {
  // Types alone: an option of one that the other does not have does not compile. `format` is of standard output.
  type Named = Record<Exclude<keyof VideoCall, 'format'>, unknown>;
  const asOptions = (call: Named): Record<keyof VideoOptions, unknown> => call;
  const asCall = (options: Record<keyof VideoOptions, unknown>): Named => options;
  assert.equal(typeof asOptions, typeof asCall);
});
