/** Films: frames per second of the whole pipeline compared with those of the bare forward pass at the same size. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Precision } from '../../src/engine/compile/compile.ts';
import { choosePrecision } from '../../src/engine/precision.ts';
import { openStyle } from '../../src/infer/open-style.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import { targetLine } from '../sections.ts';
import { median } from '../statistics.ts';
import { makeClip } from './material.ts';
import { barePasses, paintFilmOnce, planOf } from './ours.ts';

/** Width, height, and frames of a film: enough that starting and joining do not count. */
const FILMS = [
  [640, 360, 120],
  [1280, 720, 40],
] as const;
const STYLE = 'great-wave';
/** What the pipeline may lose of the bare pass. */
const TARGET = 0.9;
/** Turns, each of bare passes and a film: the machine's speed changes within minutes. */
const TURNS = 3;
const PASSES = 10;

interface Measured {
  readonly size: string;
  /** Milliseconds of a pass, pixels to pixels. */
  readonly pass: number;
  /** Milliseconds of a frame of a film, from the command's beginning to the finished file. */
  readonly frame: number;
  /** Of the turns, the median. */
  readonly share: number;
}

/** The section: a table and its targets. @param share of the frames that are painted, for a quick look. */
export async function throughputSection(share = 1): Promise<string> {
  const precision = await choosePrecision('auto');
  const rows: Measured[] = [];
  for (const [width, height, frames] of FILMS)
    rows.push(await measure(width, height, precision, Math.round(share * frames)));
  const cells = ({ size, pass, frame, share }: Measured) =>
    `| ${size} | ${(1000 / pass).toFixed(2)} | ${(1000 / frame).toFixed(2)} | ${(100 * share).toFixed(1)} % |`;
  return [
    `${STYLE} in ${precision}, ${TURNS} films of ${FILMS.map(([, , frames]) => frames).join(' and ')} frames of a moving camera, H.264 in and out: decoding, painting, encoding`,
    `(preset veryfast) and joining together, in turns with ${PASSES} times \`stylize\` of one frame in the same process; medians.`,
    '',
    '| Size | bare pass, fps | film, fps | film / bare |',
    '|---|---:|---:|---:|',
    ...rows.map(cells),
    '',
    ...rows.map(({ size, share }) =>
      targetLine(
        `film at ${size} ≥ ${100 * TARGET} % of the bare pass`,
        `${(100 * share).toFixed(1)} %`,
        share >= TARGET ? 'reached' : 'not reached',
      ),
    ),
  ].join('\n');
}

async function measure(
  width: number,
  height: number,
  precision: Precision,
  frames: number,
): Promise<Measured> {
  const size = `${width}x${height}`;
  const folder = await mkdtemp(join(tmpdir(), 'fast-style-bench-'));
  const { checkpoint } = await openStyle(STYLE);
  const stylizer = new StyleNetwork(checkpoint, { precision });
  try {
    const plan = await planOf(await makeClip(folder, size, frames), folder);
    const turns: { pass: number; frame: number }[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      const before = barePasses(stylizer, width, height, PASSES / 2);
      const frame = (await paintFilmOnce(plan, stylizer)).whole / frames;
      turns.push({ frame, pass: median([...before, ...barePasses(stylizer, width, height, PASSES / 2)]) });
    }
    return {
      size,
      pass: median(turns.map(({ pass }) => pass)),
      frame: median(turns.map(({ frame }) => frame)),
      share: median(turns.map(({ pass, frame }) => pass / frame)),
    };
  } finally {
    stylizer.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await throughputSection());
