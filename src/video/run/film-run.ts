/** A run of `video` from its call to its end: what can fail is tried before the first frame is painted. Prints nothing. */
import { STANDARD } from '../../data/photo/source.ts';
import { VideoCutError } from '../../system/errors.ts';
import type { FilmPlan } from '../film-plan.ts';
import { type FilmOutcome, makeFilm, partsFolder, streamFilm } from '../make-film.ts';
import type { VideoCall } from './call.ts';
import { mannerOf, openFilmByCall } from './open-film.ts';
import { type FilmManner, type NamedFilmStyle, openVideoPainter, painterKey } from './painter.ts';

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

/**
 * Paints a film, or shows some frames of it, or both.
 *
 * @returns undefined for a preview alone.
 * @throws {ConfigError} a value that cannot be used. {CheckpointError} the style does not exist. {FileError} something is in the way, or
 *   cannot be written. {ImageError} the video cannot be read.
 */
export async function paintFilmOf(call: VideoCall, hooks: FilmHooks): Promise<PaintedFilm | undefined> {
  const { out, overwrite, preview } = call;
  const film = await openFilmByCall(call);
  const { plan, styles } = film;
  try {
    if (preview !== undefined) {
      const { requirePreview } = await import('./preview.ts');
      await requirePreview(preview, plan, overwrite);
    }
    if (out !== undefined) for (const word of plan.words) hooks.say(word);
    const manner = await mannerOf(film, call);
    if (preview !== undefined) {
      const { writePreview } = await import('./preview.ts');
      await writePreview(preview, plan, styles, manner);
      hooks.onPreview?.(preview);
    }
    return out === undefined ? undefined : await paint(plan, styles[0]!, manner, hooks, overwrite);
  } finally {
    await film.dispose();
  }
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

/** What was wrong with the source, a line each, and the error where it was not whole. */
export function faultsOf(
  { frames, decoded }: Pick<FilmOutcome, 'frames' | 'decoded'>,
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
