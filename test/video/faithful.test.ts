/** What has been painted is as its source in all that is not painting: times, size, turning, pixels, colours, sound. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
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
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const options = { skip: noFfmpeg };

/** Mean difference of two pictures' samples. */
function difference(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}

test('variable times, in many segments, and the film lasts as long', options, async (t) => {
  const folder = await temporaryFolder(t);
  const [from, to] = [join(folder, 'from.mp4'), join(folder, 'to.mp4')];
  const jitter = [
    '-vf',
    "settb=1/90000,setpts='(N+0.8*random(1))/25/TB'",
    '-enc_time_base',
    '1/90000',
    '-vsync',
    '0',
  ];
  ffmpeg(...testPicture(2), ...jitter, ...H264, '-bf', '2', from);
  const { frames } = await paintVideo(from, to, { segment: 17 });
  assert.equal(frames, 50);
  assert.deepEqual(frameTimes(to), frameTimes(from));
  assert.equal(
    new Set(frameTimes(to).map((time, i, all) => Math.round(1e4 * (time - (all[i - 1] ?? 0))))).size > 20,
    true,
  );
  assert.ok(Math.abs(probe(to).seconds - probe(from).seconds) < 0.08, `${probe(to).seconds}`);
});

test('film rate, beginning later than the sound, in MP4 and MOV', options, async (t) => {
  const folder = await temporaryFolder(t);
  const from = join(folder, 'from.mp4');
  const sound = ['-f', 'lavfi', '-i', 'sine=d=0.6'];
  ffmpeg(
    ...sound,
    ...testPicture(0.6, '64x48', '30000/1001'),
    ...['-vf', 'settb=1/30000,setpts=PTS+6006', '-vsync', '0'],
    ...H264,
    '-c:a',
    'aac',
    from,
  );
  assert.ok(frameTimes(from)[0]! > 0.19);
  for (const name of ['to.mp4', 'to.mov']) {
    const to = join(folder, name);
    await paintVideo(from, to, { segment: 7 });
    assert.deepEqual(frameTimes(to), frameTimes(from));
    assert.equal(streamHash(to, 'a'), streamHash(from, 'a'));
  }
});

test('turned frames are upright, oblong pixels stay, and turn with them', options, async (t) => {
  const folder = await temporaryFolder(t);
  const [plain, from, to] = ['plain.mp4', 'from.mp4', 'to.mp4'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  ffmpeg(...testPicture(0.4), '-vf', 'setsar=4/3', ...H264, plain);
  ffmpeg('-i', plain, '-metadata:s:v', 'rotate=90', '-c', 'copy', from);
  if (probe(from).video.side_data_list === undefined) {
    t.skip('this ffmpeg does not turn by metadata');
    return;
  }
  await paintVideo(from, to, { crf: 5 });
  const { video } = probe(to);
  assert.deepEqual([video.width, video.height, video.sample_aspect_ratio], [48, 64, '3:4']);
  assert.equal(video.side_data_list, undefined);
  const matrix = 'in_color_matrix=bt709:in_range=tv';
  assert.ok(difference(firstFrame(to, matrix), firstFrame(from, 'in_color_matrix=smpte170m')) < 8);
});

test('odd sizes stay, in every codec', options, async (t) => {
  const folder = await temporaryFolder(t);
  const from = join(folder, 'from.mkv');
  ffmpeg(...testPicture(0.2), '-vf', 'scale=67:45,format=yuv444p', '-c:v', 'ffv1', from);
  const outputs = ['to.mp4', 'to.webm', 'to.gif', 'hevc.mp4', 'prores.mov'] as const;
  for (const name of outputs) {
    const codec = /hevc|prores/.exec(name)?.[0] as 'hevc' | 'prores' | undefined;
    const { plan } = await paintVideo(from, join(folder, name), codec === undefined ? {} : { codec });
    const { width, height } = probe(join(folder, name)).video;
    assert.deepEqual([width, height], [67, 45], name);
    const isTold = plan.words.some((word) => word.includes('4:4:4'));
    assert.equal(isTold, name === 'to.mp4' || name === 'hevc.mp4', name);
  }
});

test('colours: full range, either matrix, RGB; written and tagged as BT.709', options, async (t) => {
  const folder = await temporaryFolder(t);
  const bars = ['-f', 'lavfi', '-i', 'smptebars=s=64x48:r=5:d=0.4'];
  const to = join(folder, 'to.mp4');
  const wanted = ffmpeg(
    ...bars,
    '-frames:v',
    '1',
    '-vf',
    'scale=in_color_matrix=smpte170m',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-',
  );
  const cases = [
    { name: 'full.mp4', matrix: 'bt709', range: 'pc', tags: ['-colorspace', 'bt709', '-color_range', 'pc'] },
    {
      name: 'sd.mp4',
      matrix: 'smpte170m',
      range: 'tv',
      tags: ['-colorspace', 'smpte170m', '-color_primaries', 'smpte170m'],
    },
    { name: 'untagged.mp4', matrix: 'smpte170m', range: 'tv', tags: [] },
  ];
  for (const { name, matrix, range, tags } of cases) {
    const from = join(folder, name);
    const convert = `scale=in_color_matrix=smpte170m:out_color_matrix=${matrix}:out_range=${range}`;
    ffmpeg(...bars, '-vf', `${convert},format=yuv444p`, '-c:v', 'libx264', '-qp', '0', ...tags, from);
    await paintVideo(from, to, { crf: 5, overwrite: true });
    const { video } = probe(to);
    const primaries = name === 'sd.mp4' ? 'smpte170m' : 'bt709';
    assert.deepEqual(
      [video.color_space, video.color_range, video.color_primaries, video.pix_fmt],
      ['bt709', 'tv', primaries, 'yuv420p'],
    );
    const got = firstFrame(to, 'in_color_matrix=bt709:in_range=tv');
    assert.ok(difference(got, wanted) < 5, `${name}: ${difference(got, wanted)}`);
  }
});

test('sound, subtitles and chapters are kept, as each container can hold them', options, async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  await writeFile(at('text.srt'), '1\n00:00:00,100 --> 00:00:00,900\nHello\n');
  const chapter = (start: number, end: number, title: string) =>
    `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start}\nEND=${end}\ntitle=${title}\n`;
  await writeFile(
    at('meta.txt'),
    `;FFMETADATA1\ntitle=A film\n${chapter(0, 500, 'One')}${chapter(500, 1000, 'Two')}`,
  );
  const sounds = ['-f', 'lavfi', '-i', 'sine=d=1', '-f', 'lavfi', '-i', 'sine=f=880:d=1'];
  const maps = ['-map', '0', '-map', '1', '-map', '2', '-map', '3', '-map_metadata', '4'];
  const names = ['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=fra'];
  ffmpeg(
    ...[
      ...testPicture(1, '64x48', '10'),
      ...sounds,
      '-i',
      at('text.srt'),
      '-i',
      at('meta.txt'),
      ...maps,
      ...names,
    ],
    ...[...H264, '-c:a:0', 'aac', '-c:a:1', 'flac', '-c:s', 'srt', at('from.mkv')],
  );
  const cases = [
    { name: 'to.mkv', codecs: ['aac', 'flac', 'subrip'], words: 0 },
    { name: 'to.mp4', codecs: ['aac', 'flac', 'mov_text'], words: 1 },
    { name: 'to.webm', codecs: ['opus', 'opus', 'webvtt'], words: 3 },
  ];
  for (const { name, codecs, words } of cases) {
    const { plan } = await paintVideo(at('from.mkv'), at(name), { segment: 5 });
    const { streams, chapters, title } = probe(at(name));
    const side = streams.filter(({ codec_type }) => codec_type === 'audio' || codec_type === 'subtitle');
    assert.deepEqual(
      side.map(({ codec_name }) => codec_name),
      codecs,
    );
    assert.deepEqual(
      side.slice(0, 2).map(({ tags }) => tags?.language),
      ['eng', 'fra'],
    );
    assert.deepEqual(
      chapters.map(({ tags }) => tags.title),
      ['One', 'Two'],
    );
    assert.equal(title, 'A film');
    assert.equal(plan.words.length, words, plan.words.join(' '));
    if (name !== 'to.webm') assert.equal(streamHash(at(name), 'a:0'), streamHash(at('from.mkv'), 'a:0'));
  }
  const { streams } = probe(at('to.mp4'));
  assert.ok(streams.length >= 4);
  await paintVideo(at('from.mkv'), at('mute.mp4'), { audio: false });
  assert.ok(!probe(at('mute.mp4')).streams.some(({ codec_type }) => codec_type === 'audio'));
});

test('HDR becomes BT.709, with a note', options, async (t) => {
  const folder = await temporaryFolder(t);
  const [from, to] = [join(folder, 'from.mp4'), join(folder, 'to.mp4')];
  const tags = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'];
  // PQ's white of paper, 203 cd/m², is code 0.58 of the range: 10 bit, limited 64 + 0.58 · 876 = 572.
  const grey = [
    '-f',
    'lavfi',
    '-i',
    'color=c=black:s=64x48:r=5:d=0.4,format=yuv420p10le,geq=lum=572:cb=512:cr=512',
  ];
  const x265 = [
    '-c:v',
    'libx265',
    '-x265-params',
    'log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc',
  ];
  ffmpeg(...grey, ...x265, '-pix_fmt', 'yuv420p10le', ...tags, from);
  const { plan } = await paintVideo(from, to, { crf: 5 });
  assert.match(plan.words.join(' '), /HDR \(PQ\)/);
  const { video } = probe(to);
  assert.deepEqual(
    [video.color_transfer, video.color_primaries, video.pix_fmt],
    ['bt709', 'bt709', 'yuv420p'],
  );
  const [r, g, b] = firstFrame(to, 'in_color_matrix=bt709:in_range=tv');
  assert.ok(Math.max(r!, g!, b!) - Math.min(r!, g!, b!) < 6, `grey stays grey: ${r} ${g} ${b}`);
  assert.ok(r! > 120 && r! < 250, `paper is bright, not burnt out: ${r}`);
});
