/** A clip from a camera, where there is one next to the checkout: what is painted of it is as its source. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { firstFrame, frameTimes, noFfmpeg, probe } from '../helpers/clips.ts';
import { paintVideo } from '../helpers/paint-video.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const CLIP = fileURLToPath(new URL('../../../shared/data/video/fox.mp4', import.meta.url));
const skip = noFfmpeg || (existsSync(CLIP) ? false : 'no fox.mp4 in ../shared/data/video');

test('a clip from a camera keeps frames, times, size, rate and colours', { skip }, async (t) => {
  const to = join(await temporaryFolder(t), 'to.mp4');
  const { frames } = await paintVideo(CLIP, to, { width: 160, height: 160, crf: 5 });
  const [before, after] = [probe(CLIP), probe(to)];
  assert.equal(frames, frameTimes(CLIP).length);
  assert.deepEqual(frameTimes(to), frameTimes(CLIP));
  assert.ok(Math.abs(after.seconds - before.seconds) < 0.04, `${after.seconds} s of ${before.seconds} s`);
  assert.deepEqual(after.streams.length, before.streams.length);
  const [wanted, found] = [firstFrame(CLIP, '160:160'), firstFrame(to)];
  assert.equal(found.length, wanted.length);
  const apart = wanted.reduce((sum, value, i) => sum + Math.abs(value - found[i]!), 0) / wanted.length;
  assert.ok(apart < 2, `${apart} grey levels`);
});
