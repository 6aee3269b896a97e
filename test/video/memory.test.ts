/** Painting a long film takes no more memory than painting a short one. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { ffmpeg, H264, noFfmpeg } from '../helpers/clips.ts';
import { runCli } from '../helpers/run-cli.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';

const [WIDTH, HEIGHT] = [512, 288];
/** Enough to fill all queues and warm everything up, and to be cut into segments. */
const FRAMES = 60;
/** What is collected now and then makes up to 40 MiB. A frame each that is not let go would come to 126 MiB more. */
const MOST_GROWTH = 80 * 2 ** 20;
/** Let collect more often, or some hundred frames pass before memory stays as it is. */
const NODE = '--max-semi-space-size=1';

test('six times the length, the same memory', { skip: noFfmpeg }, async (t) => {
  const folder = await temporaryFolder(t);
  // Frames are as large whatever paints and writes them: the quickest do.
  const style = await writeTinyCheckpoint(join(folder, 'tiny.safetensors'), 'c1s1-3');
  // Reported by the process itself when it ends; in kilobytes.
  const tell = `import { writeFileSync } from 'node:fs'; import { isMainThread } from 'node:worker_threads';
    if (isMainThread) process.on('exit', () => writeFileSync(process.env.PEAK, String(process.resourceUsage().maxRSS)));`;
  const peakOf = async (frames: number) => {
    const [from, peak] = [join(folder, `${frames}.mp4`), join(folder, `${frames}.peak`)];
    ffmpeg('-f', 'lavfi', '-i', `testsrc2=s=${WIDTH}x${HEIGHT}:r=25:d=${frames / 25}`, ...H264, from);
    const words = ['video', from, '--style', style, '--steady', 'off', '--precision', 'f32'];
    const { code, stdout, stderr } = await runCli(
      [...words, '--preset', 'ultrafast', '--out', `${from}.mkv`],
      {
        cwd: folder,
        env: {
          PEAK: peak,
          NODE_OPTIONS: `${NODE} --import data:text/javascript,${encodeURIComponent(tell)}`,
        },
      },
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`${frames} frames`));
    return 1024 * Number(await readFile(peak, 'utf8'));
  };
  const short = await peakOf(FRAMES);
  const long = await peakOf(6 * FRAMES);
  t.diagnostic(`${FRAMES} frames: ${short >> 20} MiB, ${6 * FRAMES} frames: ${long >> 20} MiB`);
  assert.ok(long - short < MOST_GROWTH, `${(long - short) / 2 ** 20} MiB more`);
});
