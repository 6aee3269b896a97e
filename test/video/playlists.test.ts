/** A file that only names other files is no film: what it points to is not read. */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { openVideo } from '../../src/data/video/open-video.ts';
import { ImageError } from '../../src/system/errors.ts';
import { ffmpeg, H264, noFfmpeg, testPicture } from '../helpers/clips.ts';
import { expectUserError, runCli } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';

const options = { skip: noFfmpeg };

async function playlists(folder: string): Promise<Readonly<Record<string, string>>> {
  ffmpeg(...testPicture(1, '32x32'), ...H264, '-f', 'mpegts', join(folder, 'secret.ts'));
  return {
    hls: '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.ts\n#EXT-X-ENDLIST\n',
    concat: "ffconcat version 1.0\nfile 'secret.ts'\n",
    dash: `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:full:2011" type="static" mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>file:${join(folder, 'secret.ts')}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    sdp: 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n',
  };
}

test('playlists and scripts are refused under any name', options, async (t) => {
  const folder = await temporaryFolder(t);
  for (const [kind, text] of Object.entries(await playlists(folder)))
    for (const name of [`${kind}.mp4`, `${kind}.m3u8`, `${kind}.txt`, `${kind}.mpd`]) {
      const path = join(folder, name);
      await writeFile(path, text);
      for (const named of [path, `file://${path}`])
        await assert.rejects(openVideo(named, {}), (error: Error) => {
          assert.ok(error instanceof ImageError, error.stack);
          assert.match(
            error.message,
            /Expected a file that contains a film itself but received|cannot be read as a video/,
          );
          assert.ok(error.message.length < 400, error.message);
          return true;
        });
    }
  // Who asks for the kind means it.
  const asked = await openVideo(join(folder, 'hls.m3u8'), { format: 'hls' });
  assert.equal(asked.facts.width, 32);
});

test('through standard input, too; a film itself is read either way', options, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'));
  const { hls } = await playlists(folder);
  const args = ['video', '-', '--style', style, '--out', 'x.mp4', '--precision', 'f32'];
  const refused = await runCli(args, { cwd: folder, input: Buffer.from(hls!) });
  expectUserError(refused, /Standard input/);
  assert.ok(!(await readdir(folder)).includes('x.mp4'));
  const film = await runCli(args, { cwd: folder, input: await readFile(join(folder, 'secret.ts')) });
  assert.equal(film.code, 0, film.stderr);
});
