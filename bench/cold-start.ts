/** The command line as a user meets it: a new process, from the call to its end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPicture, writePicture } from '../src/data/image-file.ts';
import { runProgram } from '../src/engine/runtime/run-program.ts';

const SIZE = 512;
const STYLE = 'great-wave';
const root = fileURLToPath(new URL('..', import.meta.url));
const PROGRAM = join(root, 'bin', 'fast-style.mjs');

/** A call of the program. */
export interface ColdStart {
  readonly what: string;
  /** Longest time aimed at, s. */
  readonly aim: number;
  /** Of each round, from the call to the end of the process. */
  readonly seconds: readonly number[];
}

/** Help, an error, and 512×512 pixels from a file to a file, in turns, after a round that warms the system's file cache. */
export async function coldStarts(rounds: number): Promise<readonly ColdStart[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fast-style-bench-'));
  try {
    await writePicture(join(folder, 'photo.jpg'), await samplePicture());
    const paint = ['stylize', 'photo.jpg', '--style', STYLE, '--out', 'painted.jpg', '--overwrite'];
    const calls = [
      { what: 'the help', args: ['--help'], aim: 0.15, code: 0 },
      { what: 'a mistyped command', args: ['stylise', 'photo.jpg'], aim: 0.15, code: 2 },
      { what: 'a photo', args: paint, aim: 0.8, code: 0 },
    ].map((one) => ({ ...one, seconds: [] as number[] }));
    for (let round = 0; round <= rounds; round++)
      for (const { args, code: expected, seconds } of calls) {
        const started = performance.now();
        const { code, stderr } = await runProgram(process.execPath, [PROGRAM, ...args], { cwd: folder });
        const took = (performance.now() - started) / 1000;
        if (code !== expected) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
        if (round > 0) seconds.push(took);
      }
    return calls;
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
