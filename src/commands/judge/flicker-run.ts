/** `flicker`: paints or reads frames, measures them, prints. */
import type { Picture } from '../../picture.ts';
import type { ExactFlicker } from '../../quality/exact-motion.ts';
import type { FilmFlicker } from '../../quality/film-flicker.ts';
import { ConfigError, expected, FastStyleError, ImageError } from '../../system/errors.ts';
import { STEADY_CHOICES, type SteadyChoice } from '../../video/steady/setting.ts';
import { printJson } from '../shared/json-lines.ts';
import type { FlickerArguments } from './flicker.ts';

/** A film, or one way of painting it, measured. */
export interface MeasuredFilm extends FilmFlicker {
  readonly name: string;
  /** Films whose motion is known exactly; absent for what was not painted here. */
  readonly exact?: readonly ExactFlicker[];
}

export interface FlickerReport {
  readonly video: string;
  readonly style?: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly cuts: number;
  /** The film itself first. */
  readonly films: readonly MeasuredFilm[];
}

/** One way of painting. */
interface Way {
  readonly name: string;
  paint(frame: Picture): Picture;
  restart(): void;
  dispose(): void;
}

/** @throws {ConfigError | FastStyleError} as its options and the files say. */
export async function measureFlicker(args: FlickerArguments): Promise<void> {
  const { video, style, painted, scale, start, frames, json } = args;
  requireNumber('--scale', scale, 32);
  requireNumber('--frames', frames, 2);
  if (!(start >= 0)) throw new ConfigError(expected('seconds of at least 0 for --start', start));
  if ((style === undefined) === (painted === undefined))
    throw new ConfigError(
      expected('either --style or --painted', style === undefined ? 'neither' : 'both', 'give one of them'),
    );
  const choices = steadyChoices(args.steady);
  const { ffmpegAbilities } = await import('../../data/ffmpeg.ts');
  const { videoFrames } = await import('../../data/video/open-video.ts');
  const options = { longSide: scale, start, frames, abilities: await ffmpegAbilities() };
  const film = videoFrames(video, options);
  const ways = style === undefined ? [] : await openWays(style, choices, args);
  const other = painted === undefined ? undefined : videoFrames(painted, options);
  try {
    const report = await measure(args, film, ways, other);
    if (json) printJson({ ...report });
    else process.stdout.write(flickerTable(report));
  } finally {
    for (const way of ways) way.dispose();
    await film.return(undefined);
    await other?.return(undefined);
  }
}

async function measure(
  { video, style, painted, frames }: FlickerArguments,
  film: AsyncGenerator<Picture>,
  ways: readonly Way[],
  other: AsyncGenerator<Picture> | undefined,
): Promise<FlickerReport> {
  const { FlickerMeter } = await import('../../quality/film-flicker.ts');
  const { exactFlicker } = await import('../../quality/exact-motion.ts');
  const { progressBar } = await import('../shared/progress-bar.ts');
  const meter = new FlickerMeter();
  const bar = progressBar({ label: 'Frames', total: frames });
  let first: Picture | undefined;
  let count = 0;
  const exact = new Map<string, readonly ExactFlicker[]>();
  try {
    for await (const frame of film) {
      if (first === undefined) {
        first = frame;
        for (const way of ways) exact.set(way.name, await exactFlicker(frame, way.paint, way.restart));
        for (const way of ways) way.restart();
      }
      const versions = [frame, ...ways.map((way) => way.paint(frame))];
      if (other !== undefined) {
        const { value } = (await other.next()) as { value: Picture | undefined };
        // The shorter film tells how far both go.
        if (value === undefined) break;
        if (value.width !== frame.width || value.height !== frame.height)
          throw new ImageError(
            expected(
              `frames of ${frame.width}×${frame.height} in ${painted}`,
              `${value.width}×${value.height}`,
              `give the painted version of ${video}`,
            ),
          );
        versions.push(value);
      }
      meter.add(frame, versions);
      bar.update(++count);
    }
  } finally {
    bar.stop();
  }
  if (first === undefined || count < 2)
    throw new FastStyleError(expected(`at least 2 frames in ${video}`, count, 'choose another --start'));
  const names = ['film', ...ways.map(({ name }) => name), ...(painted === undefined ? [] : [painted])];
  const films = meter.results().map((found, i): MeasuredFilm => {
    const known = exact.get(names[i]!);
    return { name: names[i]!, ...found, ...(known === undefined ? {} : { exact: known }) };
  });
  const { width, height } = first;
  return { video, ...(style && { style }), width, height, frames: count, cuts: meter.cuts, films };
}

async function openWays(
  style: string,
  choices: readonly SteadyChoice[],
  { precision }: FlickerArguments,
): Promise<readonly Way[]> {
  const { openStyle } = await import('../../infer/open-style.ts');
  const { requireWhole } = await import('../../infer/choose-plan.ts');
  const { checkpoint } = await openStyle(style);
  const { choosePrecision } = await import('../../engine/precision.ts');
  const { openSyncFilmPainter } = await import('../../video/steady/open-film-painter.ts');
  const chosen = await choosePrecision(precision);
  return choices.map((name): Way => {
    const painter = openSyncFilmPainter(checkpoint, name, undefined, { precision: chosen });
    const fresh = painter.memory();
    let fits = 0;
    return {
      name,
      paint: (frame) => {
        if (fits !== frame.width * frame.height) requireWhole(checkpoint, frame, 'choose a smaller --scale');
        fits = frame.width * frame.height;
        return painter.paint(frame, 0);
      },
      restart: () => {
        if (fresh !== undefined) painter.recall(fresh);
      },
      dispose: () => painter.dispose(),
    };
  });
}

function steadyChoices(text: string): readonly SteadyChoice[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const isChoice = (name: string): name is SteadyChoice => STEADY_CHOICES.some((one) => one === name);
  if (names.every(isChoice)) return names;
  throw new ConfigError(expected(`some of ${STEADY_CHOICES.join(', ')} for --steady`, text));
}

function requireNumber(option: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ConfigError(expected(`a whole number of at least ${least} for ${option}`, value));
}

/** The figures as text: first of the film's own motion, as estimated, then of motion known exactly. */
function flickerTable({ video, style, width, height, frames, cuts, films }: FlickerReport): string {
  const scenes = cuts === 0 ? 'one scene' : `${cuts + 1} scenes`;
  const of = style === undefined ? '' : `, painted in ${style}`;
  const head = `${video}: ${frames} frames of ${width}×${height}, ${scenes}${of}\n`;
  const painted = films.slice(1);
  const plain = painted.find(({ name }) => name === 'off');
  const real = [
    ['', 'e_stab', 'of plain', 'long range', 'of plain', 'still', 'brightness', 'texture'],
    ...films.map((one) => [
      one.name,
      one.short.toFixed(4),
      share(one, plain, 'short'),
      one.long.toFixed(4),
      share(one, plain, 'long'),
      one.still.toFixed(2),
      one.brightness.toFixed(3),
      one.texture.toFixed(1),
    ]),
  ];
  const text = `${head}\n${aligned(real)}`;
  const exact = painted.filter((one) => one.exact !== undefined);
  if (exact.length === 0) return text;
  const names = exact[0]!.exact!.map(({ name }) => name);
  const rows = [
    ['', ...names],
    ...exact.map((one) => [
      one.name,
      ...one.exact!.map(({ rms, amplification }) =>
        amplification === undefined ? rms.toFixed(2) : `${rms.toFixed(2)} (×${amplification.toFixed(2)})`,
      ),
    ]),
  ];
  return `${text}\nMotion of the first frame known exactly: what does not follow it, grey levels\n${aligned(rows)}`;
}

function share(one: MeasuredFilm, plain: MeasuredFilm | undefined, pair: 'short' | 'long'): string {
  if (plain === undefined || one.name === 'film' || plain[pair] === 0) return '';
  return `${Math.round((100 * one[pair]) / plain[pair])} %`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}
