/** Videos of each codec come in with all their frames, at their times, in their size. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { ffmpeg, firstFrame, frameTimes, noFfmpeg, probe } from '../helpers/clips.ts';
import { paintVideo } from '../helpers/paint-video.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const encoders = noFfmpeg ? '' : spawnSync('ffmpeg', ['-hide_banner', '-encoders']).stdout.toString();

/** Files to make of a codec, and encoders for it with their arguments, the quickest first. */
interface Incoming {
  readonly codec: string;
  readonly files: readonly string[];
  readonly by: readonly (readonly [string, readonly string[]])[];
}

const INCOMING: readonly Incoming[] = [
  {
    codec: 'av1',
    files: ['film.mp4', 'film.webm'],
    by: [
      ['libsvtav1', ['-preset', '12']],
      ['libaom-av1', ['-cpu-used', '8', '-usage', 'realtime']],
      ['librav1e', ['-speed', '10']],
    ],
  },
  {
    codec: 'hevc',
    files: ['film.mp4'],
    by: [['libx265', ['-preset', 'ultrafast', '-x265-params', 'log-level=error']]],
  },
  { codec: 'vp9', files: ['film.webm'], by: [['libvpx-vp9', ['-deadline', 'realtime', '-cpu-used', '8']]] },
  { codec: 'prores', files: ['film.mov'], by: [['prores_ks', []]] },
];

async function comesIn(t: TestContext, { codec, files, by }: Incoming): Promise<void> {
  const [encoder, args] = by.find(([name]) => encoders.includes(` ${name} `)) ?? [];
  if (encoder === undefined || args === undefined) {
    t.skip(`this ffmpeg writes no ${codec} (${by.map(([name]) => name).join(', ')})`);
    return;
  }
  const folder = await temporaryFolder(t);
  const uneven = [
    '-vf',
    "settb=1/1000,setpts='round(1000*(0.2*N+0.05*mod(N,3)))'",
    '-vsync',
    '0',
    '-enc_time_base',
    '1/1000',
  ];
  for (const file of files) {
    const [from, to] = [join(folder, file), join(folder, `${file}.mkv`)];
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=96x64:r=5:d=1.4'];
    ffmpeg(...picture, ...uneven, '-c:v', encoder, ...args, '-pix_fmt', pixelsOf(codec), from);
    assert.equal(probe(from).video.codec_name, codec);
    const { frames } = await paintVideo(from, to, { crf: 4 });
    assert.equal(frames, 7, file);
    const { width, height } = probe(to).video;
    assert.deepEqual([width, height], [96, 64], file);
    // Matroska counts in milliseconds.
    assert.deepEqual(frameTimes(to).map(round), [0, 0.25, 0.5, 0.6, 0.85, 1.1, 1.2], file);
    const [wanted, got] = [firstFrame(from, SMALL), firstFrame(to, 'in_color_matrix=bt709:in_range=tv')];
    const difference = wanted.reduce((sum, value, i) => sum + Math.abs(value - got[i]!), 0) / got.length;
    assert.ok(difference < 6, `${file}: ${difference}`);
  }
}

/** Of small videos that do not say otherwise. */
const SMALL = 'in_color_matrix=smpte170m:in_range=tv';
const pixelsOf = (codec: string) => (codec === 'prores' ? 'yuv422p10le' : 'yuv420p');
const round = (seconds: number) => Math.round(1000 * seconds) / 1000;

for (const incoming of INCOMING)
  test(`${incoming.codec} is read with all its frames, at their times`, { skip: noFfmpeg }, (t) =>
    comesIn(t, incoming),
  );
