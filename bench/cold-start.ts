/** The command line as a user meets it: a new process, from the command to the written file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPicture, writePicture } from '../src/data/image-file.ts';
import { runProgram } from '../src/engine/runtime/run-program.ts';

const SIZE = 512;
const STYLE = 'great-wave';
const root = fileURLToPath(new URL('..', import.meta.url));

/** Seconds of each round at 512×512, after one that warms the system's file cache. */
export async function coldStart(rounds: number): Promise<readonly number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fast-style-bench-'));
  try {
    const photo = join(folder, 'photo.jpg');
    await writePicture(photo, await samplePicture());
    const seconds: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const started = performance.now();
      const { code, stderr } = await runProgram(process.execPath, [
        join(root, 'dist', 'cli.js'),
        'stylize',
        photo,
        '--style',
        STYLE,
        '--out',
        join(folder, 'painted.jpg'),
        '--overwrite',
      ]);
      if (code !== 0) throw new Error(`stylize failed: ${stderr}`);
      if (round > 0) seconds.push((performance.now() - started) / 1000);
    }
    return seconds;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The middle of a sample photo. */
async function samplePicture() {
  const { pixels, width, height } = await readPicture(join(root, 'samples', 'valley.jpg'), {
    shortSide: SIZE,
  });
  const [left, top] = [(width - SIZE) >> 1, (height - SIZE) >> 1];
  const square = new Uint8Array(SIZE * SIZE * 3);
  for (let y = 0; y < SIZE; y++) {
    const from = ((top + y) * width + left) * 3;
    square.set(pixels.subarray(from, from + SIZE * 3), y * SIZE * 3);
  }
  return { pixels: square, width: SIZE, height: SIZE };
}
