/** The source, the styles and the plan of a film, opened by its call. */
import { ffmpegAbilities } from '../../data/ffmpeg-abilities.ts';
import { STANDARD } from '../../data/photo/source.ts';
import type { Rational } from '../../data/video/facts.ts';
import { type OpenedVideo, openVideo } from '../../data/video/open-video.ts';
import { refuseToReplace, videoOutput } from '../../data/video/output.ts';
import { parseTime } from '../../data/video/probe.ts';
import { requireWhole } from '../../infer/choose-plan.ts';
import { type Look, workingSize } from '../../infer/finish/look.ts';
import { openLook } from '../../paint/open-look.ts';
import { ConfigError, expected } from '../../system/errors.ts';
import { type FilmPlan, planFilm } from '../film-plan.ts';
import { parseRate, refuseOddPairs, scaledSize, type VideoCall } from './call.ts';
import { checkpointsOf, type FilmManner, type NamedFilmStyle, openFilmStyles } from './painter.ts';

/** A film that can be painted. */
export interface OpenedFilm {
  readonly plan: FilmPlan;
  /** For a film one; for a preview alone several. */
  readonly styles: readonly NamedFilmStyle[];
  readonly look: Look | undefined;
  /** Takes away what was stored of the source. */
  dispose(): Promise<void>;
}

/** Stands for --out where there is but a preview. */
const NOWHERE = 'preview.mkv';

/**
 * Opens a film by its call, and tries what can fail before a frame is painted. Caller disposes.
 *
 * @throws {ConfigError} a value that cannot be used. {CheckpointError} the style does not exist. {FileError} something is in the way.
 *   {ImageError} the video cannot be read.
 */
export async function openFilmByCall(call: VideoCall): Promise<OpenedFilm> {
  const { video, out, overwrite } = call;
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
    return { plan, styles, look, dispose: () => opened.dispose() };
  } catch (error) {
    await opened.dispose();
    throw error;
  }
}

/** What to paint, by the options. */
function requestOf(call: VideoCall, { input, facts }: OpenedVideo, read: Rational | undefined) {
  const { crf, preset, audio } = call;
  const start = call.start === undefined ? undefined : parseTime(String(call.start), '--start');
  const duration = call.duration === undefined ? undefined : parseTime(String(call.duration), '--duration');
  if (duration === 0) throw new ConfigError(expected('a --duration of more than nothing', call.duration));
  // Of pictures in a row it is the rate at which they are read.
  const rate = input.kind === 'pictures' ? undefined : read;
  return { input, facts, ...scaledSize(facts, call.scale), rate, start, duration, crf, preset, audio };
}

/**
 * How the film is painted on this machine. Loads TensorFlow.
 *
 * @throws {ConfigError} there is not enough memory for a frame.
 */
export async function mannerOf(
  { plan, styles, look }: OpenedFilm,
  { precision, steady }: Pick<VideoCall, 'precision' | 'steady'>,
): Promise<FilmManner> {
  for (const { style } of styles)
    for (const checkpoint of checkpointsOf(style))
      requireWhole(checkpoint, workingSize(plan, look ?? {}), 'choose a smaller --scale');
  const { choosePrecision } = await import('../../engine/precision.ts');
  return { look, precision: await choosePrecision(precision), steady };
}
