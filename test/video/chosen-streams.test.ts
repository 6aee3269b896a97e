/** Which streams of a file are painted and taken along, how its frames are turned, and what becomes of frames of other sizes. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { filmStream } from '../../src/data/video/read-facts.ts';
import { callCommand } from '../helpers/call-command.ts';
import {
  ffmpeg,
  firstFrame,
  frameTimes,
  H264,
  noFfmpeg,
  probe,
  streamHash,
  testPicture,
} from '../helpers/clips.ts';
import { paintVideo } from '../helpers/paint-video.ts';
import { runCli } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';

const options = { skip: noFfmpeg };

/** A MOV with two sound tracks, of which the second calls itself by a name that no ffmpeg knows. */
async function withUnknownSound(folder: string): Promise<string> {
  const path = join(folder, 'unknown.mov');
  const sounds = ['-f', 'lavfi', '-i', 'sine=d=0.4', '-f', 'lavfi', '-i', 'sine=f=880:d=0.4'];
  const maps = ['-map', '0', '-map', '1', '-map', '2', '-c:a', 'aac'];
  ffmpeg(...testPicture(0.4, '64x48', '10'), ...sounds, ...maps, ...H264, path);
  const bytes = await readFile(path);
  const description = bytes.lastIndexOf('stsd');
  // Its name, and what would tell that it is AAC all the same.
  bytes.write('apac', bytes.indexOf('mp4a', description), 'latin1');
  bytes.write('wavy', bytes.indexOf('wave', description), 'latin1');
  await writeFile(path, bytes);
  return path;
}

test(
  'sound of an unknown codec is left out with a note before painting, the rest is kept',
  options,
  async (t) => {
    const folder = await temporaryFolder(t);
    const from = await withUnknownSound(folder);
    assert.equal(probe(from).streams.filter(({ codec_type }) => codec_type === 'audio').length, 2);
    for (const name of ['to.mp4', 'to.mkv', 'to.webm']) {
      const to = join(folder, name);
      const { plan } = await paintVideo(from, to);
      const word = 'Sound (apac) is left out: ffmpeg does not know its codec.';
      assert.ok(plan.words.includes(word), plan.words.join(' '));
      const sound = probe(to).streams.filter(({ codec_type }) => codec_type === 'audio');
      assert.deepEqual(
        sound.map(({ codec_name }) => codec_name),
        [name === 'to.webm' ? 'opus' : 'aac'],
      );
      if (name !== 'to.webm') assert.equal(streamHash(to, 'a:0'), streamHash(from, 'a:0'));
    }
    const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
    const args = [
      'video',
      '-',
      '--style',
      style,
      '--steady',
      'off',
      '--precision',
      'f32',
      '--out',
      'piped.mkv',
    ];
    const stream = ffmpeg(
      '-i',
      from,
      '-c',
      'copy',
      '-map',
      '0',
      '-f',
      'mov',
      '-movflags',
      'frag_keyframe+empty_moov',
      '-',
    );
    const piped = await runCli(args, { cwd: folder, input: stream });
    assert.equal(piped.code, 0, piped.stderr);
    assert.match(piped.stderr, /Sound \(apac\) is left out/);
    assert.deepEqual(
      probe(join(folder, 'piped.mkv')).streams.map(({ codec_name }) => codec_name),
      ['h264', 'aac'],
    );
  },
);

test('sound that a container refuses only when it is tried becomes another', options, async (t) => {
  const folder = await temporaryFolder(t);
  const [from, to] = [join(folder, 'from.ts'), join(folder, 'to.mkv')];
  // Broadcasters' sound, which MPEG-TS alone holds.
  const sounds = ['-f', 'lavfi', '-i', 'sine=d=1:r=48000', '-f', 'lavfi', '-i', 'sine=d=1:r=48000'];
  const codecs = ['-c:a:0', 's302m', '-strict', '-2', '-ac', '2', '-c:a:1', 'mp2'];
  ffmpeg(
    ...testPicture(1, '64x48', '10'),
    ...sounds,
    '-map',
    '0',
    '-map',
    '1',
    '-map',
    '2',
    ...H264,
    ...codecs,
    from,
  );
  assert.deepEqual(
    probe(from).streams.map(({ codec_name }) => codec_name),
    ['h264', 's302m', 'mp2'],
  );
  const { plan } = await paintVideo(from, to);
  assert.deepEqual(plan.words, ['Sound (s302m) becomes aac: mkv cannot hold it as it is.']);
  assert.deepEqual(
    probe(to).streams.map(({ codec_name }) => codec_name),
    ['h264', 'aac', 'mp2'],
  );
});

test('a preview, a cover or a still picture before the film is not the film', options, async (t) => {
  const folder = await temporaryFolder(t);
  const preview = ['-f', 'lavfi', '-i', 'color=c=red:s=32x32:r=1:d=1'];
  const cover = ['-f', 'lavfi', '-i', 'color=c=red:s=400x300:r=1:d=1'];
  const film = testPicture(0.8, '128x80', '10');
  const both = ['-map', '0', '-map', '1', '-c:v:0', 'mjpeg', '-c:v:1', 'libx264', '-pix_fmt:v:1', 'yuv420p'];
  const cases = [
    { name: 'preview.mkv', args: [...preview, ...film, ...both], what: 'A second video stream' },
    { name: 'preview.mp4', args: [...preview, ...film, ...both], what: 'A second video stream' },
    {
      name: 'moving.mkv',
      args: [...testPicture(0.8, '32x32', '10'), ...film, ...both],
      what: 'A second video stream',
    },
    { name: 'cover.mkv', args: [...cover, ...film, ...both], what: 'A second video stream' },
    {
      name: 'cover.mp4',
      args: [...cover, ...film, ...both, '-disposition:v:0', 'attached_pic'],
      what: 'A cover',
    },
  ];
  for (const { name, args, what } of cases) {
    ffmpeg(...args, join(folder, name));
    const to = join(folder, `to-${name}`);
    const { plan, frames } = await paintVideo(join(folder, name), to);
    const { width, height } = probe(to).video;
    assert.deepEqual([width, height, frames], [128, 80, 8], name);
    assert.deepEqual(plan.words, [`${what} (mjpeg) is left out: one video is painted.`], name);
  }
  const [small, large] = [
    { width: 10, height: 10 },
    { width: 20, height: 20 },
  ];
  const stream = (index: number, more: object) => ({ index, codec_type: 'video', ...more });
  const chosen = (...streams: object[]) => filmStream(streams.map((one, i) => stream(i, one)))?.index;
  assert.equal(chosen(small, { ...small, disposition: { default: 1 } }), 1);
  assert.equal(chosen({ ...large, disposition: { still_image: 1 } }, small), 1);
  assert.equal(chosen({ ...large, disposition: { attached_pic: 1 } }), undefined);
  assert.equal(chosen({ ...large, nb_frames: '1' }), 0);
});

test('frames that are turned by data in the stream, or mirrored, are upright', options, async (t) => {
  const folder = await temporaryFolder(t);
  const plain = join(folder, 'plain.mp4');
  ffmpeg(...testPicture(0.6, '96x64', '10'), ...H264, '-qp', '0', '-g', '3', plain);
  for (const [name, how, size] of [
    ['turned', 'rotate=90', [64, 96]],
    ['mirrored', 'rotate=270:flip=horizontal', [64, 96]],
    ['over', 'rotate=180', [96, 64]],
  ] as const) {
    const [from, to] = [join(folder, `${name}.mp4`), join(folder, `${name}-to.mkv`)];
    ffmpeg('-i', plain, '-c', 'copy', '-bsf:v', `h264_metadata=display_orientation=insert:${how}`, from);
    const { plan, decoded } = await paintVideo(from, to, { crf: 1 });
    assert.deepEqual([plan.width, plan.height, decoded?.fitted], [...size, 0], name);
    const [wanted, got] = [
      firstFrame(from, 'in_color_matrix=smpte170m'),
      firstFrame(to, 'in_color_matrix=bt709'),
    ];
    assert.equal(got.length, wanted.length);
    const apart = wanted.reduce((sum, value, i) => sum + Math.abs(value - got[i]!), 0) / got.length;
    assert.ok(apart < 8, `${name}: ${apart}`);
  }
});

test(
  'a stream that changes its size midway is painted in the first one, aspect kept, with a note',
  options,
  async (t) => {
    const folder = await temporaryFolder(t);
    const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
    const part = (name: string, size: string, offset: string) => {
      const grey = ['-f', 'lavfi', '-i', `color=c=0xc0c0c0:s=${size}:r=10:d=0.5`];
      ffmpeg(...grey, ...H264, '-output_ts_offset', offset, join(folder, name));
      return readFile(join(folder, name));
    };
    await writeFile(
      join(folder, 'both.ts'),
      Buffer.concat([await part('a.ts', '96x64', '0'), await part('b.ts', '64x96', '0.5')]),
    );
    const plain = await paintVideo(join(folder, 'both.ts'), join(folder, 'plain.mkv'), { crf: 2 });
    assert.deepEqual([plain.frames, plain.decoded?.fitted, plain.plan.width], [10, 5, 96]);
    const last = ffmpeg(
      '-i',
      join(folder, 'plain.mkv'),
      '-vf',
      'select=eq(n\\,9)',
      '-frames:v',
      '1',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'gray',
      '-',
    );
    const row = [...last.subarray(32 * 96, 33 * 96)];
    assert.equal(row.filter((value) => value > 100).length, 43);
    const args = [
      'video',
      'both.ts',
      '--style',
      style,
      '--steady',
      'off',
      '--precision',
      'f32',
      '--out',
      'counted.mp4',
    ];
    const counted = await callCommand(args, { cwd: folder });
    assert.equal(counted.code, 0, counted.stderr);
    assert.match(counted.stderr, /^5 frames were not 96×64 like the first and were fitted in\.$/m);
    assert.equal(frameTimes(join(folder, 'counted.mp4')).length, 10);
  },
);
