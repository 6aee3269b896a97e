/** Films: frames per second of the whole pipeline beside those of the bare forward pass at the same size. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ffmpegAbilities, ffmpegProgram, runTool } from '../src/data/ffmpeg.ts';
import { openVideo } from '../src/data/video/open-video.ts';
import { videoOutput } from '../src/data/video/output.ts';
import type { Precision } from '../src/engine/compile/compile.ts';
import { choosePrecision } from '../src/engine/precision.ts';
import { openStyle } from '../src/infer/open-style.ts';
import { Stylizer } from '../src/infer/stylizer.ts';
import { planFilm } from '../src/video/film-plan.ts';
import { makeFilm } from '../src/video/make-film.ts';
import { PlainPainter } from '../src/video/plain-painter.ts';
import { targetLine } from './sections.ts';
import { median } from './statistics.ts';

const SIZES = ['640x360', '1280x720'] as const;
const STYLE = 'great-wave';
/** What the pipeline may lose of the bare pass. */
const TARGET = 0.9;
/** Frames of the film, and passes measured before and after it. */
const [FRAMES, PASSES] = [120, 15];

interface Measured {
  readonly size: string;
  /** Milliseconds of a pass, pixels to pixels. */
  readonly pass: number;
  /** Milliseconds of a frame of a film, from the first frame asked for to the finished file. */
  readonly frame: number;
}

/** The section: a table and its targets. */
export async function videoSection(frames = FRAMES): Promise<string> {
  const precision = await choosePrecision('auto');
  const rows: Measured[] = [];
  for (const size of SIZES) rows.push(await measure(size, precision, frames));
  const cells = ({ size, pass, frame }: Measured) =>
    `| ${size} | ${(1000 / pass).toFixed(2)} | ${(1000 / frame).toFixed(2)} | ${((100 * pass) / frame).toFixed(1)} % |`;
  return [
    `${STYLE} in ${precision}, ${frames} frames of moving noise and shapes, H.264 in and out: decoding, painting, encoding (preset`,
    'veryfast) and joining together, beside `stylize` of one frame again and again in the same process.',
    '',
    '| Size | bare pass, fps | film, fps | film / bare |',
    '|---|---:|---:|---:|',
    ...rows.map(cells),
    '',
    ...rows.map((row) => {
      const share = row.pass / row.frame;
      const verdict = share >= TARGET ? 'reached' : 'not reached';
      return targetLine(
        `film at ${row.size} ≥ ${100 * TARGET} % of the bare pass`,
        `${(100 * share).toFixed(1)} %`,
        verdict,
      );
    }),
  ].join('\n');
}

async function measure(size: string, precision: Precision, frames: number): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'fast-style-bench-'));
  const { checkpoint } = await openStyle(STYLE);
  const stylizer = new Stylizer(checkpoint, { precision });
  try {
    const from = join(folder, 'from.mp4');
    const source = `testsrc2=s=${size}:r=25,noise=alls=12:allf=t`;
    const made = await runTool(ffmpegProgram(), [
      ...[
        '-v',
        'error',
        '-f',
        'lavfi',
        '-i',
        source,
        '-frames:v',
        String(frames),
        '-pix_fmt',
        'yuv420p',
        from,
      ],
    ]);
    if (made.code !== 0) throw new Error(`ffmpeg cannot make the clip: ${made.complaint}`);
    const passes = barePasses(stylizer, size);
    const { input, facts } = await openVideo(from, {});
    const { width, height } = facts;
    const output = videoOutput(join(folder, 'to.mp4'), undefined);
    const request = { input, facts, output, width, height, preset: 'veryfast', audio: true } as const;
    const plan = planFilm(request, await ffmpegAbilities());
    let began = 0;
    await makeFilm(plan, {
      ...{ key: {}, overwrite: true, signal: new AbortController().signal },
      painter: async () => {
        const painter = new PlainPainter(stylizer);
        // The stylizer is used again below.
        return Object.assign(painter, { dispose: () => {} });
      },
      onBegin: () => {
        began = performance.now();
      },
      onFrame: () => {},
    });
    const frame = (performance.now() - began) / frames;
    return { size, pass: median([...passes, ...barePasses(stylizer, size)]), frame };
  } finally {
    stylizer.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of each pass, after two that compile and allocate. */
function barePasses(stylizer: Stylizer, size: string): number[] {
  const [width = 0, height = 0] = size.split('x').map(Number);
  const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 2654435761) >>> 24);
  const times: number[] = [];
  for (let i = -2; i < PASSES; i++) {
    const started = performance.now();
    stylizer.stylize({ pixels, width, height });
    if (i >= 0) times.push(performance.now() - started);
  }
  return times;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await videoSection());
