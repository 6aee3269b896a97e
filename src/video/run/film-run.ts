/** A run of `video` from its call to its end: what can fail is tried before the first frame is painted. Prints nothing. */
import { ffmpegAbilities } from '../../data/ffmpeg.ts';
import { STANDARD } from '../../data/photo/source.ts';
import type { Rational } from '../../data/video/facts.ts';
import { type OpenedVideo, openVideo } from '../../data/video/open-video.ts';
import { refuseToReplace, videoOutput } from '../../data/video/output.ts';
import { parseTime } from '../../data/video/probe.ts';
import { requireWhole } from '../../infer/choose-plan.ts';
import { workingSize } from '../../infer/finish/look.ts';
import { openLook } from '../../paint/open-look.ts';
import { ConfigError, expected, VideoCutError } from '../../system/errors.ts';
import { type FilmPlan, planFilm } from '../film-plan.ts';
import { type FilmOutcome, makeFilm, partsFolder, streamFilm } from '../make-film.ts';
import { parseRate, refuseOddPairs, scaledSize, type VideoCall } from './call.ts';
import {
  checkpointsOf,
  type FilmManner,
  type NamedFilmStyle,
  openFilmStyles,
  openVideoPainter,
  painterKey,
} from './painter.ts';

/** The caller of a film, while it runs. */
export interface FilmHooks {
  /** Takes a line on what is not as in the source, and on progress. */
  readonly say: (line: string) => void;
  /** The sheet of `preview` is written. */
  readonly onPreview?: (path: string) => void;
  /** Called when painting begins: what ends it after the current frame. */
  readonly signal: () => AbortSignal;
  /** @param total frames, if they are known. @param done those of them that were there before. */
  readonly onBegin?: (total: number | undefined, done: number) => void;
  /** @param total frames, if they are known. */
  readonly onFrame?: (done: number, total: number | undefined) => void;
  /** A continued film has to be decoded from its beginning. */
  readonly onSeekRefused?: () => void;
}

/** What came of a film. */
export interface PaintedFilm {
  readonly out: string;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
  /** Stopped: the same call continues after `kept` frames, which are in the folder `parts`. */
  readonly isStopped: boolean;
  readonly kept: number;
  readonly parts: string;
  /** What was wrong with the video, a line each. */
  readonly faults: readonly string[];
  /** There where the video was not whole. */
  readonly cut?: VideoCutError;
}

/** Stands for --out where there is but a preview. */
const NOWHERE = 'preview.mkv';

/**
 * Paints a film, or shows some frames of it, or both.
 *
 * @returns undefined for a preview alone.
 * @throws {ConfigError} a value that cannot be used. {CheckpointError} the style does not exist. {FileError} something is in the way, or
 *   cannot be written. {ImageError} the video cannot be read.
 */
export async function paintFilmOf(call: VideoCall, hooks: FilmHooks): Promise<PaintedFilm | undefined> {
  const { video, out, overwrite, preview } = call;
  refuseOddPairs(call);
  const rate = call.fps === undefined ? undefined : parseRate(call.fps);
  const look = await openLook(call);
  const output = videoOutput(out ?? NOWHERE, call.codec, call.format);
  if (out !== undefined && out !== STANDARD && !overwrite) await refuseToReplace(output);
  const styles = await openFilmStyles(call);
  const abilities = await ffmpegAbilities();
  const opened = await openVideo(video, { format: call.inputFormat, rate });
  try {
    const plan = await planFilm({ ...requestOf(call, opened, rate), output }, abilities);
    if (preview !== undefined) {
      const { requirePreview } = await import('./preview.ts');
      await requirePreview(preview, plan, overwrite);
    }
    if (out !== undefined) for (const word of plan.words) hooks.say(word);
    for (const { style } of styles)
      for (const checkpoint of checkpointsOf(style))
        requireWhole(checkpoint, workingSize(plan, look ?? {}), 'choose a smaller --scale');
    const { choosePrecision } = await import('../../engine/precision.ts');
    const manner = { look, precision: await choosePrecision(call.precision), steady: call.steady };
    if (preview !== undefined) {
      const { writePreview } = await import('./preview.ts');
      await writePreview(preview, plan, styles, manner);
      hooks.onPreview?.(preview);
    }
    return out === undefined ? undefined : await paint(plan, styles[0]!, manner, hooks, overwrite);
  } finally {
    await opened.dispose();
  }
}

/** What to paint, by the options. */
function requestOf(call: VideoCall, { input, facts }: OpenedVideo, read: Rational | undefined) {
  const { crf, preset, audio } = call;
  const start = call.start === undefined ? undefined : parseTime(call.start, '--start');
  const duration = call.duration === undefined ? undefined : parseTime(call.duration, '--duration');
  if (duration === 0) throw new ConfigError(expected('a --duration of more than nothing', call.duration));
  // Of pictures in a row it is the rate at which they are read.
  const rate = input.kind === 'pictures' ? undefined : read;
  return { input, facts, ...scaledSize(facts, call.scale), rate, start, duration, crf, preset, audio };
}

async function paint(
  plan: FilmPlan,
  { style }: NamedFilmStyle,
  manner: FilmManner,
  { say, signal, onBegin, onFrame, onSeekRefused }: FilmHooks,
  overwrite: boolean,
): Promise<PaintedFilm> {
  const { path: out } = plan.output;
  const { width, height, frames: total } = plan;
  const until = signal();
  const started = performance.now();
  const make = out === STANDARD ? streamFilm : makeFilm;
  const outcome = await make(plan, {
    key: await painterKey(style, manner),
    overwrite,
    signal: until,
    painter: () => openVideoPainter(style, manner),
    onBegin: (done) => {
      if (done > 0) say(`Continuing after ${done} finished frames.`);
      onBegin?.(total, done);
    },
    onFrame: (done) => onFrame?.(done, total),
    ...(onSeekRefused === undefined ? {} : { onSeekRefused }),
  });
  const { frames, isStopped, kept } = outcome;
  const seconds = (performance.now() - started) / 1000;
  const parts = partsFolder(out);
  return { out, frames, width, height, seconds, isStopped, kept, parts, ...faultsOf(outcome, plan) };
}

function faultsOf(
  { frames, decoded }: FilmOutcome,
  plan: FilmPlan,
): Pick<PaintedFilm, 'faults'> & { readonly cut?: VideoCutError } {
  if (decoded === undefined) return { faults: [] };
  const { damaged, fitted, isCut, code, complaint } = decoded;
  const { name, width, height } = plan.facts;
  const faults: string[] = [];
  if (damaged > 0)
    faults.push(`${damaged} damaged ${damaged === 1 ? 'frame was' : 'frames were'} repaired while decoding.`);
  if (fitted > 0)
    faults.push(
      `${fitted} ${fitted === 1 ? 'frame was' : 'frames were'} not ${width}×${height} like the first and were fitted in.`,
    );
  if (!isCut && code === 0) return { faults };
  const reason = complaint === '' ? '' : ` (${complaint})`;
  const cut = new VideoCutError(
    `${name} ends early${reason}: its ${frames} frames are painted into ${plan.output.path}.`,
  );
  return { faults, cut };
}
